"""What the service answers, as frozen values. Fields of a newer service are ignored."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Value(BaseModel):
    """Base: frozen, takes what it knows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Listing(Value, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None


class Video(Value):
    """A video: new, ready, failed or expired."""

    id: str
    title: str
    state: str
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    size_bytes: int = 0
    language: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    created_at: datetime


class Upload(Value):
    """An upload: receiving, checking, ready, duplicate, refused or expired."""

    id: str
    state: str
    way: str
    filename: str
    size_bytes: int
    offset: int
    sha256: str | None = None
    duplicate_of: str | None = None
    video_id: str | None = None
    tus_url: str | None = None
    error_code: str | None = None
    error_message: str | None = None


class Moment(Value):
    """A span worth clipping."""

    id: str
    video_id: str
    state: str
    rank: int
    start_ms: int
    end_ms: int
    score: int
    title: str
    hook: str
    quote: str
    category: str
    reasons: list[Any]
    version: int


class Clip(Value):
    """A clip: planned, rendering, ready or failed."""

    id: str
    video_id: str
    moment_id: str | None = None
    state: str
    title: str
    version: int
    output_path: str | None = None
    size_bytes: int = 0
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    error_code: str | None = None
    error_message: str | None = None


class SignedUrl(Value):
    """A link to a file, and until when it works."""

    url: str
    expires_at: datetime


class Removed(Value):
    """What a deletion took away."""

    subject: str
    records: dict[str, int]
    files: int
    bytes: int


class Stage(Value):
    """One stage of a run."""

    stage: str
    state: str
    attempts: int
    started_at: datetime
    finished_at: datetime | None = None
    facts: dict[str, Any] = {}
    error_code: str | None = None
    error_message: str | None = None


class ModelRun(Value):
    """One call to a model; `outcome` is `ok` or an error's code."""

    id: str
    run_id: str
    stage: str
    purpose: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    audio_ms: int
    cost_micro_usd: int | None = None
    latency_ms: int
    attempts: int
    outcome: str
    created_at: datetime


class ModelRuns(Listing[ModelRun]):
    """A page of calls to models, and the sums of all: runs, tokens, sound, cost."""

    totals: dict[str, int]


class Run(Value):
    """A pipeline run: queued, running, succeeded, failed or cancelled."""

    id: str
    video_id: str
    state: str
    stage: str | None = None
    progress: float
    error_code: str | None = None
    error_message: str | None = None
    stages: list[Stage] = []

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it."""
        return self.state in ("succeeded", "failed", "cancelled")


class Job(Value):
    """Background work, as administrators see it."""

    id: str
    name: str
    queue: str
    status: str
    attempts: int
    progress: float
    stage: str | None = None
    subject: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    log: str = ""


class Jobs(Listing[Job]):
    """A page of jobs and how many there are of each state."""

    totals: dict[str, int]


class Webhook(Value):
    """A subscription. `secret` is there only when it was just made."""

    id: str
    url: str
    events: list[str]
    active: bool
    description: str = ""
    disabled_reason: str | None = None
    secret: str | None = None


class Delivery(Value):
    """One delivery of an event, and its tries."""

    id: str
    event_id: str
    event_type: str
    state: str
    attempts: int
    log: list[dict[str, Any]] = []


class Event(Value):
    """Something that happened. `position` is where to go on."""

    id: str
    position: int
    type: str
    subject: str | None = None
    data: dict[str, Any]
    at: datetime


class Health(Value):
    """Whether the service is well: ok, degraded or draining."""

    status: str
    version: str
    uptime_s: float
    queue_length: int | None = None
    checks: dict[str, Any]
