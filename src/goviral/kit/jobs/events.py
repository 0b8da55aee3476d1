"""What the job table tells the world: that a job of somebody's failed for good."""

from typing import Final

from sqlalchemy.orm import Session

from goviral.kit.events.outbox import publish
from goviral.kit.jobs.models import Job, JobState

JOB_FAILED: Final = "job.failed"
_DELIVERIES = "webhooks."


def tell_failures(session: Session, job: Job) -> None:
    """The ledger's `on_change`: an event when a job with an owner is dead, by whatever it died of.

    Progress is not told: it would be an event a second for every job. Nor deliveries of events: a broken
    one would tell of itself for ever.
    """
    if job.state != JobState.DEAD or job.owner_id is None or job.name.startswith(_DELIVERIES):
        return
    told = {
        "job_id": job.id,
        "name": job.name,
        "code": job.error_code,
        "message": job.error_message,
    }
    publish(session, JOB_FAILED, owner_id=job.owner_id, subject=job.subject, data=told)
