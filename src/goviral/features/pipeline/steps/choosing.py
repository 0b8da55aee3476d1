"""Moments worth clipping, found and kept as rows, best first."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from goviral.engine.moments.moment import Moment as Found
from goviral.engine.moments.moment import Reason
from goviral.engine.studio.stages import Stages
from goviral.engine.studio.workspace import Workspace
from goviral.features.library.library import Library
from goviral.features.library.models import Moment, MomentState
from goviral.features.pipeline import events
from goviral.features.pipeline.recorder import Noted
from goviral.features.pipeline.steps.hearing import signals_of, transcript_of
from goviral.features.pipeline.work import Work
from goviral.kit.ids import new_id


def choose(work: Work, noted: Noted) -> None:
    """Find moments, unless there are some. Those somebody selected, rejected or rendered stay."""
    with work.library() as (_, library):
        known = library.moments.of_video(work.video_id)
    if known and not work.wishes.choose_again:
        noted.skip(f"{len(known)} were found before")
        return
    transcript = transcript_of(work)
    wishes = work.wishes.moments.for_engine(work.wishes.language)
    with Workspace(work.folder / "moments") as workspace:
        stages = Stages(work.tools, workspace, work.context.part(0.45, 0.5))
        found = stages.find(transcript, signals_of(work), wishes)
    with work.library() as (session, library):
        kept = keep_moments(session, library, work.video_id, found)
        told = {"moments": len(kept)}
        events.announce(session, events.MOMENTS_READY, work.run, told)
    noted.facts |= told


def keep_moments(
    session: Session, library: Library, video_id: str, found: Sequence[Found]
) -> list[Moment]:
    """Write `found` down in place of what nobody touched; a span that is there already stays one row."""
    library.videos.get(video_id)
    there = {(row.start_ms, row.end_ms): row for row in library.moments.of_video(video_id)}
    rows = []
    for rank, moment in enumerate(found, 1):
        row = there.pop((moment.span.start_ms, moment.span.end_ms), None)
        if row is None:
            row = library.moments.add(
                Moment(id=new_id("mom"), video_id=video_id, **columns(moment))
            )
        row.rank = rank
        rows.append(row)
    for span, old in list(there.items()):
        if old.state == MomentState.PROPOSED and not library.clips.of_moment(old.id):
            library.moments.delete(old)
            del there[span]
    for number, row in enumerate(there.values(), len(rows) + 1):
        row.rank = number
    session.flush()
    return rows


def columns(moment: Found) -> dict[str, Any]:
    """A found moment as its row has it."""
    return {
        "start_ms": moment.span.start_ms,
        "end_ms": moment.span.end_ms,
        "score": moment.score,
        "scorecard": asdict(moment.scorecard),
        "title": moment.title,
        "hook": moment.hook,
        "quote": moment.quote,
        "category": moment.category,
        "speaker": moment.speaker,
        "origin": moment.origin,
        "reasons": [_reason(reason) for reason in moment.reasons],
        "platforms": moment.platforms,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    span = reason.span
    return {
        "feature": reason.feature,
        "text": reason.text,
        "weight": reason.weight,
        "start_ms": span.start_ms if span else None,
        "end_ms": span.end_ms if span else None,
    }
