"""The rows of background work: jobs and ticks of the schedule."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base, Identified

QUEUES = ("media", "ai", "publish", "uploads", "webhooks", "default")
"""Every queue there is. A worker of one kind of machine (GPU, network) serves one of them."""

WAITING_QUEUES = frozenset({"webhooks"})
"""Their jobs wait for somebody else's answer: Celery runs them in threads, a process each would cost memory."""

Payload = dict[str, Any]
"""What a job is given and what it leaves: plain JSON."""

DEFAULT_PRIORITY = 100
LOG_CHARACTERS = 8_000
MESSAGE_CHARACTERS = 2_000


class JobState(StrEnum):
    """A job that failed and will be tried again is `queued` with `attempts > 0`."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)
FINISHED = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)

_QUEUED = text("state = 'queued'")
_RUNNING = text("state = 'running'")
_ACTIVE = text("state IN ('queued', 'running')")


class Job(Identified, Base):
    """One piece of background work: the only truth about it. Changed by `jobs.ledger` alone.

    `lease_until`: a running job whose lease is over has lost its worker. `worker` and `attempts`
    together fence: who no longer holds them can change nothing. `sent_at`: when a broker was last told.
    `request_id` and `traceparent`: of the request that made it.
    """

    __tablename__ = "jobs"

    owner_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    queue: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int] = mapped_column(default=DEFAULT_PRIORITY)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    run_at: Mapped[datetime] = mapped_column(default=utc_now)
    sent_at: Mapped[datetime | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    worker: Mapped[str | None] = mapped_column(String(120))
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    stage: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    log: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any] | None] = mapped_column()
    unique_key: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(64))
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    request_id: Mapped[str | None] = mapped_column(String(64))
    traceparent: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        Index(
            "ix_jobs_due",
            "queue",
            "priority",
            "run_at",
            "id",
            postgresql_where=_QUEUED,
            sqlite_where=_QUEUED,
        ),
        Index("ix_jobs_lease", "lease_until", postgresql_where=_RUNNING, sqlite_where=_RUNNING),
        Index(
            "uq_jobs_active_key",
            "unique_key",
            unique=True,
            postgresql_where=_ACTIVE,
            sqlite_where=_ACTIVE,
        ),
        Index("ix_jobs_state_created", "state", "created_at"),
        Index("ix_jobs_owner_id", "owner_id"),
        Index("ix_jobs_subject", "subject"),
    )


class ScheduleTick(Base):
    """The last tick of an entry of the schedule for which a job was made."""

    __tablename__ = "schedule_ticks"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_tick: Mapped[datetime] = mapped_column()
