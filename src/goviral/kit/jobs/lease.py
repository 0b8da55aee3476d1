"""Keeping the leases of running jobs: one thread a process, a glance a second, a renewal now and then."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from goviral.kit.db.database import Database, told
from goviral.kit.jobs.context import JobContext, Standing, StopReason
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState

log = logging.getLogger(__name__)
_GLANCE_S = 0.5
_RENEWALS_A_LEASE = 4
STUCK_AFTER_S = 60.0
"""A job that does not stop for so long after its time was up holds its thread, but no longer the job."""


@dataclass(slots=True, eq=False)
class _Held:
    """One try. A job lost and claimed again may be held twice for a moment, by two threads of a process."""

    context: JobContext
    timeout_s: float
    renewed_at: datetime
    written: Standing


class LeaseKeeper:
    """Holds the lease of each job between `hold` and its end; carries progress out and wishes in.

    Sees a cancel within about a second. `on_stuck` is told of a job that ignores its time limit.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        *,
        on_stuck: Callable[[JobContext], None],
        draining: Callable[[], bool],
        glance_s: float = _GLANCE_S,
        stuck_after_s: float = STUCK_AFTER_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._on_stuck = on_stuck
        self._draining = draining
        self._glance_s = glance_s
        self._stuck_after_s = stuck_after_s
        self._monotonic = monotonic
        self._held: set[_Held] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def hold(self, context: JobContext, timeout_s: float) -> Iterator[None]:
        """Keep the lease of `context`'s job while the block runs."""
        held = _Held(context, timeout_s, self._ledger.clock(), context.standing)
        with self._lock:
            self._held.add(held)
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(held)

    @property
    def running(self) -> int:
        """How many jobs run in this process."""
        return len(self._held)

    def close(self) -> None:
        """End the thread; leases of jobs still running end by themselves."""
        self._closed.set()
        if self._thread:
            self._thread.join(timeout=10)

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
            self._thread.start()

    def _keep(self) -> None:
        while not self._closed.wait(self._glance_s):
            try:
                self.glance()
            except SQLAlchemyError as error:
                # A database that is away for a while costs nothing: nobody else can take the lease.
                log.warning("leases not renewed: %s", told(error))

    def glance(self) -> None:
        """Look once at every running job: time limit, cancel, lost lease, progress, renewal."""
        with self._lock:
            held = list(self._held)
        # A job younger than a glance is not worth a query.
        old = [one for one in held if self._age_s(one) >= self._glance_s]
        if not old:
            return
        wishes = self._wishes(old)
        for one in old:
            self._stop_when_due(one, wishes.get(one.context.job_id))
            self._write_when_due(one)

    def _wishes(self, held: list[_Held]) -> dict[str, tuple[str | None, int, bool]]:
        ids = [one.context.job_id for one in held]
        columns = select(Job.id, Job.worker, Job.attempts, Job.cancel_requested)
        where = (Job.id.in_(ids), Job.state == JobState.RUNNING)
        with self._database.reading() as session:
            rows = session.execute(columns.where(*where)).all()
        return {row.id: (row.worker, row.attempts, row.cancel_requested) for row in rows}

    def _stop_when_due(self, one: _Held, wish: tuple[str | None, int, bool] | None) -> None:
        context = one.context
        over_s = self._age_s(one) - one.timeout_s
        if wish is None or wish[:2] != (context.worker, context.attempt):
            context.stop(StopReason.LOST)
        elif wish[2]:
            context.stop(StopReason.CANCEL)
        elif over_s > 0:
            context.stop(StopReason.TIMEOUT)
        elif self._draining():
            context.stop(StopReason.DRAIN)
        if over_s > self._stuck_after_s and context.stop_reason is StopReason.TIMEOUT:
            self._on_stuck(context)

    def _write_when_due(self, one: _Held) -> None:
        if one.context.stop_reason is StopReason.LOST:
            return
        # By the clock leases are written by: the one that only runs forward stands still while a machine sleeps.
        now, standing = self._ledger.clock(), one.context.standing
        since_s = (now - one.renewed_at).total_seconds()
        if since_s < self._ledger.lease_s / _RENEWALS_A_LEASE and standing == one.written:
            return
        with self._database.transaction() as session:
            kept = self._ledger.beat(session, one.context, standing)
        if kept:
            one.renewed_at, one.written = now, standing

    def _age_s(self, one: _Held) -> float:
        return self._monotonic() - one.context.started_s
