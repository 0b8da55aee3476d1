"""Putting work into the background: the promise both queues keep."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from goviral.kit.jobs.models import DEFAULT_PRIORITY, Job, Payload


class Queue(Protocol):
    """Work for later. Thread-safe; `session` is the caller's and decides: no commit, no job."""

    def enqueue(
        self,
        session: Session,
        name: str,
        payload: Payload,
        *,
        owner_id: str | None,
        queue: str | None = None,
        priority: int = DEFAULT_PRIORITY,
        run_at: datetime | None = None,
        unique_key: str | None = None,
        subject: str | None = None,
        max_attempts: int | None = None,
    ) -> Job:
        """A new job in the caller's transaction; workers are woken after its commit.

        Smaller `priority` runs first. While a job with the same `unique_key` waits or runs, that one is
        returned and nothing is added. Raises `UnknownTaskError`.
        """

    def cancel(self, session: Session, job_id: str) -> Job:
        """A waiting job is cancelled at once; a running one is asked to stop and does within seconds.

        A finished one stays as it is. Raises `NotFoundError`.
        """

    def retry(self, session: Session, job_id: str) -> Job:
        """Run a dead or cancelled job anew, with all its tries, now.

        Raises `NotFoundError`, and `ConflictError` for a job that waits, runs or has succeeded.
        """

    def length(self, queue: str | None = None) -> int:
        """How many jobs wait (in one queue, or in all), those for later included."""

    @abstractmethod
    def send(self, jobs: Sequence[Job]) -> None:
        """Tell workers of committed jobs. May fail silently, may be done twice: the row is the truth."""

    @abstractmethod
    def messages(self, queue: str) -> int | None:
        """How many wake-ups wait at the broker; None: there is no broker, or it does not answer."""
