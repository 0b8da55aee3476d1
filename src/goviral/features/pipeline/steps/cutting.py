"""Moments become clips: planned, rendered, kept; one that fails does not take the others with it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from goviral.engine.clips.planning.ends import clip_span, without_glimpses
from goviral.engine.clips.planning.planner import plan_clip
from goviral.engine.clips.plans.plan import ClipPlan, Removal
from goviral.engine.media.probe import MediaInfo
from goviral.engine.moments.moment import Moment as Found
from goviral.engine.moments.moment import Scorecard
from goviral.engine.studio.pacing import Pacer
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.features.accounts.caps import spend
from goviral.features.accounts.principal import Principal
from goviral.features.library.models import Clip, ClipState, Moment, MomentState
from goviral.features.library.sources import opened_plan, stored_plan
from goviral.features.pipeline import events
from goviral.features.pipeline.recorder import Noted
from goviral.features.pipeline.steps.hearing import probed, transcript_of
from goviral.features.pipeline.work import Work
from goviral.kit.errors import (
    AppError,
    CancelledError,
    InputError,
    ProcessError,
    ResourceError,
)
from goviral.kit.ids import new_id
from goviral.kit.memory import give_back
from goviral.kit.slug import slug
from goviral.kit.storage.keys import clip_key
from goviral.kit.timecode import Span

_FROM, _TO = 0.5, 0.95


def cut(work: Work, noted: Noted) -> None:
    """Make the clip of every moment asked for that has none yet. Raises only where no clip can be made."""
    moments = _wanted(work)
    failed: list[AppError] = []
    made = reused = 0
    with work.film() as film:
        media, transcript = probed(work, film), transcript_of(work)
        cutter = _Cutter(work, media, transcript)
        for number, moment in enumerate(moments):
            work.context.check()
            work.recorder.keep_lock()
            part = _bar(work, number, len(moments))
            try:
                is_new = cutter.make(moment, film, part)
            except (InputError, ProcessError) as error:
                failed.append(error)
                continue
            made, reused = made + is_new, reused + (not is_new)
    noted.facts |= {"made": made, "reused": reused, "failed": len(failed)}
    if failed and not made and not reused:
        raise failed[0]
    if not made and not failed:
        noted.skip("all clips are there")


def _wanted(work: Work) -> Sequence[Moment]:
    with work.library() as (_, library):
        every = library.moments.of_video(work.video_id)
    chosen = work.wishes.moment_ids
    if chosen is not None:
        return [moment for moment in every if moment.id in chosen]
    return [moment for moment in every if moment.state != MomentState.REJECTED]


def _bar(work: Work, number: int, count: int) -> Callable[[float], None]:
    each = (_TO - _FROM) / max(1, count)

    def advance(share: float) -> None:
        work.context.check()
        work.context.report(_FROM + each * (number + min(1.0, share)), "clips")

    return advance


class _Cutter:
    """Makes clips of one film, one at a time."""

    def __init__(self, work: Work, media: MediaInfo, transcript: Transcript) -> None:
        self._work = work
        self._media = media
        self._transcript = transcript
        self._wishes = work.wishes.clips.for_engine()

    def make(self, moment: Moment, film: Path, advance: Callable[[float], None]) -> bool:
        """The clip of a moment; whether it had to be made."""
        clip = self._row(moment)
        if clip.state == ClipState.READY and clip.rendered_version == clip.version:
            return False
        try:
            plan = opened_plan(clip.plan, film) if clip.plan else self._plan(moment, clip, film)
            render(self._work, clip, plan, advance)
        except (CancelledError, ResourceError):
            raise
        except AppError as error:
            clip_failed(self._work, clip, error)
            raise
        finally:
            give_back()
        return True

    def _row(self, moment: Moment) -> Clip:
        """The moment's clip of the wished shape, new where it has none."""
        work = self._work
        with work.library() as (session, library):
            for clip in library.clips.of_moment(moment.id):
                if clip.made_from == self._wished(moment):
                    return clip
            self._spend(session)
            return library.clips.add(
                Clip(
                    id=new_id("clip"),
                    video_id=work.video_id,
                    moment_id=moment.id,
                    title=moment.title,
                    made_from=self._wished(moment),
                )
            )

    def _wished(self, moment: Moment) -> dict[str, object]:
        """What a clip is made of: the same wishes of the same bounds are the same clip."""
        bounds = {"moment": [moment.start_ms, moment.end_ms, *map(dict, moment.removals)]}
        return {**self._work.wishes.clips.model_dump(mode="json"), **bounds}

    def _without_asides(self, plan: ClipPlan, moment: Moment) -> ClipPlan:
        if not moment.removals:
            return plan
        left_out = [Span(each["start_ms"], each["end_ms"]) for each in moment.removals]
        plan = with_removals(plan, left_out)
        return replace(plan, loudness=self._work.tools.measure_played(plan))

    def _spend(self, session: object) -> None:
        work = self._work
        owner = Principal(
            kind="user",
            user_id=work.run.owner_id,
            owner_id=work.run.owner_id,
            roles=frozenset(),
            scopes=frozenset(),
            plan=work.run.plan_name,
            credential_id=work.run.id,
        )
        services = work.services
        spend(session, services.settings.limits, owner, "clips", services.clock())  # type: ignore[arg-type]

    def _plan(self, moment: Moment, clip: Clip, film: Path) -> ClipPlan:
        work = self._work
        found = Span(moment.start_ms, moment.end_ms)
        span = clip_span(found, self._transcript, self._media)
        look = work.tools.look(self._media, span)
        span = without_glimpses(span, found, self._transcript, self._media, look.cuts_ms)
        plan = plan_clip(
            name=f"{moment.rank:02d}-{slug(moment.title, clip.id)}",
            moment=_found(moment),
            span=span,
            media=self._media,
            transcript=self._transcript,
            look=look,
            loudness=work.tools.measure(self._media, span),
            wishes=self._wishes,
        )
        with Workspace(work.folder / "pace") as workspace:
            progress = work.context.part(_FROM, _FROM)
            pacer = Pacer(work.tools, workspace, progress, self._wishes.pace)
            plan = pacer.paced(plan, self._media, self._transcript, look)
        plan = self._without_asides(plan, moment)
        clip.plan = stored_plan(plan, work.video().key or "")
        with work.library() as (_, library):
            library.clips.get(clip.id).plan = clip.plan
        return plan


