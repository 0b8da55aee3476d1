"""What the studio needs from outside, behind one protocol; `LocalTools` is this machine."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from goviral.engine.clips.pace.music_bed import read_bed
from goviral.engine.clips.pace.pace import Bed
from goviral.engine.clips.pace.stock import StockFolder, read_stock
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.clips.plans.source import loudness_of
from goviral.engine.clips.render.played_loudness import played_loudness
from goviral.engine.clips.render.render import Order, RenderedClip, render_clip, render_together
from goviral.engine.clips.thumbnails.thumbnails import make_clip_thumbnails
from goviral.engine.llm.client import LlmClient
from goviral.engine.llm.runs import RunLog
from goviral.engine.media.audio import listen, span_levels
from goviral.engine.media.detector import FaceDetector, face_models_dir, find_detector
from goviral.engine.media.encoder_choice import EncoderChoice
from goviral.engine.media.encoders import X264
from goviral.engine.media.face_mesh import FaceMesh
from goviral.engine.media.ffmpeg import Ffmpeg, find_ffmpeg
from goviral.engine.media.look import Look, look
from goviral.engine.media.loudness import loudness_gain
from goviral.engine.media.probe import MediaInfo, probe
from goviral.engine.media.signals import Levels, Signals
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.proposals import rule_of
from goviral.engine.studio.wishes import TranscriptWishes
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.transcribe import transcribe
from goviral.kit.errors import AppError, ProcessError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span

Cancelled = Callable[[], bool]


class Tools(Protocol):
    """One method a stage. Each may raise any `AppError`; none keeps state between calls.

    `finder` names who chooses moments: another finder's choice is not taken up again.
    """

    finder: str

    def probe(self, path: Path) -> MediaInfo:
        """What is in the file."""

    def transcribe(self, path: Path, wishes: TranscriptWishes, progress: Progress) -> Transcript:
        """What is said in it."""

    def listen(self, media: MediaInfo, progress: Progress) -> Signals:
        """What is heard besides words."""

    def find(
        self, transcript: Transcript, signals: Signals, wishes: Wishes, *, alone: bool = False
    ) -> tuple[Moment, ...]:
        """The moments, best first; `alone` without a model. Raises `llm.errors` where one is asked."""

    def look(self, media: MediaInfo, span: Span) -> Look:
        """What is seen in a span; a look without sightings where there is no picture."""

    def measure(self, media: MediaInfo, span: Span) -> Loudness:
        """The gain that brings a span to the target loudness."""

    def measure_played(self, plan: ClipPlan) -> Loudness:
        """The gain that brings what a plan plays to the target loudness: after cuts, with music."""

    def levels(self, media: MediaInfo, span: Span) -> Levels:
        """How loud a span is, finely."""

    def stock(self, folder: Path) -> StockFolder:
        """The B-roll in a folder."""

    def bed(self, music: Path) -> Bed:
        """A piece of music and its loudness."""

    def render(
        self, plan: ClipPlan, out: Path, on_progress: Callable[[float], None]
    ) -> RenderedClip:
        """Make the clip; `on_progress` gets the milliseconds done."""

    def render_together(
        self, orders: Sequence[Order], on_progress: Callable[[float], None]
    ) -> "tuple[RenderedClip | AppError, ...]":
        """Make clips of the same frames; one that fails its check is its own error in the result."""
        return tuple(self._one(order, on_progress) for order in orders)

    def _one(self, order: Order, on_progress: Callable[[float], None]) -> "RenderedClip | AppError":
        try:
            return self.render(order.plan, order.out, on_progress)
        except ProcessError as error:
            return error

    def thumbnail(self, plan: ClipPlan, out: Path) -> None:
        """Make the clip's plain still `out`, and those with words beside it."""


class LocalTools(Tools):
    """ffmpeg, PyAV, OpenCV and the recognisers of this machine.

    Calls to models are written into `runs`, whatever becomes of them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        llm: LlmClient | None = None,
        cancelled: Cancelled = lambda: False,
        runs: RunLog | None = None,
    ) -> None:
        self._runs = runs if runs is not None else RunLog()
        self._settings = settings
        self._llm = llm
        self._cancelled = cancelled
        self.finder = settings.llm.model if llm else "ranking"

    @cached_property
    def _ffmpeg(self) -> Ffmpeg:
        return find_ffmpeg(self._settings)

    @cached_property
    def _encoders(self) -> EncoderChoice:
        return EncoderChoice(self._ffmpeg, self._settings.encoder, self._settings.cache_dir)

    @cached_property
    def _detector(self) -> FaceDetector:
        return find_detector(self._settings)

    @cached_property
    def _mesh(self) -> FaceMesh | None:
        return FaceMesh.from_folder(face_models_dir(self._settings))

    def tell_encoder(self, progress: Progress) -> None:
        """Say so where the encoder asked for cannot be used."""
        if self._settings.encoder == X264.name:
            return
        note = self._encoders.note()
        if note:
            progress.warn(note)

    @override
    def probe(self, path: Path) -> MediaInfo:
        return probe(path)

    @override
    def transcribe(self, path: Path, wishes: TranscriptWishes, progress: Progress) -> Transcript:
        return transcribe(
            path,
            engine=wishes.engine,
            model=wishes.model,
            language=wishes.language,
            settings=self._settings,
            progress=progress,
            cancelled=self._cancelled,
            hints=wishes.vocabulary.names,
            runs=self._runs,
        )

    @override
    def listen(self, media: MediaInfo, progress: Progress) -> Signals:
        return listen(media.path, progress)

    @override
    def find(
        self, transcript: Transcript, signals: Signals, wishes: Wishes, *, alone: bool = False
    ) -> tuple[Moment, ...]:
        llm = None if alone else self._llm
        rule = replace(rule_of(self._settings), runs=self._runs)
        return find_moments(transcript, signals, wishes, llm=llm, proposals=rule)

    @override
    def look(self, media: MediaInfo, span: Span) -> Look:
        return look(media, span, self._detector, mesh=self._mesh)

    @override
    def measure(self, media: MediaInfo, span: Span) -> Loudness:
        sound = media.audio
        stream, mono = (sound.index, sound.channels == 1) if sound else (None, False)
        return loudness_of(loudness_gain(self._ffmpeg, media.path, span, stream=stream, mono=mono))

    @override
    def measure_played(self, plan: ClipPlan) -> Loudness:
        return played_loudness(self._ffmpeg, plan)

    @override
    def levels(self, media: MediaInfo, span: Span) -> Levels:
        return span_levels(media.path, span)

    @override
    def stock(self, folder: Path) -> StockFolder:
        return read_stock(folder)

    @override
    def bed(self, music: Path) -> Bed:
        return read_bed(self._ffmpeg, music)

    @override
    def render(
        self, plan: ClipPlan, out: Path, on_progress: Callable[[float], None]
    ) -> RenderedClip:
        return render_clip(
            plan,
            out,
            ffmpeg=self._ffmpeg,
            on_progress=on_progress,
            cancelled=self._cancelled,
            encoders=self._encoders,
        )

    @override
    def render_together(
        self, orders: Sequence[Order], on_progress: Callable[[float], None]
    ) -> tuple[RenderedClip | AppError, ...]:
        return render_together(
            orders,
            ffmpeg=self._ffmpeg,
            on_progress=on_progress,
            cancelled=self._cancelled,
            encoders=self._encoders,
        )

    @override
    def thumbnail(self, plan: ClipPlan, out: Path) -> None:
        make_clip_thumbnails(plan, out)
