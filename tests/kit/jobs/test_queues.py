"""The contract of a queue, with real workers: threads on SQLite, Celery on PostgreSQL and Redis."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from goviral.kit.clock import utc_now
from goviral.kit.errors import ConflictError, NotFoundError
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.task import UnknownTaskError
from kit.jobs.yard import Yard, wait_for

DONE = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)


def test_a_committed_job_runs_once_and_keeps_its_result(busy_yard: Yard) -> None:
    job = busy_yard.until(busy_yard.enqueue("echo", {"a": [1, "ü"]}, subject="vid_1"), *DONE)
    assert job.state == JobState.SUCCEEDED
    assert job.result == {"said": {"a": [1, "ü"]}}
    assert (job.attempts, job.progress, job.subject, job.owner_id) == (1, 1.0, "vid_1", "ann")
    assert job.finished_at is not None
    assert busy_yard.calls(job.id) == 1


def test_a_job_of_a_transaction_that_rolls_back_never_was(busy_yard: Yard) -> None:
    ids: list[str] = []
    with pytest.raises(RuntimeError), busy_yard.database.transaction() as session:  # noqa: PT012
        ids.append(busy_yard.queue.enqueue(session, "echo", {}, owner_id="ann").id)
        raise RuntimeError
    busy_yard.until(busy_yard.enqueue("echo"), JobState.SUCCEEDED)
    assert busy_yard.calls(ids[0]) == 0


def test_a_job_for_later_waits_for_its_time(busy_yard: Yard) -> None:
    at = utc_now() + timedelta(seconds=1.2)
    job = busy_yard.until(busy_yard.enqueue("echo", run_at=at), *DONE)
    assert job.started_at is not None
    assert job.started_at >= at


def test_a_failure_that_may_pass_is_tried_again(busy_yard: Yard) -> None:
    job = busy_yard.until(busy_yard.enqueue("busy", {"until_try": 3}), *DONE)
    assert (job.state, job.attempts, job.error_code) == (JobState.SUCCEEDED, 3, None)
    assert "remote_failed" in job.log


def test_a_final_failure_is_not_tried_again_and_says_stage_code_and_log(busy_yard: Yard) -> None:
    job = busy_yard.until(busy_yard.enqueue("wrong"), *DONE)
    assert (job.state, job.attempts) == (JobState.DEAD, 1)
    assert (job.error_code, job.stage, job.progress) == ("invalid_input", "transcribe", 0.4)
    assert job.error_message == "That is no video. Send a video."
    assert "reading frame 17" in job.log


def test_a_fault_of_ours_ends_when_the_tries_do(busy_yard: Yard) -> None:
    job = busy_yard.until(busy_yard.enqueue("bug"), *DONE)
    assert (job.state, job.attempts, job.error_code) == (JobState.DEAD, 3, "internal")
    assert "nobody thought of this" in job.log
    assert "Traceback" in job.log


def test_a_waiting_job_is_cancelled_at_once(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("echo", run_at=utc_now() + timedelta(hours=1))
    with busy_yard.database.transaction() as session:
        assert busy_yard.queue.cancel(session, job_id).state == JobState.CANCELLED
    with busy_yard.database.transaction() as session:  # its time has come
        session.execute(update(Job).where(Job.id == job_id).values(run_at=utc_now()))
    busy_yard.until(busy_yard.enqueue("echo", priority=200), JobState.SUCCEEDED)
    assert busy_yard.calls(job_id) == 0


def test_a_running_job_hears_of_its_cancel_and_stops(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("listens")
    busy_yard.until(job_id, JobState.RUNNING)
    with busy_yard.database.transaction() as session:
        busy_yard.queue.cancel(session, job_id)
    # About a second when the machine is quiet. Who does not hear goes on for five minutes.
    assert busy_yard.until(job_id, *DONE).state == JobState.CANCELLED


def test_progress_is_seen_while_the_job_runs(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("listens")
    wait_for(lambda: busy_yard.job(job_id).progress == 0.5)
    assert busy_yard.job(job_id).stage == "render"
    busy_yard.watched.let_go(job_id)
    assert busy_yard.until(job_id, *DONE).state == JobState.SUCCEEDED


def test_a_job_that_takes_too_long_is_stopped_and_tried_again(busy_yard: Yard) -> None:
    job = busy_yard.until(busy_yard.enqueue("late"), *DONE)
    assert (job.state, job.attempts, job.error_code) == (JobState.DEAD, 2, "timeout")


def test_jobs_that_hang_are_given_up_and_their_queue_goes_on(busy_yard: Yard) -> None:
    hanging = [busy_yard.enqueue("hangs", queue="media") for _ in range(4)]
    after = busy_yard.enqueue("echo", queue="media", priority=200)
    assert busy_yard.until(after, *DONE).state == JobState.SUCCEEDED
    for job_id in hanging:
        job = busy_yard.until(job_id, *DONE)
        assert (job.state, job.error_code) == (JobState.DEAD, "timeout")
        busy_yard.watched.let_go(job_id)


def test_of_jobs_with_one_key_there_is_one_at_a_time(busy_yard: Yard) -> None:
    first = busy_yard.enqueue("listens", unique_key="video 1")
    assert busy_yard.enqueue("listens", unique_key="video 1") == first
    busy_yard.until(first, JobState.RUNNING)
    assert busy_yard.enqueue("listens", unique_key="video 1") == first
    busy_yard.watched.let_go(first)
    busy_yard.until(first, JobState.SUCCEEDED)
    second = busy_yard.enqueue("echo", unique_key="video 1")
    assert second != first
    busy_yard.until(second, JobState.SUCCEEDED)
    assert busy_yard.calls(first) == 1


def test_a_dead_job_runs_anew_with_all_its_tries(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("wrong")
    busy_yard.until(job_id, JobState.DEAD)
    with busy_yard.database.transaction() as session:
        job = busy_yard.queue.retry(session, job_id)
        assert (job.state, job.attempts, job.error_code) == (JobState.QUEUED, 0, None)
    wait_for(lambda: busy_yard.calls(job_id) == 2)
    assert busy_yard.until(job_id, JobState.DEAD).attempts == 1


def test_only_what_ended_badly_runs_anew(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("echo")
    busy_yard.until(job_id, JobState.SUCCEEDED)
    with pytest.raises(ConflictError), busy_yard.database.transaction() as session:
        busy_yard.queue.retry(session, job_id)
    with pytest.raises(NotFoundError), busy_yard.database.transaction() as session:
        busy_yard.queue.cancel(session, "job_none")


def test_a_task_nobody_knows_is_refused_at_once(busy_yard: Yard) -> None:
    with pytest.raises(UnknownTaskError):
        busy_yard.enqueue("no such task")


def test_workers_told_twice_of_a_running_job_leave_it_alone(busy_yard: Yard) -> None:
    job_id = busy_yard.enqueue("listens")
    running = busy_yard.until(job_id, JobState.RUNNING)
    busy_yard.queue.send([running, running])
    busy_yard.until(busy_yard.enqueue("echo"), JobState.SUCCEEDED)
    busy_yard.watched.let_go(job_id)
    assert busy_yard.until(job_id, *DONE).attempts == 1
    assert busy_yard.calls(job_id) == 1


def test_another_queue_is_served_too(busy_yard: Yard) -> None:
    busy_yard.until(busy_yard.enqueue("echo", queue="media"), JobState.SUCCEEDED)


def test_the_length_counts_what_waits(busy_yard: Yard) -> None:
    before = busy_yard.queue.length("publish")
    job_id = busy_yard.enqueue("echo", queue="publish", run_at=utc_now() + timedelta(hours=1))
    assert busy_yard.queue.length("publish") == before + 1
    assert busy_yard.queue.length() >= 1
    with busy_yard.database.transaction() as session:
        busy_yard.queue.cancel(session, job_id)
    assert busy_yard.queue.length("publish") == before


def test_a_broker_that_forgets_everything_loses_no_job(busy_yard: Yard) -> None:
    ids = [busy_yard.enqueue("echo") for _ in range(20)]
    busy_yard.forget_messages()
    ids += [busy_yard.enqueue("echo") for _ in range(5)]
    for job_id in ids:
        assert busy_yard.until(job_id, *DONE).state == JobState.SUCCEEDED
    assert [busy_yard.calls(job_id) for job_id in ids] == [1] * len(ids)
