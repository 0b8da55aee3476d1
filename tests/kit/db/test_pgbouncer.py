"""PgBouncer in transaction mode between us and PostgreSQL: each transaction may meet another connection."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

import goviral.features.models_all  # noqa: F401  every table
from goviral.features.library.models import Video
from goviral.features.library.repository import VideoRepository
from goviral.kit.db import migrate
from goviral.kit.db.database import Database
from goviral.kit.ids import new_id
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.task import Registry, Task

THREADS = 8


@pytest.fixture
def database(pooled_postgres_url: str) -> Iterator[Database]:
    database = Database(pooled_postgres_url)
    migrate.upgrade(database)
    yield database
    database.close()


def test_migrations_go_up_and_down_and_up(database: Database) -> None:
    assert migrate.differences(database) == []
    migrate.downgrade(database, "base")
    migrate.upgrade(database)
    assert migrate.differences(database) == []


def test_eight_threads_on_two_connections_write_and_read_their_own(database: Database) -> None:
    together = threading.Barrier(THREADS)

    def tenant(number: int) -> tuple[int, int]:
        owner = f"usr_{number}"
        together.wait(120)
        for _ in range(20):
            with database.transaction() as session:
                row = Video(id=new_id("vid"), source_url="https://example.com/a.mp4", title=owner)
                VideoRepository(session, owner).add(row)
            with database.reading() as session:
                assert VideoRepository(session, owner).get(row.id).title == owner
        with database.reading() as session:
            server = session.scalar(
                text(
                    "select count(distinct pid) from pg_stat_activity where datname = current_database()"
                )
            )
            return VideoRepository(session, owner).count(), server or 0

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(tenant, range(THREADS)))
    assert [count for count, _ in found] == [20] * THREADS
    assert max(servers for _, servers in found) <= 2


def test_jobs_are_claimed_once_by_workers_beside_each_other(database: Database) -> None:
    ran: list[str] = []
    registry = Registry()
    registry.register(Task("note", lambda context, payload: ran.append(payload["n"])))
    queue = EmbeddedQueue(database, registry, Ledger())
    for number in range(60):
        with database.transaction() as session:
            queue.enqueue(session, "note", {"n": str(number)}, owner_id=None)

    def worker(_: int) -> None:
        runner = Runner(database, registry, queue, Ledger())
        while runner.run_next("default") is not None:
            pass
        runner.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    assert sorted(ran, key=int) == [str(number) for number in range(60)]
