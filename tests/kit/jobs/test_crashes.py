"""Workers die, drain and hang: nothing is lost, nothing that counts is done twice."""

import os
import signal

from redis import Redis

from goviral.kit.jobs.models import JobState
from kit.jobs.yard import WAIT_S, Yard, kill, wait_for

DONE = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)


def test_a_killed_workers_job_runs_again_when_its_lease_is_over(yard: Yard) -> None:
    job_id = yard.enqueue("listens")
    with yard.worker() as first:
        wait_for(lambda: yard.calls(job_id) == 1)
        kill(first)
    yard.end_lease(job_id)
    with yard.worker():
        wait_for(lambda: yard.calls(job_id) == 2)
        yard.watched.let_go(job_id)
        job = yard.until(job_id, *DONE)
    assert (job.state, job.result, job.attempts) == (JobState.SUCCEEDED, {"try": 2}, 2)
    assert "is gone" in job.log


def test_a_job_that_kills_its_worker_ends_with_its_tries_and_says_where(yard: Yard) -> None:
    poison = yard.enqueue("poison")
    others = [yard.enqueue("echo", priority=200) for _ in range(5)]

    def is_over() -> bool:
        yard.end_lease_of_the_dead(poison)
        return yard.job(poison).state in DONE

    while not is_over():
        # Celery's parent survives its children; on one machine somebody starts the process again.
        with yard.worker() as worker:
            wait_for(lambda: is_over() or worker.poll() is not None)
    with yard.worker():
        assert all(yard.until(other, *DONE).state == JobState.SUCCEEDED for other in others)
    job = yard.job(poison)
    assert (job.state, job.attempts, job.error_code) == (JobState.DEAD, 3, "worker_lost")
    assert job.stage == "decode"
    assert yard.calls(poison) == 3


def test_on_sigterm_running_jobs_are_finished(yard: Yard) -> None:
    job_id = yard.enqueue("listens")
    with yard.worker(grace_s=WAIT_S) as worker:
        yard.until(job_id, JobState.RUNNING)
        os.kill(worker.pid, signal.SIGTERM)
        late = yard.enqueue("echo")
        yard.watched.let_go(job_id)
        worker.wait(WAIT_S)
    assert (yard.job(job_id).state, yard.job(job_id).attempts) == (JobState.SUCCEEDED, 1)
    with yard.worker():
        assert yard.until(late, *DONE).state == JobState.SUCCEEDED


def test_jobs_that_do_not_finish_in_time_are_given_back_and_the_try_does_not_count(
    yard: Yard,
) -> None:
    job_id = yard.enqueue("listens")
    with yard.worker(grace_s=0.2) as worker:
        yard.until(job_id, JobState.RUNNING)
        os.kill(worker.pid, signal.SIGTERM)
        worker.wait(WAIT_S)
    assert (yard.job(job_id).state, yard.job(job_id).attempts) == (JobState.QUEUED, 0)
    yard.watched.let_go(job_id)
    with yard.worker():
        job = yard.until(job_id, *DONE)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)


def test_a_lost_lease_is_noticed_and_the_late_worker_changes_nothing(yard: Yard) -> None:
    """A stopped process (a suspended machine) wakes up after another worker did its job."""
    if yard.kind == "embedded":
        return  # One machine is suspended as a whole; a process alone may hold SQLite's only lock.
    job_id = yard.enqueue("deaf")
    with yard.worker() as frozen:
        wait_for(lambda: yard.calls(job_id) == 1)
        os.killpg(frozen.pid, signal.SIGSTOP)
        yard.end_lease(job_id)
        with yard.worker():
            wait_for(lambda: yard.calls(job_id) == 2)
            yard.watched.let_go(job_id)
            assert yard.until(job_id, *DONE).result == {"try": 2}
            os.killpg(frozen.pid, signal.SIGCONT)
            yard.until(yard.enqueue("echo"), JobState.SUCCEEDED)
            os.kill(frozen.pid, signal.SIGTERM)
            frozen.wait(WAIT_S)
    job = yard.job(job_id)
    assert (job.state, job.result, job.attempts) == (JobState.SUCCEEDED, {"try": 2}, 2)


def test_a_job_longer_than_the_brokers_patience_runs_once(yard: Yard) -> None:
    """Redis hands the message on while the job still runs: the row is leased, so nothing happens."""
    if yard.kind != "celery":
        return
    job_id = yard.enqueue("listens")
    with yard.worker(visibility_timeout_s=1), yard.worker(visibility_timeout_s=1):
        yard.until(job_id, JobState.RUNNING)
        with Redis.from_url(yard.redis_url) as redis:
            # Its message was handed on, and whoever got it put it away: else nothing is tested.
            nothing_waits = lambda: redis.hlen("unacked") == redis.llen("default") == 0  # noqa: E731
            wait_for(nothing_waits)
            yard.until(yard.enqueue("echo"), JobState.SUCCEEDED)
            wait_for(nothing_waits)
        yard.watched.let_go(job_id)
        job = yard.until(job_id, *DONE)
    assert (job.state, job.attempts, yard.calls(job_id)) == (JobState.SUCCEEDED, 1, 1)
