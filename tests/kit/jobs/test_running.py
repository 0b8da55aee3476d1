"""A runner, its leases and what a job is told, without any worker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from goviral.features.accounts.models import AuditEntry
from goviral.kit.clock import utc_now
from goviral.kit.db.database import Database
from goviral.kit.errors import CancelledError, DependencyError, DiskFullError, RemoteError
from goviral.kit.jobs import housekeeping
from goviral.kit.jobs.context import JobContext, StopReason
from goviral.kit.jobs.lease import LeaseKeeper
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState, Payload
from goviral.kit.jobs.queues import BACKENDS, make_queue
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry, Task, UnknownTaskError
from goviral.kit.jobs.workers import make_embedded_worker, make_runner
from goviral.kit.server_settings import JobSettings
from kit.jobs.workbench import Bench
from kit.jobs.yard import WAIT_S, wait_for


def test_a_job_knows_its_owner_try_and_services(database: Database) -> None:
    seen: list[tuple[Any, ...]] = []

    def look(context: JobContext, payload: Payload) -> None:
        seen.append((context.owner_id, context.subject, context.attempt, context.services))
        assert context.is_last_attempt

    bench = Bench(database, Task("t", look, max_attempts=1))
    bench.add(subject="vid_1")
    job = bench.run(services="tools")
    assert job is not None
    assert job.state == JobState.SUCCEEDED
    assert seen == [("ann", "vid_1", 1, "tools")]


def test_a_job_may_make_others_in_a_transaction_of_its_own(database: Database) -> None:
    def fork(context: JobContext, _payload: Payload) -> None:
        with context.database.transaction() as session:
            context.queue.enqueue(session, "child", {}, owner_id=context.owner_id)

    bench = Bench(database, Task("t", fork), Task("child", lambda _context, _payload: None))
    bench.add()
    bench.run()
    child = bench.run()
    assert child is not None
    assert child.name == "child"


def test_what_surrounds_a_try_sees_its_error(database: Database) -> None:
    seen: list[str] = []

    @contextmanager
    def around(context: JobContext) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            seen.append(f"{context.name}: {error}")
            raise

    def fail(_context: JobContext, _payload: Payload) -> None:
        raise RuntimeError("broken")

    bench = Bench(database, Task("t", fail))
    bench.add()
    bench.run(around=around)
    assert seen == ["t: broken"]


@pytest.mark.parametrize("result", [{"path": Path("x")}, {"nul": "a\0b"}])
def test_a_result_that_cannot_be_stored_is_a_failure_and_not_a_crash(
    database: Database, result: Payload
) -> None:
    bench = Bench(database, Task("t", lambda _context, _payload: result, max_attempts=1))
    bench.add()
    job = bench.run()
    assert job is not None
    if database.is_sqlite and "nul" in result:
        assert job.result == result
    else:
        assert (job.state, job.error_code) == (JobState.DEAD, "internal")


def test_a_job_of_a_task_this_worker_does_not_know_waits_for_one_that_does(
    database: Database,
) -> None:
    new = Bench(database, Task("new", lambda _context, _payload: {"done": True}))
    job_id = new.add("new")
    Bench(database).run()
    waiting = new.job(job_id)
    assert (waiting.state, waiting.error_code) == (JobState.QUEUED, "unknown_task")
    with database.transaction() as session:
        session.execute(update(Job).values(run_at=new.ledger.clock()))
    done = new.run()
    assert done is not None
    assert done.result == {"done": True}


def test_a_job_may_put_itself_off_and_that_counts_as_no_try(database: Database) -> None:
    def not_yet(context: JobContext, _payload: Payload) -> Payload:
        context.put_off(3600)
        return {"done": False}

    bench = Bench(database, Task("t", not_yet, max_attempts=1))
    bench.add()
    job = bench.run()
    assert job is not None
    assert (job.state, job.attempts, job.result) == (JobState.QUEUED, 0, None)
    assert job.run_at > utc_now() + timedelta(minutes=30)
    assert bench.run() is None


def test_a_draining_runner_claims_nothing(database: Database) -> None:
    bench = Bench(database, Task("t", lambda _context, _payload: None))
    bench.add()
    runner = make_runner(bench.queue)
    runner.drain()
    assert runner.run_next("default") is None
    assert make_runner(bench.queue, draining=lambda: True).run_next("default") is None
    assert bench.queue.length() == 1


def while_running(bench: Bench, meanwhile: Callable[[], None]) -> None:
    """Run the next job in a thread; `meanwhile` happens in this one."""
    thread = threading.Thread(target=bench.run)
    thread.start()
    meanwhile()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_a_job_whose_row_is_gone_or_anothers_is_stopped_and_writes_nothing(
    database: Database,
) -> None:
    reasons: list[StopReason | None] = []

    def listen(context: JobContext, _payload: Payload) -> None:
        wait_for(context.cancelled)
        reasons.append(context.stop_reason)
        context.check()

    def steal() -> None:
        wait_for(lambda: bench.job(job_id).state == JobState.RUNNING)
        with database.transaction() as session:
            session.execute(update(Job).values(worker="another", attempts=2))

    bench = Bench(database, Task("t", listen))
    job_id = bench.add()
    while_running(bench, steal)
    assert reasons == [StopReason.LOST]
    job = bench.job(job_id)
    assert (job.state, job.worker, job.attempts) == (JobState.RUNNING, "another", 2)


def test_the_lease_is_renewed_while_the_job_runs(database: Database) -> None:
    def lease(context: JobContext) -> datetime:
        until = bench.job(context.job_id).lease_until
        assert until is not None
        return until

    def slow(context: JobContext, _payload: Payload) -> None:
        first = lease(context)
        wait_for(lambda: lease(context) > first + timedelta(seconds=0.5))

    bench = Bench(database, Task("t", slow))
    bench.ledger.lease_s = 2
    bench.add()
    job = bench.run()
    assert job is not None
    assert job.state == JobState.SUCCEEDED


def test_the_end_of_a_lost_try_leaves_the_lease_of_the_next_one_kept(database: Database) -> None:
    bench = Bench(database, Task("t", lambda _context, _payload: None))
    bench.ledger.clock = lambda: utc_now() + timedelta(minutes=next(minutes))
    minutes = count()
    keeper = LeaseKeeper(
        database,
        bench.ledger,
        on_stuck=lambda _context: None,
        draining=lambda: False,
        monotonic=lambda: time.monotonic() + 100,
    )
    tries = []
    job_id = bench.add()
    for _ in range(2):
        with database.transaction() as session:
            session.execute(update(Job).values(state=JobState.QUEUED))
            job = bench.ledger.claim(session, "default", "w")
        assert job is not None
        tries.append(JobContext(job, database=database, queue=bench.queue))
    with ExitStack() as lost, keeper.hold(tries[1], 1e9):
        lost.enter_context(keeper.hold(tries[0], 1e9))
        lost.close()
        before = bench.job(job_id).lease_until
        keeper.glance()
        after = bench.job(job_id).lease_until
        assert before is not None
        assert after is not None
        assert after > before
    keeper.close()


def test_a_try_that_was_given_up_and_ends_after_all_says_nothing_of_the_one_begun_anew(
    database: Database,
) -> None:
    def give_up(context: JobContext, _payload: Payload) -> None:
        with database.transaction() as session:
            session.execute(update(Job).values(state=JobState.DEAD))
            bench.queue.retry(session, context.job_id)
            bench.ledger.claim(session, "default", context.worker or "")
        context.stop(StopReason.LOST)

    bench = Bench(database, Task("t", give_up, max_attempts=1))
    job_id = bench.add()
    assert bench.run() is None
    job = bench.job(job_id)
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)


def test_progress_is_written_without_asking_listeners(database: Database) -> None:
    def fail(_session: Session, job: Job) -> None:
        if job.progress == 0.5:
            raise RuntimeError("a listener's fault")

    def slow(context: JobContext, _payload: Payload) -> None:
        context.report(0.5, "half")
        wait_for(lambda: bench.job(context.job_id).progress == 0.5)

    bench = Bench(database, Task("t", slow), ledger=Ledger(on_change=fail))
    bench.add()
    job = bench.run()
    assert job is not None
    assert job.state == JobState.SUCCEEDED


def test_stages_fill_their_part_of_the_bar_and_warnings_go_to_the_log(database: Database) -> None:
    def work(context: JobContext, _payload: Payload) -> None:
        part = context.part(0.5, 1.0)
        part.start("render", 4)
        part.advance("render", 1)
        assert context.standing.progress == 0.625
        part.advance("render", 9)
        part.start("unknown length")
        part.advance("unknown length", 7)
        part.warn("no face found")
        part.finish("unknown length", "done it")
        context.report(7)
        raise RuntimeError

    bench = Bench(database, Task("t", work, max_attempts=1))
    bench.add()
    job = bench.run()
    assert job is not None
    assert (job.progress, job.stage) == (1.0, "unknown length")
    assert "warning: no face found" in job.log
    assert "unknown length: done it" in job.log


def test_a_lost_lease_outweighs_other_reasons_and_the_first_of_them_stays(
    database: Database,
) -> None:
    reasons: list[StopReason | None] = []

    def work(context: JobContext, _payload: Payload) -> None:
        context.stop(StopReason.CANCEL)
        context.stop(StopReason.DRAIN)
        reasons.append(context.stop_reason)
        with pytest.raises(CancelledError):
            context.check()
        context.stop(StopReason.LOST)
        reasons.append(context.stop_reason)

    bench = Bench(database, Task("t", work))
    bench.add()
    assert bench.run() is None
    assert reasons == [StopReason.CANCEL, StopReason.LOST]


def test_names_are_taken_once_and_queues_must_exist() -> None:
    registry = Registry(Task("t", lambda _context, _payload: None))
    with pytest.raises(ValueError, match="two tasks"):
        registry.register(Task("t", lambda _context, _payload: None))
    with pytest.raises(ValueError, match="no queue"):
        Task("u", lambda _context, _payload: None, queue="cinema")
    with pytest.raises(UnknownTaskError):
        registry.get("u")
    assert [task.name for task in registry] == ["t"]
    assert len(registry) == 1


def test_celery_without_redis_is_refused_with_what_to_do(database: Database) -> None:
    settings = JobSettings(backend="celery")
    with pytest.raises(DependencyError, match="REDIS_URL"):
        make_queue(settings, database, Registry(), Ledger())


def test_threads_serve_only_the_embedded_queue(database: Database) -> None:
    settings = JobSettings.model_validate({"backend": "celery", "REDIS_URL": "redis://127.0.0.1:1"})
    queue = BACKENDS["celery"](settings, database, Registry(), Ledger())
    with pytest.raises(DependencyError, match="goviral worker"):
        make_embedded_worker(settings, queue)


def test_a_broker_that_is_away_delays_jobs_but_refuses_none(database: Database) -> None:
    settings = JobSettings.model_validate({"backend": "celery", "REDIS_URL": "redis://127.0.0.1:1"})
    registry = Registry(Task("t", lambda _context, _payload: None))
    queue = make_queue(settings, database, registry, Ledger())
    started = time.monotonic()
    with database.transaction() as session:
        queue.enqueue(session, "t", {}, owner_id=None)
    assert time.monotonic() - started < 60
    assert queue.length() == 1
    assert queue.messages("default") is None


def test_finished_jobs_are_forgotten_every_night(database: Database) -> None:
    schedule = Schedule()
    housekeeping.add_to_schedule(schedule)
    entry = next(entry for entry in schedule if entry.task == housekeeping.PRUNE)
    bench = Bench(database, Task("t", lambda _context, _payload: None))
    old = bench.add()
    bench.run()
    with database.transaction() as session:
        session.execute(update(Job).values(finished_at=bench.ledger.clock() - timedelta(days=8)))
    registry = Registry()
    housekeeping.register_tasks(registry, keep_days=7, keep_months={})
    keeper = Bench(database, registry.get(entry.task))
    keeper.add(entry.task)
    done = keeper.run()
    assert done is not None
    assert done.result == {"forgotten": 1}
    with database.reading() as session:
        assert session.get(Job, old) is None


def test_months_that_are_over_are_dropped_every_night(database: Database) -> None:
    schedule = Schedule()
    housekeeping.add_to_schedule(schedule)
    assert housekeeping.MONTHS in [entry.task for entry in schedule]
    old = utc_now() - timedelta(days=100)
    with database.transaction() as session:
        for number, at in enumerate((old, utc_now())):
            entry = {"owner_id": "ann", "actor_id": "ann", "credential_id": "key", "action": "test"}
            session.add(AuditEntry(id=f"aud_{number}", created_at=at, subject="x", **entry))
    registry = Registry()
    housekeeping.register_tasks(
        registry, keep_days=7, keep_months={"audit_log": 1, "model_runs": None}
    )
    keeper = Bench(database, registry.get(housekeeping.MONTHS))
    keeper.add(housekeeping.MONTHS)
    done = keeper.run()
    assert done is not None
    assert (done.state, set(done.result or {})) == (JobState.SUCCEEDED, {"gone"})
    with database.reading() as session:
        assert session.scalars(select(AuditEntry.id)).all() == ["aud_1"]


def test_a_job_that_finds_the_disk_full_waits_until_there_is_room(database: Database) -> None:
    full = iter([True] * 5 + [False])
    seen: list[tuple[bool, bool]] = []

    def write(context: JobContext, _payload: Payload) -> None:
        if next(full):
            error = DiskFullError("The disk is full.")
            seen.append((context.is_last_attempt, context.gives_up(error)))
            raise error

    bench = Bench(database, Task("t", write, max_attempts=2))
    job_id = bench.add()
    for _ in range(5):
        job = bench.run(full_disk_wait_s=0.001)
        assert job is not None
        assert (job.state, job.error_code) == (JobState.QUEUED, "disk_full")
        with database.transaction() as session:
            session.execute(update(Job).values(run_at=bench.ledger.clock()))
    bench.run()
    job = bench.job(job_id)
    assert (job.state, job.attempts, job.max_attempts) == (JobState.SUCCEEDED, 6, 7)
    assert seen == [(False, False)] * 5


def test_a_full_disk_leaves_a_job_the_tries_it_had(database: Database) -> None:
    ends = iter([*[DiskFullError("Full.")] * 2, *[RemoteError("Away.")] * 2])

    def fail(_context: JobContext, _payload: Payload) -> None:
        raise next(ends)

    bench = Bench(database, Task("t", fail, max_attempts=2))
    job_id = bench.add()
    for _ in range(4):
        bench.run(full_disk_wait_s=0.001)
        with database.transaction() as session:
            session.execute(update(Job).values(run_at=bench.ledger.clock()))
    job = bench.job(job_id)
    assert (job.state, job.attempts, job.error_code) == (JobState.DEAD, 4, "remote_failed")
