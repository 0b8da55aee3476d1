"""Looking at jobs: one owner's, or everybody's for an administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select

from goviral.kit.db.repository import Repository
from goviral.kit.errors import ConflictError, InputError
from goviral.kit.jobs.models import FINISHED, Job, JobState
from goviral.kit.paging import DEFAULT_LIMIT, Page

ERROR = "error"
"""The API's word for a job that failed for good: the state `dead`."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs; None: any. `created_from` is included, `created_to` is not."""

    status: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    name: str | None = None
    queue: str | None = None
    subject: str | None = None

    def where(self, *, with_status: bool = True) -> list[ColumnElement[bool]]:
        """The conditions. Raises `InputError` for a status that is none."""
        found: list[ColumnElement[bool]] = []
        if self.status is not None and with_status:
            found.append(Job.state == state_of(self.status))
        if self.created_from is not None:
            found.append(Job.created_at >= self.created_from)
        if self.created_to is not None:
            found.append(Job.created_at < self.created_to)
        for column, value in ((Job.name, self.name), (Job.queue, self.queue)):
            if value is not None:
                found.append(column == value)
        if self.subject is not None:
            found.append(Job.subject == self.subject)
        return found


def state_of(status: str) -> JobState:
    """The state a word of the API means. Raises `InputError`."""
    if status in (ERROR, "failed"):
        return JobState.DEAD
    try:
        return JobState(status)
    except ValueError as error:
        words = ", ".join([*JobState, ERROR])
        raise InputError(f"No job is {status!r}.", remedy=f"Use one of {words}.") from error


class JobRepository(Repository[Job]):
    """Jobs of one owner. Those of nobody (the schedule's) only `EVERYONE` sees."""

    model = Job
    noun = "job"

    def matching(
        self, wanted: JobFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
    ) -> Page[Job]:
        """Jobs newest first."""
        return self.page(*wanted.where(), cursor=cursor, limit=limit)

    def totals(self, wanted: JobFilter) -> dict[str, int]:
        """How many there are of each state, whatever state `wanted` names; all states are there."""
        inner = self.rows().where(*wanted.where(with_status=False)).subquery()
        counted = select(inner.c.state, func.count()).group_by(inner.c.state)
        found = dict(self.session.execute(counted).tuples().all())
        return {state.value: found.get(state.value, 0) for state in JobState}

    def remove(self, job_id: str) -> Job:
        """Forget a finished job. Raises `NotFoundError`; `ConflictError` while it waits or runs."""
        job = self.get(job_id)
        if job.state not in FINISHED:
            raise ConflictError(f"The job {job.id} is {job.state}.", remedy="Cancel it first.")
        self.delete(job)
        return job

    def forget(self, subjects: Sequence[str]) -> int:
        """Forget the finished jobs about any of `subjects`; how many there were."""
        about = self.rows().where(Job.subject.in_(subjects), Job.state.in_(FINISHED))
        ids = self.session.scalars(about.with_only_columns(Job.id)).all()
        self.session.execute(delete(Job).where(Job.id.in_(ids)))
        return len(ids)
