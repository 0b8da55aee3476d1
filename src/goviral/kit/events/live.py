"""Events as they happen, for sockets that stay open; what was missed meanwhile comes first.

One thread a process reads the relayed events once for all its listeners: a thousand open sockets cost one
query. The table is the truth, so `Last-Event-ID` works on any process and after any restart. The same
thread ends who may listen no more (see `standing`).
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from goviral.kit.db.database import Database, told
from goviral.kit.db.repository import is_of
from goviral.kit.events.event import Event
from goviral.kit.events.models import EventRow
from goviral.kit.events.standing import CHANGED, Ended, Standing, Standings
from goviral.kit.events.wake import Wake

log = logging.getLogger(__name__)
_LOOK_S = 1.0
_BATCH = 500
_QUEUED = 1000
T = TypeVar("T")


class LiveFeed:
    """Fan-out of relayed events to the listeners of this process."""

    def __init__(self, database: Database, wake: Wake, *, look_s: float = _LOOK_S) -> None:
        self._database = database
        self.wake = wake
        self._look_s = look_s
        self._listeners: set[_Listener] = set()
        self._lock = threading.Lock()
        self._standings = Standings()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = 0

    @property
    def listeners(self) -> int:
        """How many sockets listen here."""
        return len(self._listeners)

    def listeners_of(self, owner_id: str) -> int:
        """How many of them are an owner's."""
        with self._lock:
            return sum(one.owner_id == owner_id for one in self._listeners)

    def now(self) -> int:
        """The position after which a listener hears what happens from now on. Asks the database once."""
        with self._lock:
            self._start()
            return self._seen

    async def listen(
        self,
        owner_id: str,
        after: int | None = None,
        subject: str | None = None,
        standing: Standing | None = None,
    ) -> AsyncIterator[Event | Ended | None]:
        """Events of an owner after position `after` (None: from now on), for ever, in order.

        Yields None about every 15 s when nothing happens, for the caller to send a sign of life.
        Ends when the feed closes, or when the listener is too slow: it comes back with its last position.
        Ends with `Ended` where `standing` is good no more.
        """
        listener = _Listener(owner_id, subject, standing)
        now = await asyncio.to_thread(self._join, listener)
        last = now if after is None else after
        try:
            async for event in self._missed(listener, last):
                last = event.position or last
                yield event
            async for live in listener.events():
                if live is None or (live.position or 0) > last:
                    yield live
            if listener.refused is not None:
                yield listener.refused
        finally:
            self._leave(listener)

    def close(self) -> None:
        """End every listener and the thread."""
        self._closed.set()
        self.wake.tap()
        with self._lock:
            for listener in self._listeners:
                listener.end()
        if self._thread:
            self._thread.join(timeout=2 * self._look_s + 1)

    def _join(self, listener: "_Listener") -> int:
        with self._lock:
            self._start()
            self._listeners.add(listener)
            if listener.standing is not None:
                self._standings.join(listener, listener.standing)
            if self._closed.is_set():
                listener.end()
            return self._seen

    def _start(self) -> None:
        if self._thread is None:
            self._seen = self._newest()
            self._thread = threading.Thread(target=self._follow, name="live", daemon=True)
            self._thread.start()

    def _leave(self, listener: "_Listener") -> None:
        with self._lock:
            self._listeners.discard(listener)
        if listener.standing is not None:
            self._standings.leave(listener, listener.standing)

    async def _missed(self, listener: "_Listener", after: int) -> AsyncIterator[Event]:
        while True:
            events = await asyncio.to_thread(self._after, after, listener)
            for event in events:
                if listener.refused is not None:
                    return
                yield event
            if len(events) < _BATCH:
                return
            after = events[-1].position or after

    def _follow(self) -> None:
        while not self._closed.is_set():
            self.wake.wait(self._look_s)
            try:
                self._tell()
                self._standings.look()
            except SQLAlchemyError as error:
                log.warning("no database for live events: %s", told(error))

    def _tell(self) -> None:
        while not self._closed.is_set():
            events = self._after(self._seen)
            # Before the others are told: what happened after a revocation is not for the revoked.
            self._standings.changed(one.subject for one in events if one.type == CHANGED)
            with self._lock:
                for event in events:
                    for listener in self._listeners:
                        listener.tell(event)
                if events:
                    self._seen = events[-1].position or self._seen
            if len(events) < _BATCH:
                return

    def _newest(self) -> int:
        with self._database.reading() as session:
            return session.scalar(select(func.max(EventRow.position))) or 0

    def _after(self, position: int, listener: "_Listener | None" = None) -> list[Event]:
        statement: Select[tuple[EventRow]] = select(EventRow).where(EventRow.position > position)
        if listener is not None:
            statement = statement.where(is_of(EventRow, listener.owner_id))
            if listener.subject is not None:
                statement = statement.where(EventRow.subject == listener.subject)
        with self._database.reading() as session:
            rows = session.scalars(statement.order_by(EventRow.position).limit(_BATCH))
            return [row.as_event() for row in rows]


class _Listener:
    """One open socket: its events on their way from the feed's thread into its own event loop."""

    _ALIVE_S = 15.0

    def __init__(self, owner_id: str, subject: str | None, standing: Standing | None) -> None:
        self.owner_id = owner_id
        self.subject = subject
        self.standing = standing
        self.refused: Ended | None = None
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(_QUEUED)
        self._ended = False

    def tell(self, event: Event) -> None:
        if event.owner_id != self.owner_id:
            return
        if self.subject is not None and event.subject != self.subject:
            return
        self._from_outside(self._put, event)

    def end(self) -> None:
        self._from_outside(self._put, None)

    def refuse(self, why: Ended) -> None:
        """Nothing that waits is told any more."""
        self._from_outside(self._drop_all, why)

    async def events(self) -> AsyncIterator[Event | None]:
        """Events as they come; None as a sign of life."""
        while not self._ended or not self._queue.empty():
            try:
                event = await asyncio.wait_for(self._queue.get(), self._ALIVE_S)
            except TimeoutError:
                yield None
                continue
            if event is None:
                return
            yield event

    def _from_outside(self, act: Callable[[T], None], value: T) -> None:
        with suppress(RuntimeError):  # its loop has ended meanwhile
            self._loop.call_soon_threadsafe(act, value)

    def _drop_all(self, why: Ended) -> None:
        self.refused = why
        while not self._queue.empty():
            self._queue.get_nowait()
        self._put(None)

    def _put(self, event: Event | None) -> None:
        if self._ended:
            return
        if event is None or self._queue.full():
            # Too slow: what waits is still told, then the stream ends and the client resumes.
            self._ended = True
            if not self._queue.full():
                self._queue.put_nowait(None)
            return
        self._queue.put_nowait(event)
