"""What was lost is found, and what was not lost is not sent again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from goviral.kit.db.database import Database
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.queues.rows import RowQueue
from goviral.kit.jobs.sweeper import Sweeper
from goviral.kit.jobs.task import Registry, Task

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Post(RowQueue):
    """A broker whose messages lie in a list; `away`: it answers nothing and forgets what it gets."""

    def __init__(self, database: Database) -> None:
        self.now = NOON
        registry = Registry(Task("t", lambda _context, _payload: None))
        super().__init__(database, registry, Ledger(clock=lambda: self.now))
        self.messages_there: list[str] = []
        self.away = False

    @override
    def send(self, jobs: Sequence[Job]) -> None:
        if not self.away:
            self.messages_there += [job.id for job in jobs]

    @override
    def messages(self, queue: str) -> int | None:
        return None if self.away else (len(self.messages_there) if queue == "default" else 0)

    def add(self, run_at: datetime | None = None) -> str:
        with self.database.transaction() as session:
            return self.enqueue(session, "t", {}, owner_id=None, run_at=run_at).id

    def sweep(self, after_s: float = 0) -> None:
        self.now += timedelta(seconds=after_s)
        Sweeper(self.database, self, self.ledger, resend_after_s=15).sweep()


def test_messages_that_wait_are_not_sent_again(database: Database) -> None:
    post = Post(database)
    ids = [post.add() for _ in range(3)]
    post.sweep(after_s=3600)
    assert post.messages_there == ids


def test_a_job_for_later_is_sent_when_its_time_has_come(database: Database) -> None:
    post = Post(database)
    job_id = post.add(run_at=NOON + timedelta(seconds=10))
    post.sweep(after_s=9)
    assert post.messages_there == []
    post.sweep(after_s=2)
    post.sweep(after_s=2)
    assert post.messages_there == [job_id]


def test_what_the_broker_forgot_is_sent_again_after_a_while(database: Database) -> None:
    post = Post(database)
    ids = [post.add() for _ in range(3)]
    post.messages_there.clear()
    post.sweep(after_s=10)
    assert post.messages_there == []
    post.sweep(after_s=6)
    assert post.messages_there == ids


def test_only_as_many_are_sent_again_as_are_missing(database: Database) -> None:
    post = Post(database)
    for _ in range(3):
        post.add()
    del post.messages_there[0]
    post.sweep(after_s=16)
    # Any one will do: a message means "there is work", the worker looks for the most urgent.
    assert len(post.messages_there) == 3


def test_a_broker_that_is_away_is_left_alone_until_it_answers(database: Database) -> None:
    post = Post(database)
    post.away = True
    job_id = post.add()
    post.sweep(after_s=60)
    post.away = False
    post.sweep()
    assert post.messages_there == [job_id]


def test_a_reaped_job_is_sent_anew(database: Database) -> None:
    post = Post(database)
    job_id = post.add()
    with database.transaction() as session:
        claimed = post.ledger.claim(session, "default", "w")
    assert claimed is not None
    post.messages_there.clear()
    post.sweep(after_s=39)
    assert post.messages_there == []
    post.sweep(after_s=2)
    assert post.messages_there == [job_id]


def test_running_jobs_are_not_missed_at_the_broker(database: Database) -> None:
    post = Post(database)
    post.add()
    with database.transaction() as session:
        post.ledger.claim(session, "default", "w")
        session.execute(update(Job).values(lease_until=NOON + timedelta(days=1)))
    post.messages_there.clear()
    post.sweep(after_s=3600)
    assert post.messages_there == []


class Flaky(RowQueue):
    """A queue that can be asked for its messages only while its database is there."""

    is_away = False

    @override
    def send(self, jobs: Sequence[Job]) -> None:
        return None

    @override
    def messages(self, queue: str) -> int | None:
        if self.is_away:
            raise OperationalError("select", {}, Exception("the connection is lost"))
        return 0


def test_after_an_absence_of_the_database_workers_may_renew_their_leases_first(
    database: Database,
) -> None:
    now = [NOON]
    ledger = Ledger(clock=lambda: now[0])
    queue = Flaky(database, Registry(Task("t", lambda _context, _payload: None)), ledger)
    with database.transaction() as session:
        queue.enqueue(session, "t", {}, owner_id=None)
        queue.enqueue(session, "t", {}, owner_id=None)
        living = ledger.claim(session, "default", "living")
        dead = ledger.claim(session, "default", "dead")
    assert living is not None
    assert dead is not None
    sweeper = Sweeper(database, queue, ledger)
    queue.is_away = True
    with pytest.raises(OperationalError):
        sweeper.sweep()
    queue.is_away, now[0] = False, NOON + timedelta(minutes=5)
    assert sweeper.sweep() == []
    context = JobContext(living, database=database, queue=queue)
    with database.transaction() as session:
        assert ledger.beat(session, context, context.standing)
    assert [job.id for job in sweeper.sweep()] == [dead.id]
