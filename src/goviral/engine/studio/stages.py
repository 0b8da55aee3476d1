"""The stages before rendering, each taken from the workspace when its inputs are unchanged."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from goviral.engine.llm.errors import BudgetSpentError, KeyRejectedError, LlmError
from goviral.engine.media.probe import MediaInfo
from goviral.engine.media.signals import Signals
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.wishes import TranscriptWishes
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import read_transcript
from goviral.engine.transcripts.transcribe import find_sidecar
from goviral.engine.transcripts.words import with_estimated_words
from goviral.kit.errors import InputError
from goviral.kit.files import content_fingerprint
from goviral.kit.progress import Progress

T = TypeVar("T")

# Raise a stage's number when its result changes for the same inputs: old results are then made anew.
VERSIONS = {
    "transcribe": 1,
    "listen": 1,
    "moments": 1,
    "look": 9,
    "loudness": 4,
    "levels": 2,
    "stock": 1,
    "bed": 1,
}


class Stages:
    """Probe, transcribe, listen, find: named in the progress, stored in the workspace."""

    def __init__(self, tools: Tools, workspace: Workspace, progress: Progress) -> None:
        self._tools = tools
        self._workspace = workspace
        self._progress = progress

    def probe(self, source: Path) -> MediaInfo:
        """What is in the file; its warnings are passed on. Never stored: it costs nothing."""
        self._progress.start("probe")
        media = self._tools.probe(source)
        if media.audio is None:
            raise InputError(
                f"{source.name} has no audio track.",
                remedy="Clips are found by what is said: give a file with sound.",
            )
        for warning in media.warnings:
            self._progress.warn(warning)
        self._progress.finish("probe", describe(media))
        return media

    def transcribe(self, media: MediaInfo, wishes: TranscriptWishes) -> Transcript:
        """The given transcript, the one beside the file, or a recogniser's."""
        written = wishes.file or (find_sidecar(media.path) if wishes.engine == "auto" else None)
        inputs: tuple[object, ...] = (
            media.fingerprint,
            content_fingerprint(written) if written else None,
            (wishes.engine, wishes.model, wishes.language),
        )
        if wishes.vocabulary.names and not written:
            inputs += (wishes.vocabulary.names,)  # a recogniser hears otherwise with them in mind

        def make() -> Transcript:
            if written:
                return with_estimated_words(read_transcript(written))
            return with_estimated_words(self._tools.transcribe(media.path, wishes, self._progress))

        transcript = self._take("transcribe", inputs, Transcript, make)
        transcript = wishes.vocabulary.apply(transcript)
        for warning in transcript.warnings:
            self._progress.warn(warning)
        note = f"{len(transcript.words)} words, {transcript.engine}"
        self._progress.finish("transcribe", note)
        return transcript

    def listen(self, media: MediaInfo) -> Signals:
        """Loudness and pauses of the whole source."""
        return self._take(
            "listen",
            (media.fingerprint,),
            Signals,
            lambda: self._tools.listen(media, self._progress),
            by_itself=True,
        )

    def find(self, transcript: Transcript, signals: Signals, wishes: Wishes) -> tuple[Moment, ...]:
        """The moments, best first. A model that fails costs its proposals, not the run."""
        inputs = (transcript, signals, wishes)
        kind = tuple[Moment, ...]
        try:
            moments = self._take(
                "moments",
                (*inputs, self._tools.finder),
                kind,
                lambda: self._tools.find(*inputs),
            )
        except (LlmError, KeyRejectedError, BudgetSpentError) as error:
            self._progress.warn(f"{error} The built-in ranking chooses instead.")
            # Kept under its own name: with the model back, its proposals are asked for again.
            moments = self._take(
                "moments",
                (*inputs, "ranking"),
                kind,
                lambda: self._tools.find(*inputs, alone=True),
            )
        self._progress.finish("moments", f"{len(moments)} found")
        return moments

    def _take(
        self,
        stage: str,
        inputs: tuple[object, ...],
        kind: type[T],
        make: Callable[[], T],
        *,
        by_itself: bool = False,
    ) -> T:
        """`by_itself`: the stage tells its own progress when it really runs."""
        key = (VERSIONS[stage], *inputs)
        known = self._workspace.knows(stage, key)
        if known or not by_itself:
            self._progress.start(stage)
        result = self._workspace.take(stage, key, kind, make)
        if known and by_itself:
            self._progress.finish(stage, "known already")
        return result


def describe(media: MediaInfo) -> str:
    """One short line: length, size, rate."""
    minutes, seconds = divmod(media.duration_ms // 1000, 60)
    length = f"{minutes}:{seconds:02d}"
    if media.video is None:
        return f"{length}, audio only"
    return f"{length}, {media.video.width}x{media.video.height}, {float(media.video.fps):.4g} fps"
