"""Clips that are said to be rendered although nobody does: their worker died, was stopped or gave up."""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from goviral.features.library.models import Clip, ClipState
from goviral.features.pipeline.models import PipelineRun, RunState
from goviral.kit.jobs.models import ACTIVE, Job

_OPEN = (RunState.QUEUED.value, RunState.RUNNING.value)


def put_down(session: Session, video_id: str | None = None) -> int:
    """Say of each what is true: its film of before is there, or it is only planned. How many."""
    where: list[ColumnElement[bool]] = [
        Clip.state == ClipState.RENDERING.value,
        ~exists().where(PipelineRun.video_id == Clip.video_id, PipelineRun.state.in_(_OPEN)),
        ~exists().where(Job.subject == Clip.id, Job.state.in_(ACTIVE)),
    ]
    if video_id is not None:
        where.append(Clip.video_id == video_id)
    clips = session.scalars(select(Clip).where(*where)).all()
    for clip in clips:
        clip.state = (ClipState.READY if clip.key else ClipState.PLANNED).value
    return len(clips)
