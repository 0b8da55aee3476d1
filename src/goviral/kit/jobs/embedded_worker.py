"""Threads of this process that run jobs: all there is on one machine."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from goviral.kit.db.database import told
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.queues.embedded import Bell
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.sweeper import SWEEP_S, Sweeper

log = logging.getLogger(__name__)
DEFAULT_CONCURRENCY: Mapping[str, int] = {
    "media": 1,
    "ai": 2,
    "publish": 2,
    "uploads": 2,
    "webhooks": 8,
    "default": 2,
}
_POLL_S = 0.5
_GIVE_BACK_S = 5.0
_DATABASE_AWAY_S = 1.0


class EmbeddedWorker:
    """Runs jobs in threads: `concurrency` threads for each queue, and one that looks and sweeps."""

    def __init__(
        self,
        runner: Runner,
        bell: Bell,
        sweeper: Sweeper,
        *,
        concurrency: Mapping[str, int] = DEFAULT_CONCURRENCY,
        poll_s: float = _POLL_S,
        sweep_s: float = SWEEP_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.runner = runner
        self._bell = bell
        self._sweeper = sweeper
        self._queues = {queue: count for queue, count in concurrency.items() if count > 0}
        self._poll_s = poll_s
        self._sweep_s = sweep_s
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._threads: dict[threading.Thread, Callable[[], None]] = {}
        self._replaced: set[int] = set()
        runner.when_stuck(self._replace)

    def start(self) -> None:
        """Begin to run jobs; returns at once."""
        self._spawn("jobs-look", self._look)
        for queue, count in self._queues.items():
            for number in range(count):
                self._spawn(f"jobs-{queue}-{number}", partial(self._serve, queue))

    def stop(self, grace_s: float = 30.0) -> bool:
        """Drain: claim nothing more, let running jobs finish for `grace_s`, then give them back.

        Returns whether all threads ended. A job that does not listen keeps its thread (a daemon), and
        is run elsewhere when its lease is over.
        """
        self._stopping.set()
        self._bell.close()
        ended = self._join(grace_s)
        if not ended:
            self.runner.drain()
            ended = self._join(_GIVE_BACK_S)
        self.runner.close()
        return ended

    def _spawn(self, name: str, call: Callable[[], None]) -> None:
        thread = threading.Thread(target=call, name=name, daemon=True)
        self._threads[thread] = call
        thread.start()

    def _join(self, within_s: float) -> bool:
        until_s = self._monotonic() + within_s
        for thread in list(self._threads):
            thread.join(max(0.0, until_s - self._monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self, queue: str) -> None:
        while not self._stopping.is_set() and threading.get_ident() not in self._replaced:
            heard = self._bell.heard(queue)
            try:
                worked = self.runner.run_next(queue) is not None
            except SQLAlchemyError as error:
                log.warning("no database for jobs: %s", told(error))
                self._stopping.wait(_DATABASE_AWAY_S)
                continue
            if not worked:
                self._bell.wait(queue, heard)

    def _replace(self, context: JobContext) -> None:
        # Should the job ever return, its thread ends: the queue has its number again.
        self._replaced.add(context.thread_id)
        self._spawn(f"jobs-{context.in_queue}-again", partial(self._serve, context.in_queue))

    def _revive(self) -> None:
        """A fault of ours ends the thread it happens in, and Python reports it: its queue gets another.

        The job it had is found by the sweeper when its lease is over.
        """
        for thread, call in list(self._threads.items()):
            if not thread.is_alive():
                del self._threads[thread]
                if thread.ident not in self._replaced:
                    self._spawn(thread.name, call)

    def _look(self) -> None:
        swept_s = self._monotonic() - self._sweep_s
        while not self._stopping.wait(self._poll_s):
            try:
                if self._monotonic() - swept_s >= self._sweep_s:
                    self.runner.keep_leases()
                    self._sweeper.sweep()
                    swept_s = self._monotonic()
                self._bell.ring(self._due_queues())
                self._revive()
            except SQLAlchemyError as error:
                log.warning("no database to look for jobs: %s", told(error))

    def _due_queues(self) -> list[str]:
        due = (Job.state == JobState.QUEUED, Job.run_at <= self.runner.ledger.clock())
        with self.runner.database.reading() as session:
            return [
                queue
                for queue in self._queues
                if session.scalar(select(Job.id).where(*due, Job.queue == queue).limit(1))
            ]
