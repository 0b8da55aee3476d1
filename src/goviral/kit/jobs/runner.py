"""Running one job: claim it, hold its lease, do it, write what became of it."""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError, StatementError

from goviral.kit.db.availability import is_unavailable
from goviral.kit.db.database import Database, told
from goviral.kit.ids import worker_name
from goviral.kit.jobs.context import JobContext, StopReason
from goviral.kit.jobs.lease import STUCK_AFTER_S, LeaseKeeper
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, Payload
from goviral.kit.jobs.outcome import Abandoned, Failed, GivenBack, Outcome, Succeeded, of_failure
from goviral.kit.jobs.patience import FULL_DISK_WAIT_S
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.task import Registry, Task, UnknownTaskError

log = logging.getLogger(__name__)
Around = Callable[[JobContext], AbstractContextManager[Any]]
FINISH_WAITS_S = (0.1, 0.5, 1, 2, 5, 10, 20, 20)
_UNKNOWN_TIMEOUT_S = 60.0


def nothing_around(_context: JobContext) -> AbstractContextManager[None]:
    """The `around` that adds nothing."""
    return nullcontext()


class Runner:
    """Runs jobs of a queue one at a time for each thread that calls `run_next`. Thread-safe.

    `services` reaches every job as `context.services`. `around` wraps each try (log fields, a span).
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        queue: Queue,
        ledger: Ledger,
        *,
        services: Any = None,
        around: Around = nothing_around,
        stuck_after_s: float = STUCK_AFTER_S,
        full_disk_wait_s: float = FULL_DISK_WAIT_S,
        draining: Callable[[], bool] = lambda: False,
        name: str | None = None,
        chance: Callable[[], float] = random.random,
        finish_waits_s: Sequence[float] = FINISH_WAITS_S,
    ) -> None:
        self.database = database
        self.registry = registry
        self.queue = queue
        self.ledger = ledger
        self.name = name or worker_name()
        self._services = services
        self._around = around
        self._on_stuck: Callable[[JobContext], None] = lambda _context: None
        self._chance = chance
        self._full_disk_wait_s = full_disk_wait_s
        self._finish_waits_s = finish_waits_s
        self._drain = threading.Event()
        self._asked_to_drain = draining
        self._keeper = LeaseKeeper(
            database,
            ledger,
            on_stuck=self._abandon,
            draining=self.is_draining,
            stuck_after_s=stuck_after_s,
        )

    def when_stuck(self, call: Callable[[JobContext], None]) -> None:
        """Call `call` when a job is given up because it ignores its time limit; its thread is held."""
        self._on_stuck = call

    @property
    def running(self) -> int:
        """How many jobs run here now."""
        return self._keeper.running

    def is_draining(self) -> bool:
        """Whether running jobs are asked to give themselves back."""
        return self._drain.is_set() or self._asked_to_drain()

    def keep_leases(self) -> None:
        """Renew now what is due: before one's own sweep, after the whole machine slept."""
        self._keeper.glance()

    def drain(self) -> None:
        """Claim nothing more; ask running jobs to stop, they go back into the queue."""
        self._drain.set()

    def close(self) -> None:
        """Hold no lease any more. Jobs still running are another worker's once theirs is over."""
        self._keeper.close()

    def run_next(self, queue: str) -> Job | None:
        """Run the most urgent due job of `queue` to its end and return its row; None: nothing due.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the database does not answer a claim; or, at the end,
        refuses for a minute what is written, or is still away when we drain: the sweeper then finds the job.
        """
        job = self._claim(queue)
        if job is None:
            return None
        context = JobContext(job, database=self.database, queue=self.queue, services=self._services)
        task = self._task(job)
        with self._keeper.hold(context, task.timeout_s if task else _UNKNOWN_TIMEOUT_S):
            outcome = self._try(context, task, job.payload)
            return self._finish(context, outcome)

    def _claim(self, queue: str) -> Job | None:
        if self.is_draining():
            return None
        with self.database.transaction() as session:
            return self.ledger.claim(session, queue, self.name)

    def _task(self, job: Job) -> Task | None:
        try:
            return self.registry.get(job.name)
        except UnknownTaskError:
            return None

    def _try(self, context: JobContext, task: Task | None, payload: Payload) -> Outcome:
        try:
            with self._around(context):
                known = task or self.registry.get(context.name)
                result = known.run(context, payload)
                json.dumps(result)
                return _of_return(context, result)
        except Exception as error:  # noqa: BLE001  the one place where a job's failure is recorded
            _log_failure(context, error)
            return of_failure(
                error,
                stop=context.stop_reason,
                attempts=context.attempt,
                max_attempts=context.max_attempts,
                backoff=task.backoff if task else Task("", lambda *_: None).backoff,
                random=self._chance,
                full_disk_wait_s=self._full_disk_wait_s,
            )

    def _finish(self, context: JobContext, outcome: Outcome) -> Job | None:
        for tries in count(1):
            try:
                return self._write(context, outcome)
            except OperationalError as error:
                log.warning("job %s not written yet: %s", context.job_id, told(error))
                if self._leaves_unwritten(context, error, tries):
                    raise
                time.sleep(self._finish_waits_s[min(tries, len(self._finish_waits_s)) - 1])
            except StatementError as error:
                if isinstance(outcome, Failed):
                    raise
                outcome = Failed("internal", f"Its result cannot be stored: {error.orig}", None)
        raise AssertionError

    def _leaves_unwritten(self, context: JobContext, error: OperationalError, tries: int) -> bool:
        # A restart or a full disk passes; the result of an hour's work is worth the wait. Without a
        # database there is nothing else to do, and left to the sweeper it would cost a try.
        if context.stop_reason is StopReason.LOST:
            return True
        if tries <= len(self._finish_waits_s):
            return False
        return self.is_draining() or not is_unavailable(error)

    def _write(self, context: JobContext, outcome: Outcome) -> Job | None:
        with self.database.transaction() as session:
            job = self.ledger.finish(session, context, outcome)
        if job is None:
            log.warning("job %s was no longer ours at its end", context.job_id)
        return job

    def _abandon(self, context: JobContext) -> None:
        failure = Failed("timeout", "The job ignored its time limit and was given up.", None)
        if context.attempt < context.max_attempts:
            failure = Failed(failure.code, failure.message, 0.0)
        try:
            self._write(context, failure)
        except SQLAlchemyError as error:
            log.warning("job %s not given up yet: %s", context.job_id, told(error))
            return
        context.stop(StopReason.LOST)
        log.error("job %s ignores its time limit and holds its thread", context.job_id)
        self._on_stuck(context)


def _of_return(context: JobContext, result: Payload | None) -> Outcome:
    if context.stop_reason is StopReason.LOST:
        return Abandoned()
    if context.put_off_s is not None:
        return GivenBack(context.put_off_s)
    return Succeeded(result)


def _log_failure(context: JobContext, error: Exception) -> None:
    is_away = isinstance(error, SQLAlchemyError) and is_unavailable(error)
    expected = is_away or context.stop_reason is not None or hasattr(error, "remedy")
    log.warning(
        "job %s (%s) try %d failed: %s",
        context.job_id,
        context.name,
        context.attempt,
        told(error) if isinstance(error, SQLAlchemyError) else error,
        exc_info=None if expected else error,
    )
