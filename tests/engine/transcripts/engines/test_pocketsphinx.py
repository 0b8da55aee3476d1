import io
import json
from pathlib import Path

import numpy as np
import pytest

from engine.transcripts.engines.conftest import RATE_HZ, Speech, write_wave
from engine.transcripts.made import check_invariants
from goviral.engine.transcripts.engines import sphinx_worker
from goviral.engine.transcripts.engines.pocketsphinx import DRAFT_WARNING, PocketSphinx, tasks
from goviral.kit.errors import CancelledError, DependencyError, InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span

ENGINE = PocketSphinx(Settings(GOVIRAL_OFFLINE=True))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, speech: Speech) -> Path:
    """The first nine seconds of the sample talk: "Nobody walked out of that talk. …"."""
    folder = tmp_path_factory.mktemp("sound with spaces")
    return write_wave(folder / "it's a talk.wav", speech(Span(0, 9_000)))


class TestSpeech:
    def test_is_written_down_as_a_draft_with_word_times(self, talk: Path) -> None:
        transcript = ENGINE.transcribe(
            talk,
            language=None,
            model=None,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )
        check_invariants(transcript)
        said = [word.text for word in transcript.words]
        assert {"nobody", "walked", "out", "of", "that", "problem"} <= set(said)
        first = transcript.words[0]
        assert first.text == "nobody"
        assert first.start_ms == pytest.approx(630, abs=150)
        assert transcript.warnings == (DRAFT_WARNING,)
        assert transcript.language == "en"
        assert all(word.probability is not None for word in transcript.words)

    def test_a_stop_ends_the_processes(self, talk: Path) -> None:
        with pytest.raises(CancelledError):
            ENGINE.transcribe(
                talk,
                language="en",
                model=None,
                progress=SilentProgress(),
                cancelled=lambda: True,
            )


class TestWorker:
    def test_writes_a_line_a_span_with_times_of_the_source(self, talk: Path) -> None:
        out = io.StringIO()
        sphinx_worker.main([str(talk), "[[300, 2700], [3000, 4600]]"], out)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        assert len(lines) == 2
        assert all(300 <= start < end <= 2700 for _, start, end, _ in lines[0])
        assert all(3000 <= start < end <= 4600 for _, start, end, _ in lines[1])

    def test_no_spans_need_no_file(self) -> None:
        assert list(sphinx_worker.hear(Path("none.wav"), [])) == []


class TestTasks:
    def test_keep_order_and_lose_nothing(self) -> None:
        spans = [Span(n * 10_000, n * 10_000 + 8_000) for n in range(100)]
        groups = tasks(spans)
        assert [span for group in groups for span in group] == spans
        assert all(sum(s.duration_ms for s in group) < 100_000 for group in groups)

    def test_none_for_no_speech(self) -> None:
        assert tasks([]) == []


class TestRefusals:
    def test_another_language(self, talk: Path) -> None:
        with pytest.raises(DependencyError, match="English only, not 'ja'"):
            ENGINE.transcribe(
                talk,
                language="ja",
                model=None,
                progress=SilentProgress(),
                cancelled=lambda: False,
            )

    def test_nobody_speaks(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).normal(0, 0.01, 5 * RATE_HZ).astype(np.float32)
        path = write_wave(tmp_path / "noise.wav", noise)
        with pytest.raises(InputError, match="Nobody speaks"):
            ENGINE.transcribe(
                path,
                language=None,
                model=None,
                progress=SilentProgress(),
                cancelled=lambda: False,
            )

    def test_speech_that_is_no_english_is_not_passed_off_as_such(
        self, tmp_path: Path, speech: Speech
    ) -> None:
        backwards = speech(Span(0, 5_000))[::-1].copy()
        path = write_wave(tmp_path / "backwards.wav", backwards)
        with pytest.raises(InputError, match="does not sound like clear English"):
            ENGINE.transcribe(
                path,
                language=None,
                model=None,
                progress=SilentProgress(),
                cancelled=lambda: False,
            )
        promised = ENGINE.transcribe(
            path, language="en", model=None, progress=SilentProgress(), cancelled=lambda: False
        )
        assert "Hardly anything in backwards.wav was understood" in promised.warnings[1]
