"""From moments to finished clips: the next clip is looked at while the last one is encoded."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from goviral.engine.clips.exports.subtitles import clip_srt
from goviral.engine.clips.planning.ends import clip_span, without_glimpses
from goviral.engine.clips.planning.planner import ClipWishes, plan_clip
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.clips.plans.variants import variant_names
from goviral.engine.clips.render.render import Order, RenderedClip, one_decode
from goviral.engine.media.look import Look
from goviral.engine.media.probe import MediaInfo
from goviral.engine.moments.moment import Moment
from goviral.engine.studio.clip_files import ClipFiles, retire_strangers
from goviral.engine.studio.pacing import Pacer
from goviral.engine.studio.stages import VERSIONS
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import AppError, CancelledError, InputError, ResourceError
from goviral.kit.files import write_text
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
        """Every moment's clip in every shape and for every platform wished for, in the order of `moments`."""
        names = [
            variant_names(
                f"{rank:02d}-{slug(moment.title)}", wishes.variants, preview=wishes.preview
            )
            for rank, moment in enumerate(moments, 1)
        ]
        self._meter.start(moment.span.duration_ms for moment in moments)
        with ThreadPoolExecutor(1) as scout, ThreadPoolExecutor(self._workers) as renderers:
            plans = [
                scout.submit(self._plan, shapes, moment, media, transcript, wishes, pacer)
                for shapes, moment in zip(names, moments, strict=True)
            ]
            results = [
                renderers.submit(self._make, shapes, moment, plan)
                for shapes, moment, plan in zip(names, moments, plans, strict=True)
            ]
            clips = _gather(results, plans)
        kept = {name for shapes in names for name in shapes}
        retire_strangers(self._workspace.folder, kept, previews=wishes.preview)
        failed = sum(clip.error is not None for clip in clips)
        self._progress.finish(
            STAGE, f"{len(clips) - failed} made" + f", {failed} failed" * (failed > 0)
        )
        return clips

    def _plan(
        self,
        names: tuple[str, ...],
        moment: Moment,
        media: MediaInfo,
        transcript: Transcript,
        wishes: ClipWishes,
        pacer: Pacer,
    ) -> tuple[ClipPlan, ...]:
        """A plan for each shape: looked at and listened to once."""
        seen = clip_span(moment.span, transcript, media)
        look = self._workspace.take(
            "look",
            (VERSIONS["look"], media.fingerprint, seen),
            Look,
            lambda: self._tools.look(media, seen),
        )
        span = without_glimpses(seen, moment.span, transcript, media, look.cuts_ms)
        loudness = self._workspace.take(
            "loudness",
            (VERSIONS["loudness"], media.fingerprint, span),
            Loudness,
            lambda: self._tools.measure(media, span),
        )
        give_back()
        plans = (
            plan_clip(
                name=name,
                moment=moment,
                span=span,
                media=media,
                transcript=transcript,
                look=look,
                loudness=loudness,
                wishes=wishes.of_variant(one),
            )
            for name, one in zip(names, wishes.variants, strict=True)
        )
        return tuple(pacer.paced(plan, media, transcript, look) for plan in plans)

    def _make(
        self, names: tuple[str, ...], moment: Moment, planned: "Future[tuple[ClipPlan, ...]]"
    ) -> tuple[ClipResult, ...]:
        if self._stopped.is_set():
            raise CancelledError("Stopped.")
        takes: list[_Take] = []
        try:
            takes = [self._taken_up(plan) for plan in planned.result()]
            errors = self._render([take for take in takes if not take.reused])
        except (CancelledError, ResourceError):
            self._stopped.set()  # no other clip would fare better
            raise
        except AppError as error:
            errors = dict.fromkeys(names, error)
        self._meter.done(names[0], moment.span.duration_ms)
        if not takes:
            return tuple(self._failed(name, moment, errors[name]) for name in names)
        return tuple(
            self._failed(take.plan.name, moment, errors[take.plan.name], keep=take.edited)
            if take.plan.name in errors and not take.reused
            else take.result(moment)
            for take in takes
        )

    def _taken_up(self, plan: ClipPlan) -> "_Take":
        """What is there of this clip: finished, edited by hand, or nothing of use."""
        files = ClipFiles(self._workspace.folder, plan.name)
        if self._workspace.fresh:
            return _Take(plan, files)
        edited = self._edited(plan, files)
        if edited is None:
            return _Take(plan, files, reused=files.hold(plan) or self._with_new_stills(plan, files))
        self._progress.warn(f"{plan.name} was edited and is kept as it is; --fresh makes it anew.")
        return _Take(edited, files, edited=True, reused=files.hold_edited())

    def _edited(self, plan: ClipPlan, files: ClipFiles) -> ClipPlan | None:
        """The plan as somebody edited it; one that cannot be used is put aside, and told."""
        try:
            return files.edited(plan)
        except InputError as error:
            files.put_plan_aside()
            self._progress.warn(f"{error} It is in earlier/ now, and {plan.name} is made anew.")
            return None

    def _with_new_stills(self, plan: ClipPlan, files: ClipFiles) -> bool:
        """Whether only the stills of a finished clip had to be made anew, and were."""
        if not files.hold_but_stills(plan):
            return False
        self._tools.thumbnail(plan, files.thumbnail)
        files.write_plan(plan)
        return True

    def _render(self, takes: "list[_Take]") -> dict[str, AppError]:
        """Make what is not there; the errors of those that failed, by name.

        Plans edited apart from each other may no longer show the same frames: then each is decoded alone.
        """
        errors: dict[str, AppError] = {}
        for group in _together(takes):
            errors |= self._render_group(group)
        return errors

    def _render_group(self, takes: "list[_Take]") -> dict[str, AppError]:
        for take in takes:
            if not take.edited:
                take.files.plan.unlink(missing_ok=True)
        orders = [Order(take.plan, take.files.video) for take in takes]
        advance = partial(self._meter.advance, takes[0].plan.name)
        try:
            made = self._tools.render_together(orders, advance)
        except (CancelledError, ResourceError):
            raise
        except AppError as error:
            return {take.plan.name: error for take in takes}
        ended = {
            take.plan.name: self._finish(take, clip) for take, clip in zip(takes, made, strict=True)
        }
        return {name: error for name, error in ended.items() if error}

    def _finish(self, take: "_Take", clip: RenderedClip | AppError) -> AppError | None:
        """The plan is written last: a clip without one is not finished. An edited one stays untouched."""
        if isinstance(clip, AppError):
            return clip
        plan, files = take.plan, take.files
        for note in (*plan.notes, *clip.notes, *(finding.message for finding in clip.findings)):
            self._progress.warn(f"{plan.name}: {note}")
        try:
            self._tools.thumbnail(plan, files.thumbnail)
        except (CancelledError, ResourceError):
            raise
        except AppError as error:
            return error
        give_back()
        write_text(files.captions, clip_srt(plan))
        if not take.edited:
            files.write_plan(plan)
        return None

    def _failed(
        self, name: str, moment: Moment, error: AppError, *, keep: bool = False
    ) -> ClipResult:
        if not keep:
            ClipFiles(self._workspace.folder, name).discard()
        return ClipResult(name, moment, None, None, None, error)


@dataclass(frozen=True)
class _Take:
    """A plan, its files, and what is there of it already."""

    plan: ClipPlan
    files: ClipFiles
    edited: bool = False
    reused: bool = False

    def result(self, moment: Moment) -> ClipResult:
        files = self.files
        return ClipResult(
            self.plan.name, moment, self.plan, files.video, files.thumbnail, None, self.reused
        )


def _together(takes: list[_Take]) -> list[list[_Take]]:
    """Groups that one decode can serve: the same frames of the same source."""
    groups: list[list[_Take]] = []
    for take in takes:
        fitting = (g for g in groups if one_decode(g[0].plan, take.plan))
        group = next(fitting, None)
        if group is None:
            groups.append([take])
        else:
            group.append(take)
    return groups


def _gather(
    results: list["Future[tuple[ClipResult, ...]]"],
    plans: list["Future[tuple[ClipPlan, ...]]"],
) -> tuple[ClipResult, ...]:
    """Wait in order; on cancellation nothing that has not begun begins."""
    try:
        return tuple(clip for result in results for clip in result.result())
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
