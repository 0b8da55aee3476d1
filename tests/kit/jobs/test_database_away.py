"""The database goes away while a job runs: no try is lost by it, and no finished work."""

import sqlite3
import threading
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from goviral.kit.db.database import Database
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState, Payload
from goviral.kit.jobs.task import RunTask, Task
from kit.jobs.workbench import Bench


def one_try(database: Database, run: RunTask, ledger: Ledger | None = None) -> Bench:
    """A bench with one job, which has one try."""
    bench = Bench(database, Task("t", run, max_attempts=1), ledger=ledger)
    bench.add()
    return bench


def done(_context: JobContext, _payload: Payload) -> Payload:
    return {"done": True}


def test_a_job_whose_database_goes_away_in_its_last_try_is_tried_again(database: Database) -> None:
    away = iter([True] * 3 + [False])

    def look(context: JobContext, _payload: Payload) -> None:
        assert context.is_last_attempt
        if next(away):
            lose(context.database)

    bench = one_try(database, look)
    for _ in range(3):
        job = bench.run()
        assert job is not None
        assert (job.state, job.error_code) == (JobState.QUEUED, "database_unavailable")
        assert job.run_at > Ledger().clock()
        bench.make_due()
    job = bench.run()
    assert job is not None
    assert (job.state, job.attempts, job.max_attempts) == (JobState.SUCCEEDED, 4, 4)


def lose(database: Database) -> None:
    """What a task meets: a lock that is not had in time, a connection that ends in the middle."""
    if database.is_sqlite:
        file = str(database.url.database)
        with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(file)) as other:
            one.execute("begin immediate")
            impatient = create_engine("sqlite://", creator=lambda: other)
            with impatient.connect() as connection:
                connection.execute(text("pragma busy_timeout = 0"))
                connection.execute(text("begin immediate"))
    with database.transaction() as session:
        session.execute(text("select pg_terminate_backend(pg_backend_pid())"))


class Absence:
    """Listens to a ledger and lets no end of a job be written, `times` over."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left = times
        self.error = error
        self.met = threading.Event()

    def __call__(self, _session: Session, job: Job) -> None:
        if job.state != JobState.RUNNING and job.attempts and self.left:
            self.left -= 1
            self.met.set()
            raise self.error


AWAY = OperationalError("update", {}, psycopg.errors.AdminShutdown("shutting down"))


def test_the_end_of_a_job_is_kept_for_as_long_as_the_database_is_away(database: Database) -> None:
    absence = Absence(40, AWAY)
    bench = one_try(database, done, Ledger(on_change=absence))
    job = bench.run(finish_waits_s=(0.001, 0.002))
    assert job is not None
    assert (job.state, job.result, absence.left) == (JobState.SUCCEEDED, {"done": True}, 0)


def test_who_shuts_down_does_not_wait_for_a_database_that_is_away(database: Database) -> None:
    absence = Absence(10_000, AWAY)
    bench = one_try(database, done, Ledger(on_change=absence))
    with pytest.raises(OperationalError):
        bench.run(finish_waits_s=(0.001, 0.002), draining=absence.met.is_set)
    assert absence.left > 9_000


def test_an_end_that_the_database_refuses_is_left_to_the_sweeper(database: Database) -> None:
    said = sqlite3.OperationalError("no such column")
    said.sqlite_errorcode = sqlite3.SQLITE_ERROR
    absence = Absence(10_000, OperationalError("update", {}, said))
    bench = one_try(database, done, Ledger(on_change=absence))
    with pytest.raises(OperationalError):
        bench.run(finish_waits_s=(0.001, 0.002))
    assert absence.left == 10_000 - 3