def with_removals(plan: ClipPlan, left_out: Sequence[Span]) -> ClipPlan:
    """The plan without stretches of its source, beside what it leaves out already."""
    clip = Span(0, plan.span.duration_ms)
    by_hand = [
        Removal(Span(start_ms, end_ms), "hand")
        for span in left_out
        for start_ms in [max(0, span.start_ms - plan.span.start_ms)]
        for end_ms in [min(clip.end_ms, span.end_ms - plan.span.start_ms)]
        if start_ms < end_ms
    ]
    kept = [r for r in plan.removals if not any(r.span.overlap_ms(h.span) for h in by_hand)]
    removals = sorted((*kept, *by_hand), key=lambda removal: removal.span.start_ms)
    return replace(plan, removals=tuple(removals))


def render(work: Work, clip: Clip, plan: ClipPlan, advance: Callable[[float], None]) -> None:
    """Render a plan and keep the film as the clip's. Raises what rendering and storing raise."""
    with work.library() as (_, library):
        library.clips.get(clip.id).state = ClipState.RENDERING.value
    out = work.folder / f"{clip.id}.mp4"
    whole_ms = max(1, plan.span.duration_ms)
    rendered = work.tools.render(plan, out, lambda done_ms: advance(done_ms / whole_ms))
    for note in (*plan.notes, *rendered.notes, *(f.message for f in rendered.findings)):
        work.context.log(f"{plan.name}: {note}")
    if not _is_overtaken(work, clip):
        key = clip_key(clip.id)
        work.services.store.put(key, out, "video/mp4")
        _ready(work, clip, plan, out, key)
    out.unlink()


def _is_overtaken(work: Work, clip: Clip) -> bool:
    """Whether another worker made a newer edit meanwhile, whose film is to stay."""
    with work.library() as (_, library):
        row = library.clips.get(clip.id)
        return row.rendered_version is not None and row.rendered_version > clip.version


def _ready(work: Work, clip: Clip, plan: ClipPlan, out: Path, key: str) -> None:
    digest = hashlib.sha256()
    with out.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    duration_ms = work.tools.probe(out).duration_ms
    with work.library() as (session, library):
        row = library.clips.get(clip.id)
        row.state, row.key, row.output_path = (
            ClipState.READY.value,
            key,
            work.services.store.uri(key),
        )
        row.size_bytes, row.sha256 = out.stat().st_size, digest.hexdigest()
        row.duration_ms, row.rendered_version = duration_ms, clip.version
        row.width, row.height = plan.frame.width, plan.frame.height
        row.used_at = work.services.clock()
        row.error_code = row.error_message = None
        told = {"clip_id": row.id, "moment_id": row.moment_id, "output_path": row.output_path}
        events.announce(session, events.CLIP_READY, work.run, told)


def clip_failed(work: Work, clip: Clip, error: AppError) -> None:
    """Write down why there is no film of a clip, and tell."""
    with work.library() as (session, library):
        row = library.clips.find(clip.id)
        if row is None:
            return
        row.state = ClipState.FAILED.value
        row.error_code, row.error_message = error.code, str(error)
        told = {"clip_id": row.id, "moment_id": row.moment_id, "error_code": error.code}
        events.announce(session, events.CLIP_FAILED, work.run, told)


def _found(moment: Moment) -> Found:
    """A row as the engine knows moments: what planning a clip asks of it."""
    return Found(
        span=Span(moment.start_ms, moment.end_ms),
        score=moment.score,
        scorecard=Scorecard(**moment.scorecard),
        title=moment.title,
        hook=moment.hook,
        quote=moment.quote,
        category=moment.category,  # type: ignore[arg-type]
        speaker=moment.speaker,
    )
