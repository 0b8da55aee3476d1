"""Hands committed events on: every subscriber, in order, at least once, one relay at a time."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from goviral.kit.clock import Clock, utc_now
from goviral.kit.db.database import Database
from goviral.kit.db.leadership import lead, resign
from goviral.kit.events.event import Subscriber
from goviral.kit.events.models import EventRow
from goviral.kit.ids import worker_name
from goviral.kit.retry import Backoff

log = logging.getLogger(__name__)
_LEADER = "relay"
_LEASE_S = 15.0
_LOOK_S = 0.2
_BATCH = 100
_AGAIN = Backoff(attempts=8, base_s=1, factor=4, max_delay_s=600)


class Relay:
    """Run it in as many processes as you like: one leads, so the order of events holds.

    `on_relayed` is called after each commit that relayed something: it wakes the listeners.
    """

    def __init__(
        self,
        database: Database,
        subscribers: Sequence[Subscriber],
        *,
        on_relayed: Callable[[], None] = lambda: None,
        clock: Clock = utc_now,
        name: str | None = None,
        again: Backoff = _AGAIN,
    ) -> None:
        self._database = database
        self._subscribers = tuple(subscribers)
        self._on_relayed = on_relayed
        self._clock = clock
        self._again = again
        self.name = name or worker_name()

    def relay(self) -> int:
        """Hand on what waits; how many events. None where another process leads."""
        if not self._anything():
            return 0
        with self._database.transaction() as session:
            now = self._clock()
            if not lead(session, _LEADER, self.name, now, now + timedelta(seconds=_LEASE_S)):
                return 0
            relayed = sum(self._hand_on(session, row) for row in self._waiting(session))
        if relayed:
            self._on_relayed()
        return relayed

    def run(self, stopping: threading.Event, look_s: float = _LOOK_S) -> None:
        """Relay until `stopping` is set, then resign."""
        while not stopping.is_set():
            try:
                if self.relay() == _BATCH:
                    continue
            except DBAPIError as error:
                log.warning("events not relayed: %s", error.orig)
            stopping.wait(look_s)
        try:
            with self._database.transaction() as session:
                resign(session, _LEADER, self.name, self._clock())
        except DBAPIError as error:
            log.warning("not resigned: %s", error.orig)

    def _anything(self) -> bool:
        # A read first: an idle relay takes no write lock on SQLite.
        waiting = (EventRow.position.is_(None), EventRow.dead.is_(False))
        due = EventRow.next_at <= self._clock()
        with self._database.reading() as session:
            return session.scalar(select(EventRow.id).where(*waiting, due).limit(1)) is not None

    def _waiting(self, session: Session) -> list[EventRow]:
        # In the order of making. An event that fails is passed over until its next try.
        waiting = (EventRow.position.is_(None), EventRow.dead.is_(False))
        due = EventRow.next_at <= self._clock()
        statement = select(EventRow).where(*waiting, due).order_by(EventRow.id).limit(_BATCH)
        return list(session.scalars(statement))

    def _hand_on(self, session: Session, row: EventRow) -> bool:
        last = session.scalar(select(func.max(EventRow.position))) or 0
        try:
            with session.begin_nested():
                row.position = last + 1
                for subscriber in self._subscribers:
                    subscriber(session, row.as_event())
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001  one bad event must not hold up the rest
            row.position = None
            self._failed(row, error)
            return False
        return True

    def _failed(self, row: EventRow, error: Exception) -> None:
        log.warning("event %s (%s) not relayed: %s", row.id, row.type, error, exc_info=error)
        row.attempts += 1
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        wait_s = self._again.delay_s(row.attempts, lambda: 1.0)
        if wait_s is None:
            row.dead = True
            return
        row.next_at = self._clock() + timedelta(seconds=wait_s)
