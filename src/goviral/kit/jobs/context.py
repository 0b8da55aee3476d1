"""What a running job knows and may say: its id, its progress, its log, whether to stop."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from goviral.kit.clock import utc_now
from goviral.kit.db.database import Database
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.jobs.models import LOG_CHARACTERS, Job
from goviral.kit.jobs.patience import has_patience
from goviral.kit.jobs.queue import Queue


class StopReason(StrEnum):
    """Why a running job is asked to stop."""

    CANCEL = "cancel"
    """Somebody cancelled it."""
    TIMEOUT = "timeout"
    """It took longer than its task may."""
    DRAIN = "drain"
    """Its worker shuts down: the job is given back and another worker runs it."""
    LOST = "lost"
    """Its lease is over and another worker may have it: nothing it does counts any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a running job is, as its row will say."""

    progress: float
    stage: str | None
    log: str


class JobContext:
    """One try of one job. Thread-safe: the job's threads write, the lease keeper reads."""

    def __init__(
        self,
        job: Job,
        *,
        database: Database,
        queue: Queue,
        services: Any = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job_id = job.id
        self.name = job.name
        self.owner_id = job.owner_id
        self.subject = job.subject
        self.attempt = job.attempts
        self.max_attempts = job.max_attempts
        self.worker = job.worker
        self.request_id = job.request_id
        self.traceparent = job.traceparent
        self.in_queue = job.queue
        self.thread_id = threading.get_ident()
        self.database = database
        self.queue = queue
        self.services = services
        """What the composition root gave the runner for its jobs."""
        self.progress = JobProgress(self, 0.0, 1.0)
        self.started_s = monotonic()
        self._lock = threading.Lock()
        self._stop: StopReason | None = None
        self._put_off_s: float | None = None
        self._standing = Standing(0.0, job.stage, job.log)

    @property
    def is_last_attempt(self) -> bool:
        """No further try follows this one, unless it meets a full disk or no database: see `gives_up`."""
        return self.attempt >= self.max_attempts

    def gives_up(self, error: AppError) -> bool:
        """Whether no further try follows this one where it ends with `error`."""
        if has_patience(error, self.max_attempts):
            return False
        return not error.retryable or self.is_last_attempt

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the job should stop; None while it should not."""
        return self._stop

    @property
    def standing(self) -> Standing:
        """Progress, stage and log at this moment."""
        return self._standing

    def cancelled(self) -> bool:
        """Whether to stop, for whatever reason. Cheap: ask often, and give it to `kit.process.run`."""
        return self._stop is not None

    def check(self) -> None:
        """Raises `CancelledError` when the job should stop."""
        if self._stop is not None:
            raise CancelledError("The job was stopped.")

    def stop(self, reason: StopReason) -> None:
        """Ask the job to stop; the first reason stays, but a lost lease outweighs all."""
        if self._stop is None or reason is StopReason.LOST:
            self._stop = reason

    @property
    def put_off_s(self) -> float | None:
        """For how long the job put itself off; None: it did not."""
        return self._put_off_s

    def put_off(self, delay_s: float) -> None:
        """Run again after `delay_s`, as if this try had not been: say it, then return."""
        self._put_off_s = max(0.0, delay_s)

    def log(self, line: str) -> None:
        """Add a line to the job's log; its last 8,000 characters are kept. No secrets, please."""
        stamp = utc_now().strftime("%H:%M:%S")
        with self._lock:
            was = self._standing
            text = f"{was.log}{stamp} [{self.attempt}] {line.rstrip()}\n"[-LOG_CHARACTERS:]
            self._standing = Standing(was.progress, was.stage, text)

    def report(self, progress: float | None = None, stage: str | None = None) -> None:
        """Say how far the whole job is (0 to 1) and what it does; written within about a second."""
        with self._lock:
            was = self._standing
            done = was.progress if progress is None else min(1.0, max(0.0, progress))
            self._standing = Standing(done, stage or was.stage, was.log)

    def part(self, start: float, end: float) -> "JobProgress":
        """A `Progress` whose stages fill the job's bar from `start` to `end`."""
        return JobProgress(self, start, end)


class JobProgress:
    """`kit.progress.Progress` written to the job: each stage runs from `start` to `end` of the bar."""

    def __init__(self, context: JobContext, start: float, end: float) -> None:
        self._context = context
        self._start = start
        self._end = end
        self._totals: dict[str, float | None] = {}

    def start(self, stage: str, total: float | None = None) -> None:
        self._totals[stage] = total
        self._context.check()
        self._context.report(self._start, stage)

    def advance(self, stage: str, done: float) -> None:
        """Raises `CancelledError` when the job should stop."""
        self._context.check()
        total = self._totals.get(stage)
        if total:
            share = min(1.0, done / total)
            self._context.report(self._start + (self._end - self._start) * share, stage)

    def finish(self, stage: str, note: str = "") -> None:
        self._context.report(self._end, stage)
        if note:
            self._context.log(f"{stage}: {note}")

    def warn(self, message: str) -> None:
        self._context.log(f"warning: {message}")
