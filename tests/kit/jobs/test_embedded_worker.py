"""The threads of one machine: a fault of ours costs a thread its life, not the queue its workers."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from typing_extensions import override

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.jobs.embedded_worker import EmbeddedWorker
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.sweeper import Sweeper
from goviral.kit.jobs.task import Registry, Task
from kit.jobs.yard import wait_for


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_of_a_fault_is_replaced(tmp_path) -> None:
    faults: list[str] = []

    def faulty_once(_session: Session, job: Job) -> None:
        if job.state == JobState.RUNNING and not faults:
            faults.append(threading.current_thread().name)
            raise RuntimeError("a listener's fault")

    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    Base.metadata.create_all(database.engine)
    ledger = Ledger(on_change=faulty_once)
    registry = Registry(Task("echo", lambda _context, payload: payload))
    queue = EmbeddedQueue(database, registry, ledger)
    runner = Runner(database, registry, queue, ledger)
    sweeper = Sweeper(database, queue, ledger)
    worker = EmbeddedWorker(runner, queue.bell, sweeper, concurrency={"default": 1}, poll_s=0.05)
    worker.start()
    with database.transaction() as session:
        job_id = queue.enqueue(session, "echo", {}, owner_id="ann").id

    def state() -> str:
        with database.reading() as session:
            return session.get_one(Job, job_id).state

    wait_for(lambda: state() == JobState.SUCCEEDED)
    assert faults == ["jobs-default-0"]
    assert worker.stop(60)
    database.close()


def test_a_machine_that_slept_goes_on_with_its_jobs(tmp_path) -> None:
    sleeps, slept, finish = threading.Event(), threading.Event(), threading.Event()
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    Base.metadata.create_all(database.engine)
    ledger = Ledger(clock=lambda: utc_now() + timedelta(hours=slept.is_set()))
    registry = Registry(Task("long", lambda _context, _payload: finish.wait(300) and None))
    queue = EmbeddedQueue(database, registry, ledger)

    class Machine(Runner):
        """Falls asleep between two looks."""

        @override
        def keep_leases(self) -> None:
            if sleeps.is_set():
                slept.set()
            super().keep_leases()

    runner = Machine(database, registry, queue, ledger)
    sweeper = Sweeper(database, queue, ledger)
    worker = EmbeddedWorker(
        runner, queue.bell, sweeper, concurrency={"default": 2}, poll_s=0.01, sweep_s=0.01
    )
    worker.start()
    with database.transaction() as session:
        job_id = queue.enqueue(session, "long", {}, owner_id="ann").id

    def job() -> Job:
        with database.reading() as session:
            return session.get_one(Job, job_id)

    wait_for(lambda: job().state == JobState.RUNNING)
    wait_for(lambda: runner.running == 1)
    time.sleep(0.6)  # a job younger than a glance is not looked at
    sleeps.set()
    wait_for(lambda: (job().lease_until or utc_now()) > utc_now() + timedelta(hours=1))
    finish.set()
    wait_for(lambda: job().state == JobState.SUCCEEDED)
    assert job().attempts == 1
    assert worker.stop(60)
    database.close()
