"""What is committed is handed on in order, at least once; what is rolled back never is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from goviral.kit.db.database import Database
from goviral.kit.events.event import Event
from goviral.kit.events.models import EventRow
from goviral.kit.events.outbox import publish, purge, revive
from goviral.kit.events.relay import Relay
from goviral.kit.retry import Backoff
from twins.clock import StandingClock

NOON = datetime(2026, 11, 20, tzinfo=UTC)


class Heard:
    """A subscriber that remembers, and fails on the subjects it is told to."""

    def __init__(self, *bad: str) -> None:
        self.subjects: list[str | None] = []
        self.bad = set(bad)

    def __call__(self, session: Session, event: Event) -> None:
        if event.subject in self.bad:
            raise ValueError("no")
        self.subjects.append(event.subject)


def say(database: Database, *subjects: str) -> None:
    for subject in subjects:
        with database.transaction() as session:
            publish(session, "clip.ready", owner_id="usr_a", subject=subject)


def test_events_are_handed_on_once_in_the_order_they_were_made(database: Database) -> None:
    heard, woken = Heard(), []
    relay = Relay(database, [heard], on_relayed=lambda: woken.append(1))
    say(database, "a", "b", "c")
    assert relay.relay() == 3
    assert relay.relay() == 0
    assert heard.subjects == ["a", "b", "c"]
    assert len(woken) == 1
    with database.reading() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.position))
        assert [(row.subject, row.position) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]


def changed_my_mind(database: Database) -> None:
    with database.transaction() as session:
        publish(session, "clip.ready", owner_id="usr_a", subject="a")
        raise ZeroDivisionError


def test_an_event_of_a_rolled_back_transaction_is_never_told(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        changed_my_mind(database)
    assert Relay(database, [Heard()]).relay() == 0


def test_a_bad_event_waits_and_does_not_hold_up_the_others(database: Database) -> None:
    clock, heard = StandingClock(NOON), Heard("bad")
    relay = Relay(database, [heard], clock=clock, again=Backoff(attempts=2, base_s=10))
    with database.transaction() as session:
        for subject in ("bad", "good"):
            publish(session, "x.y", owner_id=None, subject=subject, at=clock())
    assert relay.relay() == 1
    assert heard.subjects == ["good"]
    assert relay.relay() == 0
    clock.now += timedelta(seconds=60)
    assert relay.relay() == 0
    with database.reading() as session:
        bad = session.scalars(select(EventRow).where(EventRow.subject == "bad")).one()
        assert (bad.dead, bad.attempts, bad.last_error) == (True, 2, "ValueError: no")
    heard.bad.clear()
    with database.transaction() as session:
        assert revive(session, bad.id)
    clock.now = datetime.now(UTC) + timedelta(minutes=1)
    assert relay.relay() == 1
    assert heard.subjects == ["good", "bad"]


def test_what_a_failing_subscriber_wrote_is_undone(database: Database) -> None:
    def writes_then_fails(session: Session, event: Event) -> None:
        publish(session, "made.by-it", owner_id=None)
        session.flush()
        raise ValueError

    say(database, "a")
    assert Relay(database, [writes_then_fails]).relay() == 0
    with database.reading() as session:
        assert [row.type for row in session.scalars(select(EventRow))] == ["clip.ready"]


def test_only_one_of_two_relays_leads_and_the_other_takes_over(database: Database) -> None:
    clock = StandingClock(NOON)
    clock.now = datetime.now(UTC)
    one, two = (Relay(database, [Heard()], clock=clock, name=name) for name in ("one", "two"))
    say(database, "a")
    clock.now += timedelta(seconds=1)
    assert one.relay() == 1
    say(database, "b")
    clock.now += timedelta(seconds=1)
    assert two.relay() == 0
    clock.now += timedelta(seconds=60)
    assert two.relay() == 1


def test_events_told_long_ago_are_forgotten(database: Database) -> None:
    say(database, "a", "b", "newest")
    Relay(database, [Heard()]).relay()
    say(database, "waiting")
    with database.transaction() as session:
        assert purge(session, datetime.now(UTC) + timedelta(days=1)) == 2
    with database.reading() as session:
        kept = session.scalars(select(EventRow.subject).order_by(EventRow.id)).all()
    assert kept == ["newest", "waiting"]


def test_no_position_is_given_twice_although_all_was_forgotten(database: Database) -> None:
    heard = Heard()
    for subject in ("a", "b"):
        say(database, subject)
        Relay(database, [heard], name="one").relay()
        with database.transaction() as session:
            purge(session, datetime.now(UTC) + timedelta(days=1))
    with database.reading() as session:
        assert session.scalars(select(EventRow.position)).all() == [2]
