from pathlib import Path

import numpy as np
import pytest

from engine.transcripts.engines.conftest import RATE_HZ, Speech, write_wave
from goviral.engine.transcripts.document import UNHEARD, Transcript
from goviral.engine.transcripts.engines.speech_only import WARNING, SpeechOnly
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats import dump, parse_transcript
from goviral.engine.transcripts.words import with_estimated_words
from goviral.kit.errors import InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span


def listen(path: Path) -> Transcript:
    return SpeechOnly(Settings(GOVIRAL_OFFLINE=True)).transcribe(
        path, language="ja", model=None, progress=SilentProgress(), cancelled=lambda: False
    )


class TestSpeechOnly:
    def test_knows_when_somebody_speaks_and_not_a_word_of_it(
        self, tmp_path: Path, speech: Speech
    ) -> None:
        silence = np.zeros(5 * RATE_HZ, np.float32)
        path = write_wave(tmp_path / "talk.wav", np.concatenate([silence, speech(Span(0, 4_500))]))
        transcript = listen(path)
        assert {sentence.text for sentence in transcript.sentences} == {UNHEARD}
        assert transcript.sentences[0].start_ms == pytest.approx(5_600, abs=200)
        assert transcript.warnings == (WARNING,)
        assert transcript.language == "ja"
        assert with_estimated_words(transcript).words == ()

    def test_its_document_is_read_back(self, tmp_path: Path, speech: Speech) -> None:
        path = write_wave(tmp_path / "talk.wav", speech(Span(0, 4_500)))
        transcript = listen(path)
        assert parse_transcript(Source(dump(transcript, "json"))) == transcript

    def test_silence_is_no_speech(self, tmp_path: Path) -> None:
        path = write_wave(tmp_path / "silence.wav", np.zeros(RATE_HZ, np.float32))
        with pytest.raises(InputError, match="Nobody speaks"):
            listen(path)
