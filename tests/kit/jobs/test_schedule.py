"""One leader, each tick at most once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cronsim import CronSimError
from sqlalchemy import select

from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.schedule import Entry, Schedule, Scheduler
from goviral.kit.jobs.task import Registry, Task
from twins.clock import StandingClock

NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
Made = Callable[..., Scheduler]


@pytest.fixture
def watch() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture
def scheduler(database: Database, watch: StandingClock) -> Made:
    registry = Registry(Task("sweep", lambda _context, _payload: None))
    queue = EmbeddedQueue(database, registry, Ledger(clock=watch))

    def make(name: str = "one", **options: float) -> Scheduler:
        schedule = Schedule()
        schedule.add("tidy", "* * * * *", "sweep", {"deep": True})
        return Scheduler(database, queue, schedule, clock=watch, name=name, **options)

    return make


def test_a_new_entry_waits_for_its_next_tick(scheduler: Made, watch: StandingClock) -> None:
    one = scheduler()
    assert one.tick() == []
    watch.now += timedelta(seconds=29)
    assert one.tick() == []
    watch.now += timedelta(seconds=1)
    (job,) = one.tick()
    assert (job.name, job.payload, job.owner_id) == ("sweep", {"deep": True}, None)
    assert one.tick() == []


def test_after_a_pause_only_the_latest_tick_is_made_up_for(
    scheduler: Made, watch: StandingClock
) -> None:
    one = scheduler()
    one.tick()
    watch.now += timedelta(hours=3)
    assert len(one.tick()) == 1
    assert one.tick() == []


def test_the_second_scheduler_takes_over_when_the_first_is_silent(
    scheduler: Made, watch: StandingClock
) -> None:
    one, two = scheduler("one"), scheduler("two")
    one.tick()
    watch.now += timedelta(seconds=29)
    assert two.tick() == []
    watch.now += timedelta(seconds=32)
    assert len(two.tick()) == 1
    watch.now += timedelta(minutes=1)
    assert len(two.tick()) == 1
    assert one.tick() == []


def test_who_resigns_is_followed_at_once(scheduler: Made, watch: StandingClock) -> None:
    one, two = scheduler("one"), scheduler("two")
    one.tick()
    one.resign()
    watch.now += timedelta(seconds=30)
    assert len(two.tick()) == 1


def test_a_clock_that_steps_back_makes_no_tick_twice(scheduler: Made, watch: StandingClock) -> None:
    one = scheduler()
    one.tick()
    watch.now += timedelta(minutes=1)
    assert len(one.tick()) == 1
    watch.now -= timedelta(minutes=2)
    assert one.tick() == []
    watch.now += timedelta(minutes=2)
    assert one.tick() == []


def test_two_that_both_believe_to_lead_make_one_job(
    scheduler: Made, watch: StandingClock, database: Database
) -> None:
    """With a lease of no length everybody leads always; the row of the tick decides alone."""
    schedulers = [scheduler(f"s{number}", lease_s=0) for number in range(4)]
    schedulers[0].tick()
    watch.now += timedelta(minutes=1)
    threads = [threading.Thread(target=one.tick) for one in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with database.reading() as session:
        assert len(list(session.scalars(select(Job)))) == 1


def test_running_ticks_until_it_is_stopped_and_then_resigns(
    scheduler: Made, watch: StandingClock
) -> None:
    one, two = scheduler("one"), scheduler("two")
    stopping = threading.Event()
    thread = threading.Thread(target=one.run, args=(stopping, 0.01))
    thread.start()
    stopping.set()
    thread.join(120)
    two.tick()
    watch.now += timedelta(seconds=30)
    assert len(two.tick()) == 1


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("* * * * *", datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
        ("0 3 * * *", datetime(2026, 11, 20, 3, 0, tzinfo=UTC)),
        ("30 0 12 20 11 *", datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)),
        ("0 0 1 1 *", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_last_tick_is_at_or_before_now(cron: str, expected: datetime) -> None:
    assert Entry("x", cron, "sweep").last_tick(NOON) == expected


def test_bad_entries_are_refused_when_the_table_is_made() -> None:
    schedule = Schedule()
    with pytest.raises(CronSimError):
        schedule.add("x", "every now and then", "sweep")
    schedule.add("x", "* * * * *", "sweep")
    with pytest.raises(ValueError, match="two entries"):
        schedule.add("x", "* * * * *", "sweep")
