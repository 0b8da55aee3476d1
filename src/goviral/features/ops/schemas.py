"""What the operator's routes give."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class CheckOut(BaseModel):
    """One check."""

    model_config = ConfigDict(from_attributes=True)

    ok: bool
    took_ms: float
    detail: str = ""


class HealthOut(BaseModel):
    """Whether to send requests here. `degraded` and `draining` come with 503."""

    status: Literal["ok", "degraded", "draining"]
    version: str
    uptime_s: float
    queue_length: int | None = Field(description="Jobs that wait; null: the database is away.")
    oldest_waiting_s: float | None = Field(description="How late the oldest due job is.")
    checks: dict[str, CheckOut] = Field(description="database, redis, storage")


class RootOut(BaseModel):
    """What this is, and where to go on."""

    name: str
    version: str
    links: dict[str, str]


class JobOut(BaseModel):
    """A job as administrators see it. Secrets in `payload` are taken out."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    owner_id: str | None
    name: str
    queue: str
    priority: int
    status: str = Field(description="queued, running, succeeded, error or cancelled")
    subject: str | None
    attempts: int
    max_attempts: int
    progress: float
    stage: str | None
    error_code: str | None
    error_message: str | None
    log: str
    payload: dict[str, Any]
    request_id: str | None
    worker: str | None
    cancel_requested: bool
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobList(BaseModel):
    """Jobs newest first. `totals`: how many of each state the other filters let through."""

    items: list[JobOut]
    next_cursor: str | None = None
    totals: dict[str, int]
