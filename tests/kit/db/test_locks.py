"""Names that one transaction holds at a time."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from goviral.kit.db.database import Database
from goviral.kit.db.locks import lock_name

_HELD_S = 0.3


@pytest.fixture
def postgresql(migrated_postgres_url: str) -> Iterator[Database]:
    opened = Database(migrated_postgres_url)
    yield opened
    opened.close()


def beside(database: Database, *held: str, then: Callable[[threading.Event], None]) -> None:
    """Hold a name in a transaction of another thread until `then` has returned or set its event."""
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as session:
            lock_name(session, *held)
            holds.set()
            may_end.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert holds.wait(60)
        then(may_end)
    finally:
        may_end.set()
        other.join()


def test_the_second_waits_for_the_end_of_the_first_transaction(postgresql: Database) -> None:
    order: list[str] = []

    def wait(may_end: threading.Event) -> None:
        def end() -> None:
            order.append("first ends")
            may_end.set()

        threading.Timer(_HELD_S, end).start()
        with postgresql.transaction() as session:
            lock_name(session, "upload", "ann", "abc")
            order.append("second begins")

    beside(postgresql, "upload", "ann", "abc", then=wait)
    assert order == ["first ends", "second begins"]


def test_another_name_is_not_waited_for(postgresql: Database) -> None:
    def take(_may_end: threading.Event) -> None:
        with postgresql.transaction() as session:
            lock_name(session, "upload", "bob", "abc")

    beside(postgresql, "upload", "ann", "abc", then=take)


def test_nobody_is_waited_for_for_ever(postgresql: Database) -> None:
    def give_up(_may_end: threading.Event) -> None:
        with pytest.raises(OperationalError, match="lock timeout"), postgresql.transaction() as own:
            lock_name(own, "upload", "ann", "abc", wait_s=0.1)

    beside(postgresql, "upload", "ann", "abc", then=give_up)


def test_the_same_transaction_may_hold_it_twice(database: Database) -> None:
    with database.transaction() as session:
        lock_name(session, "upload", "ann", "abc")
        lock_name(session, "upload", "ann", "abc")
        assert session.scalar(text("select 1")) == 1
