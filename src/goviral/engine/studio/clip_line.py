"""From moments to finished clips: the next clip is looked at while the last one is encoded."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from glob import escape as glob_escape
from pathlib import Path

from goviral.engine.clips.plan import ClipPlan, Loudness
from goviral.engine.clips.plan_json import dump_plan, read_plan
from goviral.engine.clips.planner import ClipWishes, clip_span, plan_clip
from goviral.engine.clips.subtitles import clip_srt
from goviral.engine.media.look import Look
from goviral.engine.media.probe import MediaInfo
from goviral.engine.moments.moment import Moment
from goviral.engine.studio.pacing import Pacer
from goviral.engine.studio.stages import VERSIONS
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.workspace import HIDDEN, Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import AppError, CancelledError, ResourceError
from goviral.kit.files import fingerprint, write_text
from goviral.kit.memory import give_back
from goviral.kit.progress import Progress
from goviral.kit.slug import slug

STAGE = "clips"


@dataclass(frozen=True)
class ClipResult:
    """One clip as it ended: its files, or the error that stopped it."""

    name: str
    moment: Moment
    plan: ClipPlan | None
    video: Path | None
    thumbnail: Path | None
    error: AppError | None = None
    reused: bool = False


class ClipLine:
    """Plans clips on one thread and renders them on others, best moment first.

    One clip's failure is its own result; cancelling stops the line and keeps what is finished.
    """

    def __init__(
        self, tools: Tools, workspace: Workspace, progress: Progress, *, workers: int = 1
    ) -> None:
        self._tools = tools
        self._workspace = workspace
        self._progress = progress
        self._workers = workers
        self._meter = _Meter(progress)
        self._stopped = threading.Event()

    def run(
        self,
        media: MediaInfo,
        transcript: Transcript,
        moments: tuple[Moment, ...],
        wishes: ClipWishes,
        pacer: Pacer,
    ) -> tuple[ClipResult, ...]:
        """Every moment's clip, in the order of `moments`."""
        names = [f"{rank:02d}-{slug(moment.title)}" for rank, moment in enumerate(moments, 1)]
        self._meter.start(moment.span.duration_ms for moment in moments)
        with ThreadPoolExecutor(1) as scout, ThreadPoolExecutor(self._workers) as renderers:
            plans = [
                scout.submit(self._plan, name, moment, media, transcript, wishes, pacer)
                for name, moment in zip(names, moments, strict=True)
            ]
            results = [
                renderers.submit(self._make, name, moment, plan)
                for name, moment, plan in zip(names, moments, plans, strict=True)
            ]
            clips = _gather(results, plans)
        retire_strangers(self._workspace.folder, set(names))
        failed = sum(clip.error is not None for clip in clips)
        self._progress.finish(
            STAGE, f"{len(clips) - failed} made" + f", {failed} failed" * (failed > 0)
        )
        return clips

    def _plan(
        self,
        name: str,
        moment: Moment,
        media: MediaInfo,
        transcript: Transcript,
        wishes: ClipWishes,
        pacer: Pacer,
    ) -> ClipPlan:
        span = clip_span(moment.span, transcript, media)
        key = (media.fingerprint, span)
        look = self._workspace.take(
            "look", (VERSIONS["look"], *key), Look, lambda: self._tools.look(media, span)
        )
        loudness = self._workspace.take(
            "loudness",
            (VERSIONS["loudness"], *key),
            Loudness,
            lambda: self._tools.measure(media, span),
        )
        give_back()
        plan = plan_clip(
            name=name,
            moment=moment,
            span=span,
            media=media,
            transcript=transcript,
            look=look,
            loudness=loudness,
            wishes=wishes,
        )
        return pacer.paced(plan, media, transcript)

    def _make(self, name: str, moment: Moment, planned: "Future[ClipPlan]") -> ClipResult:
        if self._stopped.is_set():
            raise CancelledError("Stopped.")
        files = ClipFiles(self._workspace.folder, name)
        edited: ClipPlan | None = None
        try:
            plan = planned.result()
            edited = None if self._workspace.fresh else files.edited(plan)
            if edited:
                plan = edited
                self._progress.warn(
                    f"{name} was edited and is kept as it is; --fresh makes it anew."
                )
            reused = not self._workspace.fresh and (
                files.hold_edited() if edited else files.hold(plan)
            )
            if not reused:
                self._render(plan, files, made_here=edited is None)
        except (CancelledError, ResourceError):
            self._stopped.set()  # no other clip would fare better
            raise
        except AppError as error:
            if not edited:
                files.discard()
            self._meter.done(name, moment.span.duration_ms)
            return ClipResult(name, moment, None, None, None, error)
        self._meter.done(name, moment.span.duration_ms)
        return ClipResult(name, moment, plan, files.video, files.thumbnail, None, reused)

    def _render(self, plan: ClipPlan, files: "ClipFiles", *, made_here: bool) -> None:
        """The plan is written last: a clip without one is not finished. An edited one stays untouched."""
        if made_here:
            files.plan.unlink(missing_ok=True)
        made = self._tools.render(plan, files.video, lambda ms: self._meter.advance(plan.name, ms))
        for note in (*plan.notes, *made.notes, *(finding.message for finding in made.findings)):
            self._progress.warn(f"{plan.name}: {note}")
        self._tools.thumbnail(plan, files.thumbnail)
        give_back()
        write_text(files.captions, clip_srt(plan))
        if made_here:
            files.write_plan(plan)


