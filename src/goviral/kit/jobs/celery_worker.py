"""A Celery worker that runs our jobs: `worker_app(...)`, then `worker_main(worker_arguments(...))`.

One worker serves its queues with one number of processes; queues that need numbers of their own get
a worker each.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

from billiard.process import current_process
from celery import Celery, bootsteps
from celery.signals import worker_shutting_down
from sqlalchemy.exc import SQLAlchemyError

from goviral.kit.db.database import told
from goviral.kit.jobs.celery_app import WAKE_TASK, BrokerSettings, make_app
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.sweeper import RESEND_AFTER_S, Sweeper

log = logging.getLogger(__name__)
Draining = Callable[[], bool]
BuildRunner = Callable[[Draining], Runner]


class _Process:
    """The runner of this process, built at its first use: a fork may share no connection."""

    def __init__(self, build: BuildRunner, draining: Draining, resend_after_s: float) -> None:
        self._build = build
        self._draining = draining
        self._resend_after_s = resend_after_s
        self._sweeper: Sweeper | None = None
        self._lock = threading.Lock()
        self._runner: Runner | None = None
        self._pid = 0

    def runner(self) -> Runner:
        with self._lock:
            if self._runner is None or self._pid != os.getpid():
                self._runner, self._pid = self._build(self._draining), os.getpid()
                self._runner.when_stuck(_make_room)
            return self._runner

    def sweep(self) -> None:
        """For the main process alone: a sweeper remembers that the database was away."""
        runner = self.runner()
        if self._sweeper is None:
            self._sweeper = Sweeper(
                runner.database, runner.queue, runner.ledger, resend_after_s=self._resend_after_s
            )
        try:
            self._sweeper.sweep()
        except SQLAlchemyError as error:
            log.warning("no database to sweep: %s", told(error))
        finally:
            # Later children are forked from here: no open connection may be passed on.
            runner.database.close()


def worker_app(
    broker: BrokerSettings,
    build: BuildRunner,
    *,
    grace_s: float = 30.0,
    sweep_s: float = 5.0,
    resend_after_s: float = RESEND_AFTER_S,
) -> Celery:
    """The application of a worker. `build(draining)` makes the runner of each of its processes.

    On SIGTERM the worker takes nothing more and waits for its jobs; after `grace_s` they are asked to
    give themselves back. Anything may still kill it: leases end and another worker takes over.
    """
    app = make_app(broker)
    # Made before the fork, so that the parent's word reaches its children.
    over = multiprocessing.get_context("fork").Event()
    process = _Process(build, over.is_set, resend_after_s)

    def wake(task: Any, _job_id: str) -> None:
        try:
            runner = process.runner()
            job = runner.run_next(task.request.delivery_info["routing_key"])
            if job is not None:
                _wake_for_next(runner, job)
        except SQLAlchemyError as error:
            log.warning("no database for jobs: %s", told(error))

    def begin_to_stop(**_: Any) -> None:
        timer = threading.Timer(grace_s, over.set)
        timer.daemon = True
        timer.start()

    app.task(wake, name=WAKE_TASK, bind=True)
    app.steps["worker"].add(_sweeping(process.sweep, sweep_s))
    worker_shutting_down.connect(begin_to_stop, weak=False)
    return app


def worker_arguments(
    queues: Sequence[str], concurrency: int, *, name: str = "goviral", pool: str = "prefork"
) -> list[str]:
    """Arguments of `Celery.worker_main`. Gossip, mingle and heartbeats only cost: leases do their work."""
    return [
        "--quiet",  # its banner: twenty lines that are no log lines
        "worker",
        f"--queues={','.join(queues)}",
        f"--concurrency={concurrency}",
        f"--pool={pool}",
        f"--hostname={name}@%h",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]


def _wake_for_next(runner: Runner, ended: Job) -> None:
    """Where an owner had all his places, messages for his other jobs came and found nothing to claim."""
    with runner.database.reading() as session:
        passed_over = runner.ledger.passed_over(session, ended)
    if passed_over is not None:
        runner.queue.send([passed_over])


def _make_room(_context: JobContext) -> None:
    # The parent puts a new child in its place. In a pool of threads there is no child to give up.
    if current_process().name != "MainProcess":
        os.kill(os.getpid(), signal.SIGKILL)


def _sweeping(sweep: Callable[[], None], every_s: float) -> type[bootsteps.StartStopStep]:
    class Sweeping(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
        """Sweeps in the main process, between its other duties."""

        requires = {"celery.worker.components:Timer"}

        def start(self, worker: Any) -> None:
            self.timer = worker.timer.call_repeatedly(every_s, sweep)

        def stop(self, worker: Any) -> None:
            self.timer.cancel()

    return Sweeping
