"""Servers go away under running jobs and come back: PostgreSQL with its rows, Redis with nothing."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.jobs.embedded_worker import EmbeddedWorker
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.workers import make_runner, make_sweeper
from kit.jobs.conftest import LEASE_S
from kit.jobs.watched import Watched
from kit.jobs.yard import Yard, wait_for
from ports import free_port
from servers import Postgres, postgres_programs, postgres_server, redis_server


@pytest.fixture
def cluster(postgres: Postgres) -> Iterator[Path]:
    """A folder for a cluster that a test may stop. (The shared one says whether there is any.)"""
    with tempfile.TemporaryDirectory(prefix="goviral-cluster-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_restart_of_postgresql_loses_no_job_and_runs_none_twice(
    cluster: Path, tmp_path: Path
) -> None:
    programs, port = postgres_programs(), free_port()
    assert programs is not None
    watched = Watched(tmp_path)
    with postgres_server(programs, cluster, port) as server:
        database = Database(server.url("postgres"))
        Base.metadata.create_all(database.engine)
        queue = EmbeddedQueue(database, watched.registry, Ledger())
        worker = EmbeddedWorker(make_runner(queue), queue.bell, make_sweeper(queue), poll_s=0.1)
        worker.start()
        with database.transaction() as session:
            names = ["listens", *["echo"] * 30]
            ids = [queue.enqueue(session, name, {}, owner_id="ann").id for name in names]
        wait_for(lambda: len(watched.calls(ids[0])) == 1)
    watched.let_go(ids[0])  # it ends while there is no database
    with postgres_server(programs, cluster, port):
        wait_for(lambda: all(_state(database, job_id) == JobState.SUCCEEDED for job_id in ids))
        assert worker.stop(grace_s=60)
        database.close()
    assert [len(watched.calls(job_id)) for job_id in ids] == [1] * len(ids)


def _state(database: Database, job_id: str) -> str:
    with database.reading() as session:
        return session.get_one(Job, job_id).state


def test_a_redis_that_comes_back_empty_loses_no_job(
    postgres: Postgres, redis_server_url: str, tmp_path: Path
) -> None:
    program, port = shutil.which("redis-server"), free_port()
    assert program is not None
    url = postgres.create()
    with redis_server(program, port) as redis_url:
        yard = Yard("celery", url, tmp_path, redis_url, lease_s=LEASE_S)
        before = [yard.enqueue("echo") for _ in range(10)]
    during = [yard.enqueue("echo") for _ in range(3)]
    with redis_server(program, port), yard.worker():
        for job_id in before + during:
            yard.until(job_id, JobState.SUCCEEDED)
    assert [yard.calls(job_id) for job_id in before + during] == [1] * 13
    yard.close()
    postgres.drop(url)


def test_a_worker_outlives_a_restart_of_redis(
    postgres: Postgres, redis_server_url: str, tmp_path: Path
) -> None:
    program, port = shutil.which("redis-server"), free_port()
    assert program is not None
    url = postgres.create()
    with ExitStack() as workers:
        with redis_server(program, port) as redis_url:
            yard = Yard("celery", url, tmp_path, redis_url, lease_s=LEASE_S)
            workers.enter_context(yard.worker())
            held = yard.enqueue("listens")
            yard.until(held, JobState.RUNNING)
        yard.watched.let_go(held)
        assert yard.until(held, JobState.SUCCEEDED).attempts == 1
        with redis_server(program, port):
            yard.until(yard.enqueue("echo"), JobState.SUCCEEDED)
    assert yard.calls(held) == 1
    yard.close()
    postgres.drop(url)
