"""Job rows change in one place, alike on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from goviral.kit.db.database import Database
from goviral.kit.errors import ConflictError
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.outcome import Cancelled, Failed, GivenBack, Outcome, Succeeded
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.task import Registry

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A ledger whose clock stands still until it is moved."""

    database: Database
    now: datetime = NOON
    changes: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(
            clock=lambda: self.now,
            on_change=self._saw,
            lease_s=40,
            redact=lambda text: text.replace("s3cret", "***"),
        )
        self.queue = EmbeddedQueue(self.database, Registry(), self.ledger)

    def _saw(self, _session: Session, job: Job) -> None:
        self.changes.append((job.id, job.state))

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def add(self, **columns: Any) -> str:
        columns = {"name": "t", "queue": "default", "payload": {}, "owner_id": None, **columns}
        with self.database.transaction() as session:
            return self.ledger.add(session, **columns)[0].id

    def claim(self, worker: str = "w1", queue: str = "default") -> JobContext | None:
        with self.database.transaction() as session:
            job = self.ledger.claim(session, queue, worker)
        return JobContext(job, database=self.database, queue=self.queue) if job else None

    def claimed(self) -> JobContext:
        context = self.claim()
        assert context is not None
        return context

    def finish(self, context: JobContext, outcome: Outcome) -> Job | None:
        with self.database.transaction() as session:
            return self.ledger.finish(session, context, outcome)

    def reap(self) -> list[Job]:
        with self.database.transaction() as session:
            return self.ledger.reap(session)

    def cancel(self, job_id: str) -> Job:
        with self.database.transaction() as session:
            return self.ledger.cancel(session, job_id)

    def job(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return session.get_one(Job, job_id)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_small_priorities_come_first_then_older_jobs(desk: Desk) -> None:
    low = desk.add(priority=200)
    desk.wait(seconds=1)
    first, second = desk.add(), desk.add()
    urgent = desk.add(priority=1)
    elsewhere = desk.add(priority=0, queue="media")
    order = [desk.claimed().job_id for _ in range(4)]
    assert order == [urgent, first, second, low]
    assert desk.claim() is None
    media = desk.claim(queue="media")
    assert media is not None
    assert media.job_id == elsewhere


def in_threads(work: Callable[[str], None], count: int) -> None:
    """So many workers at once, each with a name of its own, to their end."""
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, [f"w{number}" for number in range(count)]))


def test_many_workers_claim_each_job_once(desk: Desk) -> None:
    ids = {desk.add() for _ in range(60)}
    claimed: list[str] = []

    def work(name: str) -> None:
        while context := desk.claim(name):
            claimed.append(context.job_id)

    in_threads(work, 4)
    assert sorted(claimed) == sorted(ids)


@pytest.fixture
def fair_desk(database: Database) -> Desk:
    desk = Desk(database)
    desk.ledger = Ledger(clock=lambda: desk.now, per_owner={"webhooks": 2})
    return desk


def test_an_owner_with_all_his_places_is_passed_over(fair_desk: Desk) -> None:
    desk = fair_desk
    anns = [desk.add(owner_id="ann", queue="webhooks") for _ in range(4)]
    desk.wait(seconds=1)
    bobs = desk.add(owner_id="bob", queue="webhooks")
    nobodys = [desk.add(owner_id=None, queue="webhooks") for _ in range(3)]
    running = [desk.claim(queue="webhooks") for _ in range(6)]
    assert [one.job_id for one in running if one] == [*anns[:2], bobs, *nobodys]
    assert desk.claim(queue="webhooks") is None

    ended = running[0]
    assert ended is not None
    desk.finish(ended, Succeeded())
    with desk.database.reading() as session:
        next_one = desk.ledger.passed_over(session, session.get_one(Job, ended.job_id))
        of_nobody = desk.ledger.passed_over(session, session.get_one(Job, nobodys[0]))
    assert next_one is not None
    assert (next_one.id, of_nobody) == (anns[2], None)
    after = desk.claim(queue="webhooks")
    assert after is not None
    assert after.job_id == anns[2]


def test_other_queues_know_no_limit_of_an_owner(fair_desk: Desk) -> None:
    ids = [fair_desk.add(owner_id="ann") for _ in range(3)]
    running = [fair_desk.claimed() for _ in ids]
    assert [one.job_id for one in running] == ids
    with fair_desk.database.reading() as session:
        assert fair_desk.ledger.passed_over(session, session.get_one(Job, ids[0])) is None


def test_workers_that_claim_in_the_same_moment_keep_to_the_limit(fair_desk: Desk) -> None:
    for _ in range(40):
        fair_desk.add(owner_id="ann", queue="webhooks")
    claimed: list[str] = []
    together = threading.Barrier(6)

    def work(name: str) -> None:
        together.wait(120)
        while context := fair_desk.claim(name, queue="webhooks"):
            claimed.append(context.job_id)

    in_threads(work, 6)
    assert len(claimed) == 2


def test_what_is_put_off_waits_as_if_the_try_had_not_been(desk: Desk) -> None:
    job_id = desk.add()
    desk.finish(desk.claimed(), GivenBack(30))
    waiting = desk.job(job_id)
    assert (waiting.state, waiting.attempts, waiting.sent_at) == ("queued", 0, None)
    desk.wait(seconds=29)
    assert desk.claim() is None
    desk.wait(seconds=2)
    assert desk.claimed().attempt == 1