class ClipFiles:
    """The files of one clip, `NN-slug.*`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.video = folder / f"{name}.mp4"
        self.thumbnail = folder / f"{name}.jpg"
        self.captions = folder / f"{name}.srt"
        self.plan = folder / f"{name}.plan.json"
        self._made = folder / HIDDEN / f"{name}.made"

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.video, self.thumbnail, self.captions, self.plan)

    def discard(self) -> None:
        """Leave nothing of a clip that failed, nor of the one it was to replace."""
        for path in self.all:
            path.unlink(missing_ok=True)

    def write_plan(self, plan: ClipPlan) -> None:
        """Write the plan, and remember that it was we who wrote it so."""
        text = dump_plan(plan)
        write_text(self._made, fingerprint(text))
        write_text(self.plan, text)

    def edited(self, planned: ClipPlan) -> ClipPlan | None:
        """The plan that somebody changed since it was written, if it can still be used in place of
        `planned`: the same source, and nothing in it that cannot be rendered."""
        if not (self.plan.exists() and self._made.exists()):
            return None
        try:
            if fingerprint(self.plan.read_text("utf-8")) == self._made.read_text("utf-8"):
                return None
            plan = read_plan(self.plan)
        except (UnicodeDecodeError, AppError):
            return None
        return plan if plan.source.fingerprint == planned.source.fingerprint else None

    def hold(self, plan: ClipPlan) -> bool:
        """Whether this very plan was rendered to its end."""
        return all(part.exists() for part in self.all) and self.plan.read_text(
            "utf-8"
        ) == dump_plan(plan)

    def hold_edited(self) -> bool:
        """Whether the clip was rendered since its plan was edited."""
        return (
            all(part.exists() for part in self.all)
            and self.video.stat().st_mtime_ns >= self.plan.stat().st_mtime_ns
        )


def retire_strangers(folder: Path, names: set[str]) -> None:
    """Move clips of earlier wishes into `earlier/`: never mixed with these, never lost."""
    for plan in folder.glob("[0-9][0-9]-*.plan.json"):
        name = plan.name.removesuffix(".plan.json")
        if name in names:
            continue
        shelf = folder / "earlier"
        shelf.mkdir(exist_ok=True)
        for path in folder.glob(f"{glob_escape(name)}.*"):
            path.replace(shelf / path.name)


def _gather(
    results: list["Future[ClipResult]"], plans: list["Future[ClipPlan]"]
) -> tuple[ClipResult, ...]:
    """Wait in order; on cancellation nothing that has not begun begins."""
    try:
        return tuple(result.result() for result in results)
    except BaseException:
        for result in results:
            result.cancel()
        for plan in plans:
            plan.cancel()
        raise


class _Meter:
    """One bar for all clips: milliseconds of clip finished, over milliseconds of clip wanted."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done_ms: dict[str, float] = {}

    def start(self, durations_ms: Iterable[int]) -> None:
        self._progress.start(STAGE, sum(durations_ms))

    def advance(self, name: str, done_ms: float) -> None:
        self._done_ms[name] = done_ms
        self._progress.advance(STAGE, sum(self._done_ms.values()))

    def done(self, name: str, duration_ms: int) -> None:
        self.advance(name, duration_ms)
