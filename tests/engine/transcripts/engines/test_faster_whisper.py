from pathlib import Path

import numpy as np
import pytest

from engine.transcripts.engines.conftest import RATE_HZ, Speech, write_wave
from engine.transcripts.engines.tiny_whisper import TOKEN_S, build_random, build_scripted
from engine.transcripts.made import check_invariants, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engines.faster_whisper import FasterWhisper
from goviral.kit.errors import CancelledError, DependencyError, InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span

SAID = " Hello world, this is a test. The quick brown fox jumps over the lazy dog."
SILENCE_S = 40


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_scripted(tmp_path_factory.mktemp("models") / "scripted", SAID)


@pytest.fixture(scope="module")
def two_stretches(tmp_path_factory: pytest.TempPathFactory, speech: Speech) -> Path:
    """Nine seconds of speech, forty of silence, nine of speech."""
    silence = np.zeros(SILENCE_S * RATE_HZ, np.float32)
    sound = np.concatenate([speech(Span(0, 9_000)), silence, speech(Span(20_000, 29_000))])
    return write_wave(tmp_path_factory.mktemp("sound") / "two.wav", sound)


def transcribe(
    path: Path,
    model: Path | str,
    *,
    language: str | None = None,
    progress: SilentProgress | None = None,
    hints: tuple[str, ...] = (),
) -> Transcript:
    transcript = FasterWhisper(Settings(GOVIRAL_OFFLINE=True)).transcribe(
        path,
        language=language,
        model=str(model),
        progress=progress or SilentProgress(),
        cancelled=lambda: False,
        hints=hints,
    )
    check_invariants(transcript)
    return transcript


class TestScriptedModel:
    def test_names_that_may_be_heard_stand_before_what_is_heard(
        self, scripted: Path, two_stretches: Path
    ) -> None:
        """The scripted model reads its script by position alone: a prompt before it moves it away."""
        named = transcribe(two_stretches, scripted, hints=("Kubernetes", "Ada Lovelace"))
        assert "Hello world, this is a test." not in texts(named)

    def test_says_its_script_in_every_stretch_of_speech(
        self, scripted: Path, two_stretches: Path
    ) -> None:
        transcript = transcribe(two_stretches, scripted)
        assert texts(transcript) == 2 * [
            "Hello world, this is a test.",
            "The quick brown fox jumps over the lazy dog.",
        ]
        assert transcript.language == "en"
        assert transcript.engine == "faster-whisper scripted"
        assert not transcript.words_estimated
        assert transcript.warnings == ()

    def test_words_have_the_times_of_the_source(self, scripted: Path, two_stretches: Path) -> None:
        words = transcribe(two_stretches, scripted).words
        half = len(words) // 2
        first, second = words[:half], words[half:]
        assert first[0].start_ms < 1_000
        assert 48_500 < second[0].start_ms < 51_000
        for a, b in zip(first, second, strict=True):
            assert b.start_ms - a.start_ms == second[0].start_ms - first[0].start_ms

    def test_a_token_lasts_as_long_as_the_script_says(
        self, scripted: Path, two_stretches: Path
    ) -> None:
        words = [w for w in transcribe(two_stretches, scripted).words if w.start_ms < 10_000]
        jumps, dog = words[10], words[14]
        assert (jumps.text, dog.text) == ("jumps", "dog.")
        assert dog.start_ms - jumps.start_ms == pytest.approx(4 * TOKEN_S * 1000, abs=60)
        assert all(0.9 < w.probability <= 1 for w in words if w.probability is not None)

    def test_progress_reaches_the_end(self, scripted: Path, two_stretches: Path) -> None:
        class Recorded(SilentProgress):
            def __init__(self) -> None:
                super().__init__()
                self.total: float | None = None
                self.done: list[float] = []

            def start(self, stage: str, total: float | None = None) -> None:
                self.total = total

            def advance(self, stage: str, done: float) -> None:
                self.done.append(done)

        progress = Recorded()
        transcribe(two_stretches, scripted, progress=progress)
        assert progress.total == pytest.approx(58_000, abs=50)
        assert progress.done == sorted(progress.done)
        assert progress.done[-1] <= progress.total

    def test_an_hour_needs_no_more_memory_than_a_batch(self, scripted: Path) -> None:
        from goviral.engine.transcripts.engines import faster_whisper

        assert faster_whisper._BATCH * 30 * RATE_HZ * 4 < 20 << 20


class TestMultilingualModel:
    def test_its_language_is_found_out(self, tmp_path: Path, two_stretches: Path) -> None:
        said = " Guten Tag zusammen. Das ist alles."
        model = build_scripted(tmp_path / "german", said, language="de")
        transcript = transcribe(two_stretches, model)
        assert transcript.language == "de"
        assert texts(transcript)[:2] == ["Guten Tag zusammen.", "Das ist alles."]


class TestRandomModel:
    def test_babble_keeps_the_invariants(self, tmp_path: Path, speech: Speech) -> None:
        """What is babbled depends on the processor's rounding; some seeds say nothing on some."""
        path = write_wave(tmp_path / "short.wav", speech(Span(0, 3_000)))
        heard = [self._words(tmp_path, path, seed) for seed in range(4)]
        assert any(heard)

    @staticmethod
    def _words(folder: Path, path: Path, seed: int) -> int:
        model = build_random(folder / str(seed), seed=seed)
        try:
            return len(transcribe(path, model).words)
        except InputError as error:
            if "Nobody speaks" in error.message:
                return 0
            raise


class TestRefusals:
    def test_nobody_speaks(self, scripted: Path, tmp_path: Path) -> None:
        hum = 0.1 * np.sin(np.arange(5 * RATE_HZ) * 2 * np.pi * 50 / RATE_HZ)
        path = write_wave(tmp_path / "hum.wav", hum.astype(np.float32))
        with pytest.raises(InputError, match=r"Nobody speaks in hum\.wav"):
            transcribe(path, scripted)

    def test_a_folder_without_a_model(self, tmp_path: Path, two_stretches: Path) -> None:
        with pytest.raises(InputError, match="no Whisper model in"):
            transcribe(two_stretches, tmp_path)

    def test_a_model_that_is_broken(self, tmp_path: Path, two_stretches: Path) -> None:
        (tmp_path / "model.bin").write_bytes(b"not a model")
        with pytest.raises(DependencyError, match="cannot be loaded"):
            transcribe(two_stretches, tmp_path)

    def test_a_language_the_model_does_not_know(self, scripted: Path, two_stretches: Path) -> None:
        with pytest.raises(InputError, match="does not know the language 'de'"):
            transcribe(two_stretches, scripted, language="de")

    def test_stopped_by_the_user(self, scripted: Path, two_stretches: Path) -> None:
        with pytest.raises(CancelledError):
            FasterWhisper(Settings(GOVIRAL_OFFLINE=True)).transcribe(
                two_stretches,
                language=None,
                model=str(scripted),
                progress=SilentProgress(),
                cancelled=lambda: True,
            )