def test_a_jobs_life_is_told_change_by_change(desk: Desk) -> None:
    job_id = desk.add()
    desk.finish(desk.claimed(), Failed("busy", "The other side.", 5))
    desk.wait(seconds=6)
    desk.finish(desk.claimed(), Succeeded({"a": 1}))
    states = ["queued", "running", "queued", "running", "succeeded"]
    assert desk.changes == [(job_id, state) for state in states]


def test_a_change_that_is_rolled_back_with_its_hook_did_not_happen(database: Database) -> None:
    def refuse(_session: Session, _job: Job) -> None:
        raise RuntimeError("the event cannot be written")

    ledger = Ledger(on_change=refuse)
    with pytest.raises(RuntimeError), database.transaction() as session:
        ledger.add(session, name="t", queue="default", payload={})
    assert Desk(database).claim() is None


def test_a_lease_that_is_renewed_is_not_reaped(desk: Desk) -> None:
    desk.add()
    context = desk.claimed()
    desk.wait(seconds=39)
    with desk.database.transaction() as session:
        assert desk.ledger.beat(session, context, context.standing)
    desk.wait(seconds=39)
    assert desk.reap() == []
    desk.wait(seconds=2)
    assert [job.id for job in desk.reap()] == [context.job_id]


def test_who_lost_the_lease_can_change_nothing(desk: Desk) -> None:
    desk.add()
    late = desk.claimed()
    desk.wait(seconds=41)
    desk.reap()
    with desk.database.transaction() as session:
        assert not desk.ledger.beat(session, late, late.standing)
    for outcome in (Succeeded(), Failed("x", "x", None), Cancelled(), GivenBack()):
        assert desk.finish(late, outcome) is None
    again = desk.claim("w1")  # the same worker, a later try
    assert again is not None
    assert desk.finish(late, Succeeded()) is None
    done = desk.finish(again, Succeeded())
    assert done is not None
    assert done.attempts == 2


def test_a_worker_that_vanishes_each_time_uses_the_tries_up(desk: Desk) -> None:
    job_id = desk.add(max_attempts=2)
    for expected in (JobState.QUEUED, JobState.DEAD):
        desk.claimed()
        desk.wait(seconds=41)
        desk.reap()
        assert desk.job(job_id).state == expected
    assert desk.job(job_id).error_code == "worker_lost"
    assert desk.job(job_id).finished_at == desk.now


def test_a_job_whose_worker_vanished_after_a_cancel_is_cancelled(desk: Desk) -> None:
    job_id = desk.add()
    desk.claimed()
    assert desk.cancel(job_id).cancel_requested
    desk.wait(seconds=41)
    desk.reap()
    assert desk.job(job_id).state == JobState.CANCELLED


def test_a_failure_after_a_cancel_is_not_tried_again(desk: Desk) -> None:
    job_id = desk.add()
    context = desk.claimed()
    desk.cancel(job_id)
    desk.finish(context, Failed("busy", "x", 5))
    assert desk.job(job_id).state == JobState.CANCELLED


def test_what_came_to_its_end_before_the_cancel_was_seen_has_succeeded(desk: Desk) -> None:
    job_id = desk.add()
    context = desk.claimed()
    desk.cancel(job_id)
    desk.finish(context, Succeeded())
    assert desk.cancel(job_id).state == JobState.SUCCEEDED


def test_a_given_back_job_has_not_been_tried(desk: Desk) -> None:
    job_id = desk.add()
    desk.finish(desk.claimed(), GivenBack())
    job = desk.job(job_id)
    assert (job.state, job.attempts, job.worker, job.lease_until) == ("queued", 0, None, None)


def test_a_job_cancelled_while_its_worker_shuts_down_is_not_run_again(desk: Desk) -> None:
    job_id = desk.add()
    context = desk.claimed()
    with desk.database.transaction() as session:
        desk.ledger.cancel(session, job_id)
    desk.finish(context, GivenBack())
    assert desk.job(job_id).state == "cancelled"
    assert desk.claim() is None


def test_logs_are_short_redacted_and_fit_for_any_database(desk: Desk) -> None:
    job_id = desk.add()
    context = desk.claimed()
    context.log("early")
    context.log("x" * 9_000)
    context.log("key s3cret, nul \0, surrogate \ud800")
    desk.finish(context, Failed("odd", "s3cret \0", None, "trace"))
    job = desk.job(job_id)
    assert len(job.log) <= 8_000
    assert "s3cret" not in job.log
    assert "key ***, nul , surrogate ?" in job.log
    assert "early" not in job.log
    assert job.log.endswith("trace\n")
    assert job.error_message == "*** "


def test_one_key_has_one_active_job_even_among_racing_requests(desk: Desk) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(desk.add(unique_key="k"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_dead_job_whose_key_is_taken_is_not_run_anew(desk: Desk) -> None:
    dead = desk.add(unique_key="k")
    desk.finish(desk.claimed(), Failed("x", "x", None))
    desk.add(unique_key="k")
    with pytest.raises(ConflictError), desk.database.transaction() as session:
        desk.ledger.retry(session, dead)


def test_old_finished_jobs_are_forgotten_and_waiting_ones_kept(desk: Desk) -> None:
    desk.add()
    desk.finish(desk.claimed(), Succeeded())
    kept = desk.add()
    desk.wait(days=40)
    with desk.database.transaction() as session:
        assert desk.ledger.prune(session, desk.now - timedelta(days=30)) == 1
        assert [job.id for job in session.query(Job)] == [kept]
