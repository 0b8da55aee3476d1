"""What the pipeline tells the world."""

from typing import Any, Final

from sqlalchemy.orm import Session

from goviral.features.pipeline.models import PipelineRun
from goviral.kit.events.outbox import publish

STARTED: Final = "pipeline.started"
STAGE: Final = "pipeline.stage"
SUCCEEDED: Final = "pipeline.succeeded"
FAILED: Final = "pipeline.failed"
CANCELLED: Final = "pipeline.cancelled"
TRANSCRIPT_READY: Final = "transcript.ready"
MOMENTS_READY: Final = "moments.ready"
MOMENT_REFINED: Final = "moment.refined"
CLIP_READY: Final = "clip.ready"
CLIP_FAILED: Final = "clip.failed"


def announce(
    session: Session, kind: str, run: PipelineRun, data: dict[str, Any] | None = None
) -> None:
    """Publish an event about a run's video; it goes out if and only if the transaction commits."""
    told = {"run_id": run.id, "video_id": run.video_id, **(data or {})}
    publish(session, kind, owner_id=run.owner_id, subject=run.video_id, data=told)
