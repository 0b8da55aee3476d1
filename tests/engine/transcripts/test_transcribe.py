import json
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from typing_extensions import override

from engine.transcripts.made import built, texts
from goviral.engine.llm.runs import RunLog
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engine import Cancelled, Engine, NotUnderstoodError
from goviral.engine.transcripts.formats import dump
from goviral.engine.transcripts.transcribe import Registry, find_sidecar, transcribe
from goviral.kit.errors import DependencyError, InputError
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.settings import Settings

SETTINGS = Settings(GOVIRAL_OFFLINE=True)
SRT = "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n"


class Twin(Engine):
    """An engine that says its name, or why it cannot."""

    name = "twin"
    automatic = True
    languages: frozenset[str] | None = None
    needs_network = False
    is_draft = False
    remedy = "Do something."
    obstacle: ClassVar[str | None] = None
    understands = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @override
    def available(self) -> str | None:
        return self.obstacle

    @override
    def transcribe(
        self,
        path: Path,
        *,
        language: str | None,
        model: str | None,
        progress: Progress,
        cancelled: Cancelled,
        hints: Sequence[str] = (),
    ) -> Transcript:
        if not self.understands:
            raise NotUnderstoodError("That is no language it knows.")
        return built(f"{self.name} {language} {model}.")


class Missing(Twin):
    name = "missing"
    obstacle = "The model is not here."


class Dear(Twin):
    name = "dear"
    automatic = False


class EnglishOnly(Twin):
    name = "english"
    languages = frozenset({"en"})


class Deaf(Twin):
    name = "deaf"
    understands = False


def registry(*kinds: type[Twin]) -> Registry:
    return {kind.name: kind for kind in kinds}


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "-a [talk], isn't it? 🎬.mp4"
    path.write_bytes(b"film")
    return path


def beside(media: Path, ending: str, content: str = SRT) -> Path:
    path = media.with_name(media.stem + ending)
    path.write_text(content, encoding="utf-8")
    return path


class TestFindSidecar:
    @pytest.mark.parametrize(
        "ending",
        [
            ".srt",
            ".SRT",
            ".vtt",
            ".en.srt",
            ".pt-BR.vtt",
            ".json3",
            ".whisper.json",
            ".transcript.json",
        ],
    )
    def test_it_is_told_by_its_name(self, talk: Path, ending: str) -> None:
        content = dump(built("Hello."), "json") if ending.endswith(".json") else SRT
        sidecar = beside(talk, ending, content)
        assert find_sidecar(talk) == sidecar

    @pytest.mark.parametrize(
        "ending", [".info.json", ".plan.json", " 2.srt", ".txt", ".notes.srt", "srt", ".mp4.part"]
    )
    def test_other_files_are_none(self, talk: Path, ending: str) -> None:
        beside(talk, ending)
        assert find_sidecar(talk) is None

    def test_a_json_file_without_a_transcript_is_passed_over(self, talk: Path) -> None:
        beside(talk, ".json", json.dumps({"title": "talk"}))
        srt = beside(talk, ".srt")
        assert find_sidecar(talk) == srt

    def test_word_times_are_preferred(self, talk: Path) -> None:
        beside(talk, ".srt")
        whisper = beside(talk, ".json", dump(built("Hello."), "json"))
        assert find_sidecar(talk) == whisper

    def test_the_wanted_language_is_preferred_and_others_are_not_taken(self, talk: Path) -> None:
        german, plain = beside(talk, ".de.srt"), beside(talk, ".srt")
        assert find_sidecar(talk, "de") == german
        assert find_sidecar(talk, "en") == plain
        assert find_sidecar(talk) == plain
        plain.unlink()
        assert find_sidecar(talk, "en") is None

    def test_a_folder_that_is_not_there_has_none(self, tmp_path: Path) -> None:
        assert find_sidecar(tmp_path / "none" / "talk.mp4") is None


class TestAuto:
    def test_the_transcript_beside_the_file_comes_first(self, talk: Path) -> None:
        beside(talk, ".srt")
        transcript = transcribe(talk, settings=SETTINGS, engines=registry(Twin))
        assert texts(transcript) == ["Hello there."]

    def test_the_first_engine_that_can_run_is_taken_and_it_is_said_why(self, talk: Path) -> None:
        progress = SilentProgress()
        transcript = transcribe(
            talk, settings=SETTINGS, progress=progress, engines=registry(Missing, Dear, Twin)
        )
        assert texts(transcript) == ["twin None None."]
        assert progress.warnings == ["The model is not here. Using twin."]

    def test_an_engine_that_does_not_know_the_language_is_passed_over(self, talk: Path) -> None:
        transcript = transcribe(
            talk, language="German", settings=SETTINGS, engines=registry(EnglishOnly, Twin)
        )
        assert texts(transcript) == ["twin de None."]

    def test_one_that_understands_nothing_hands_on(self, talk: Path) -> None:
        progress = SilentProgress()
        transcript = transcribe(
            talk, settings=SETTINGS, progress=progress, engines=registry(Deaf, Twin)
        )
        assert texts(transcript) == ["twin None None."]
        assert progress.warnings == ["That is no language it knows. Using twin."]

    def test_the_last_ones_refusal_is_the_answer(self, talk: Path) -> None:
        with pytest.raises(NotUnderstoodError):
            transcribe(talk, settings=SETTINGS, engines=registry(Deaf))

    def test_no_engine_at_all_is_said(self, talk: Path) -> None:
        progress = SilentProgress()
        with pytest.raises(DependencyError) as error:
            transcribe(talk, settings=SETTINGS, progress=progress, engines=registry(Missing, Dear))
        assert error.value.remedy
        assert progress.warnings == ["The model is not here."]


class TestNamed:
    def test_an_engine_asked_for_is_used_whatever_lies_beside_the_file(self, talk: Path) -> None:
        beside(talk, ".srt")
        transcript = transcribe(
            talk, engine="dear", model="big", settings=SETTINGS, engines=registry(Twin, Dear)
        )
        assert texts(transcript) == ["dear None big."]

    def test_each_engine_that_listened_is_written_down(self, tmp_path: Path) -> None:
        sound, runs = tmp_path / "talk.wav", RunLog()
        with wave.open(str(sound), "wb") as out:
            out.setparams((1, 2, 8000, 0, "NONE", ""))
            out.writeframes(bytes(2 * 8000 * 3))
        transcribe(sound, settings=SETTINGS, engines=registry(Deaf, Missing, Twin), runs=runs)
        told = [(run.provider, run.outcome, run.audio_ms) for run in runs.take()]
        assert told == [("deaf", "speech_not_understood", 3000), ("twin", "ok", 3000)]
        assert runs.runs == ()

    def test_one_nobody_knows_is_refused(self, talk: Path) -> None:
        with pytest.raises(InputError, match="no engine 'magic'") as error:
            transcribe(talk, engine="magic", settings=SETTINGS, engines=registry(Twin, Dear))
        assert "twin, dear" in error.value.remedy

    def test_a_language_nobody_speaks_is_refused(self, talk: Path) -> None:
        with pytest.raises(InputError, match="is not a language"):
            transcribe(talk, language="so-so la", settings=SETTINGS, engines=registry(Twin))
