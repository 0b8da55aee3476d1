"""Looking at jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from goviral.kit.db.database import Database
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import ConflictError, InputError, NotFoundError
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.jobs.repository import JobFilter, JobRepository, state_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _jobs(database: Database) -> None:
    """One job an hour: ann's succeed, bob's die, the schedule's wait."""
    owners = [("ann", "succeeded"), ("ann", "succeeded"), ("bob", "dead"), (None, "queued")]
    for hour, (owner, state) in enumerate(owners):
        ledger = Ledger(clock=lambda hour=hour: NOON + timedelta(hours=hour))  # type: ignore[misc]
        with database.transaction() as session:
            job, _ = ledger.add(
                session, name=f"task{hour}", queue="default", payload={}, owner_id=owner
            )
            job.state = state


def names(found: list[Job]) -> list[str]:
    return [job.name for job in found]


def test_an_administrator_sees_all_newest_first_and_how_many_of_each(database: Database) -> None:
    with database.reading() as session:
        jobs = JobRepository(session, EVERYONE)
        assert names(list(jobs.matching(JobFilter()).items)) == ["task3", "task2", "task1", "task0"]
        totals = {"queued": 1, "running": 0, "succeeded": 2, "dead": 1, "cancelled": 0}
        assert jobs.totals(JobFilter(status="dead")) == totals


def test_a_status_and_a_span_of_time_narrow_the_list(database: Database) -> None:
    with database.reading() as session:
        jobs = JobRepository(session, EVERYONE)
        assert names(list(jobs.matching(JobFilter(status="error")).items)) == ["task2"]
        span = JobFilter(
            created_from=NOON + timedelta(hours=1), created_to=NOON + timedelta(hours=3)
        )
        assert names(list(jobs.matching(span).items)) == ["task2", "task1"]
        assert jobs.totals(span)["succeeded"] == 1
        assert names(list(jobs.matching(JobFilter(name="task0", queue="default")).items)) == [
            "task0"
        ]
        assert names(list(jobs.matching(JobFilter(subject="vid_1")).items)) == []


def test_a_user_sees_only_his_own(database: Database) -> None:
    with database.reading() as session:
        assert names(list(JobRepository(session, "bob").matching(JobFilter()).items)) == ["task2"]
        assert sum(JobRepository(session, "bob").totals(JobFilter()).values()) == 1


def test_only_finished_jobs_are_removed(database: Database) -> None:
    with database.transaction() as session:
        jobs = JobRepository(session, EVERYONE)
        waiting, dead = (
            jobs.matching(JobFilter(status=word)).items[0].id for word in ("queued", "dead")
        )
        with pytest.raises(ConflictError):
            jobs.remove(waiting)
        jobs.remove(dead)
        with pytest.raises(NotFoundError):
            jobs.remove(dead)


def test_words_that_are_no_status_are_refused() -> None:
    assert state_of("error") is JobState.DEAD
    with pytest.raises(InputError, match="queued"):
        state_of("sleeping")
