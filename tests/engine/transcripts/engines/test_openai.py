from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from engine.transcripts.engines.api_server import Answer, ApiServer, Upload, api_server
from engine.transcripts.engines.conftest import RATE_HZ, write_wave
from engine.transcripts.made import check_invariants, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engines.openai import OpenAiTranscription
from goviral.kit.errors import AppError, CancelledError, DependencyError, InputError, RemoteError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import LlmSettings, Settings


@pytest.fixture(scope="module")
def noise_with_gaps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute and a half of noise, quiet for half a second at 25, 50 and 75 seconds."""
    sound = np.random.default_rng(0).normal(0, 0.1, 90 * RATE_HZ).astype(np.float32)
    for second in (25, 50, 75):
        sound[second * RATE_HZ :][: RATE_HZ // 2] = 0
    return write_wave(tmp_path_factory.mktemp("sound") / "noise.wav", sound)


def spoken(upload: Upload) -> Answer:
    """What the API says of any sound: bare words, a punctuated segment."""
    words = [
        {"word": "So", "start": 1.0, "end": 1.4},
        {"word": "it", "start": 1.4, "end": 1.6},
        {"word": "began", "start": 1.6, "end": 2.0},
    ]
    segments = [{"id": 0, "start": 1.0, "end": 2.0, "text": " So it began."}]
    answer = {"task": "transcribe", "language": "english", "duration": upload.duration_s}
    return 200, {**answer, "text": "So it began.", "words": words, "segments": segments}


def transcribe(server: ApiServer, path: Path, **wishes: Any) -> Transcript:
    llm = LlmSettings(api_key=SecretStr("sk-test"), base_url=server.address)
    engine = OpenAiTranscription(
        Settings(llm=llm), limit_bytes=wishes.pop("limit_bytes", 25_000_000)
    )
    wishes = {"language": None, "model": None, "cancelled": lambda: False, **wishes}
    return engine.transcribe(path, progress=SilentProgress(), **wishes)


class TestOnePiece:
    def test_words_come_back_punctuated_and_timed(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            transcript = transcribe(server, noise_with_gaps)
        check_invariants(transcript)
        assert texts(transcript) == ["So it began."]
        assert [(w.text, w.start_ms, w.end_ms) for w in transcript.words] == [
            ("So", 1000, 1400),
            ("it", 1400, 1600),
            ("began.", 1600, 2000),
        ]
        assert (transcript.language, transcript.engine) == ("en", "openai whisper-1")

    def test_names_that_may_be_heard_are_told(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            transcribe(server, noise_with_gaps, hints=("Kubernetes", "Ada Lovelace"))
        (upload,) = server.uploads
        assert upload.fields["prompt"] == ["Kubernetes, Ada Lovelace"]

    def test_the_request_asks_for_word_times(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            transcribe(server, noise_with_gaps, language="de", model="other")
        (upload,) = server.uploads
        assert upload.fields["response_format"] == ["verbose_json"]
        assert upload.fields["timestamp_granularities[]"] == ["word", "segment"]
        assert "prompt" not in upload.fields
        assert upload.fields["language"] == ["de"]
        assert upload.fields["model"] == ["other"]
        assert upload.authorization == "Bearer sk-test"
        assert upload.duration_s == pytest.approx(90, abs=0.2)

    def test_segments_alone_get_estimated_words(self, noise_with_gaps: Path) -> None:
        def without_words(upload: Upload) -> Answer:
            status, value = spoken(upload)
            return status, {**value, "words": None}

        with api_server(without_words) as server:
            transcript = transcribe(server, noise_with_gaps)
        assert [w.text for w in transcript.words] == ["So", "it", "began."]


class TestPieces:
    def test_a_long_file_is_cut_in_silence_below_the_limit(self, noise_with_gaps: Path) -> None:
        limit = 200_000
        with api_server(spoken) as server:
            transcript = transcribe(server, noise_with_gaps, limit_bytes=limit)
        assert all(upload.size_bytes < limit for upload in server.uploads)
        cuts = [w.start_ms - 1000 for w in transcript.words if w.text == "So"]
        assert cuts[1:] == [pytest.approx(s * 1000 + 250, abs=120) for s in (25, 50, 75)]
        assert sum(u.duration_s for u in server.uploads) == pytest.approx(90, abs=1)
        check_invariants(transcript)

    def test_the_language_of_the_first_is_asked_of_the_others(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            transcribe(server, noise_with_gaps, limit_bytes=200_000)
        asked = [upload.fields.get("language") for upload in server.uploads]
        assert asked == [None, ["en"], ["en"], ["en"]]

    def test_a_piece_in_which_nobody_speaks_is_no_error(self, noise_with_gaps: Path) -> None:
        def every_other(upload: Upload) -> Answer:
            silent = {"text": "", "words": [], "segments": []}
            return spoken(upload) if len(server.uploads) % 2 else (200, silent)

        with api_server(every_other) as server:
            transcript = transcribe(server, noise_with_gaps, limit_bytes=200_000)
        assert texts(transcript) == ["So it began.", "So it began."]


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "kind", "message"),
        [
            (401, DependencyError, "refused the key"),
            (404, DependencyError, "knows no model"),
            (400, InputError, "refused the request"),
        ],
    )
    def test_what_the_user_must_change_is_said_at_once(
        self, noise_with_gaps: Path, status: int, kind: type[AppError], message: str
    ) -> None:
        error = {"error": {"message": "because", "type": "x", "code": None}}
        with api_server(lambda _: (status, error)) as server:
            with pytest.raises(kind, match=message) as raised:
                transcribe(server, noise_with_gaps)
            assert len(server.uploads) == 1
        assert raised.value.remedy

    def test_a_server_in_trouble_is_asked_again(self, noise_with_gaps: Path) -> None:
        def busy_first(upload: Upload) -> Answer:
            busy = {"error": {"message": "busy"}}
            return (503, busy) if len(server.uploads) == 1 else spoken(upload)

        with api_server(busy_first) as server:
            assert texts(transcribe(server, noise_with_gaps)) == ["So it began."]
            assert len(server.uploads) == 2

    def test_a_server_that_is_not_there(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            pass
        with pytest.raises(RemoteError, match="cannot be reached"):
            transcribe(server, noise_with_gaps)

    def test_text_without_times_is_refused(self, noise_with_gaps: Path) -> None:
        with (
            api_server(lambda _: (200, {"text": "So it began."})) as server,
            pytest.raises(InputError, match="without times"),
        ):
            transcribe(server, noise_with_gaps)

    def test_nobody_speaks(self, noise_with_gaps: Path) -> None:
        with (
            api_server(lambda _: (200, {"text": "", "words": [], "segments": []})) as server,
            pytest.raises(InputError, match="Nobody speaks"),
        ):
            transcribe(server, noise_with_gaps)

    def test_without_a_key_nothing_is_sent(self, noise_with_gaps: Path) -> None:
        engine = OpenAiTranscription(Settings(llm=LlmSettings()))
        assert engine.available() == "There is neither OPENAI_API_KEY nor OPENAI_BASE_URL."

    def test_stopped_by_the_user(self, noise_with_gaps: Path) -> None:
        with api_server(spoken) as server:
            with pytest.raises(CancelledError):
                transcribe(server, noise_with_gaps, cancelled=lambda: True)
            assert server.uploads == []
