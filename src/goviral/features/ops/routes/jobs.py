"""Background work as administrators see it: look, run anew, cancel, forget."""

from typing import Annotated, Any

from fastapi import Path, Query

from goviral.features.accounts.audit import audit
from goviral.features.accounts.deps import Admin, Paged, Reading, Router, Wired, Writing
from goviral.features.ops.schemas import JobList, JobOut
from goviral.kit.db.repository import EVERYONE
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.repository import ERROR, JobFilter, JobRepository
from goviral.kit.telemetry.redaction import redact, redact_fields
from goviral.kit.times import UtcTimeOrDay

router = Router(prefix="/admin/jobs", tags=["jobs"])

JobId = Annotated[str, Path(max_length=64)]
Word = Annotated[str | None, Query(max_length=100)]


@router.get("", response_model=JobList)
def list_jobs(
    session: Reading,
    _by: Admin,
    paging: Paged,
    status: Annotated[
        str | None,
        Query(max_length=20, description="queued, running, succeeded, error or cancelled"),
    ] = None,
    created_from: Annotated[UtcTimeOrDay | None, Query(alias="from")] = None,
    created_to: Annotated[UtcTimeOrDay | None, Query(alias="to")] = None,
    name: Word = None,
    queue: Word = None,
    subject: Word = None,
) -> Any:
    """Everybody's jobs, newest first, and how many there are of each state."""
    wanted = JobFilter(status, created_from, created_to, name, queue, subject)
    jobs = JobRepository(session, EVERYONE)
    page = jobs.matching(wanted, cursor=paging.cursor, limit=paging.limit)
    totals = {_word(state): count for state, count in jobs.totals(wanted).items()}
    items = [_shown(job) for job in page.items]
    return {"items": items, "next_cursor": page.next_cursor, "totals": totals}


@router.get("/{job_id}", response_model=JobOut)
def show_job(job_id: JobId, session: Reading, _by: Admin) -> Any:
    """One job."""
    return _shown(JobRepository(session, EVERYONE).get(job_id))


@router.post("/{job_id}/retry", response_model=JobOut)
def retry_job(job_id: JobId, session: Writing, by: Admin, wired: Wired) -> Any:
    """Run a job anew that failed for good or was cancelled, with all its tries."""
    job = wired.queue.retry(session, job_id)
    audit(session, by, "job.retry", job.id, {"name": job.name}, owner_id=job.owner_id)
    return _shown(job)


@router.post("/{job_id}/cancel", response_model=JobOut)
def cancel_job(job_id: JobId, session: Writing, by: Admin, wired: Wired) -> Any:
    """A waiting job is cancelled at once, a running one within seconds; a finished one stays."""
    job = wired.queue.cancel(session, job_id)
    audit(session, by, "job.cancel", job.id, {"name": job.name}, owner_id=job.owner_id)
    return _shown(job)


@router.delete("/{job_id}", status_code=204)
def delete_job(job_id: JobId, session: Writing, by: Admin) -> None:
    """Forget a finished job; one that waits or runs must be cancelled first."""
    job = JobRepository(session, EVERYONE).remove(job_id)
    audit(session, by, "job.delete", job.id, {"name": job.name}, owner_id=job.owner_id)


def _shown(job: Job) -> dict[str, Any]:
    row = {column.key: getattr(job, column.key) for column in Job.__table__.columns}
    return {
        **row,
        "status": _word(job.state),
        "payload": redact_fields(job.payload),
        "log": redact(job.log),
    }


def _word(state: str) -> str:
    return ERROR if state == JobState.DEAD else str(state)
