"""What happens at fixed times: one table in code, one leader, each tick at most once.

Times are UTC. After a pause only the latest missed tick of an entry is made up for.
"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronsim import CronSim
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from goviral.kit.clock import Clock, utc_now
from goviral.kit.db.database import Database, told
from goviral.kit.db.leadership import changed, insert_if_absent, lead, resign
from goviral.kit.ids import worker_name
from goviral.kit.jobs.models import Job, Payload, ScheduleTick
from goviral.kit.jobs.queue import Queue

log = logging.getLogger(__name__)
_LEADER = "schedule"
_LEASE_S = 30.0
_TICK_S = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """`cron` (five fields, or six with seconds, UTC) makes a job of `task`. Raises `CronSimError`."""

    name: str
    cron: str
    task: str
    payload: Payload = field(default_factory=dict)

    def __post_init__(self) -> None:
        CronSim(self.cron, utc_now())

    def last_tick(self, now: datetime) -> datetime:
        """The latest time at or before `now` that the expression names."""
        # Strictly before, in both directions: one microsecond later makes `now` itself count.
        return next(CronSim(self.cron, now + timedelta(microseconds=1), reverse=True))


class Schedule:
    """The table. Filled by the composition root."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def add(self, name: str, cron: str, task: str, payload: Payload | None = None) -> None:
        """Raises `ValueError` for a name that is taken, `cronsim.CronSimError` for a bad expression."""
        if name in self._entries:
            raise ValueError(f"there are two entries {name!r}")
        self._entries[name] = Entry(name, cron, task, payload or {})

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())


class Scheduler:
    """Makes the jobs that are due. Run it in as many processes as you like: one of them leads."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        schedule: Schedule,
        *,
        clock: Clock = utc_now,
        name: str | None = None,
        lease_s: float = _LEASE_S,
    ) -> None:
        self._database = database
        self._queue = queue
        self._schedule = schedule
        self._clock = clock
        self._lease = timedelta(seconds=lease_s)
        self.name = name or worker_name()

    def tick(self) -> list[Job]:
        """Make the jobs due now; none where another process leads."""
        with self._database.transaction() as session:
            now = self._clock()
            if not lead(session, _LEADER, self.name, now, now + self._lease):
                return []
            made = [self._make(session, entry, now) for entry in self._schedule]
        return [job for job in made if job is not None]

    def resign(self) -> None:
        """Let another process lead at once."""
        with self._database.transaction() as session:
            resign(session, _LEADER, self.name, self._clock())

    def run(self, stopping: threading.Event, every_s: float = _TICK_S) -> None:
        """Tick until `stopping` is set, then resign."""
        while not stopping.is_set():
            try:
                self.tick()
            except SQLAlchemyError as error:
                log.warning("no database for the schedule: %s", told(error))
            stopping.wait(every_s)
        try:
            self.resign()
        except SQLAlchemyError as error:
            log.warning("not resigned: %s", told(error))

    def _make(self, session: Session, entry: Entry, now: datetime) -> Job | None:
        tick = entry.last_tick(now)
        last = session.scalar(select(ScheduleTick.last_tick).where(ScheduleTick.name == entry.name))
        if last is None:
            # New in the table: its first tick is the next one.
            insert_if_absent(session, ScheduleTick, name=entry.name, last_tick=now)
            return None
        if tick <= last:
            return None
        # Compared and set in one statement: two leaders of a split moment make one job.
        unmoved = (ScheduleTick.name == entry.name, ScheduleTick.last_tick == last)
        moved = session.execute(update(ScheduleTick).where(*unmoved).values(last_tick=tick))
        if not changed(moved):
            return None
        key = f"{entry.name}@{tick.isoformat()}"
        return self._queue.enqueue(
            session, entry.task, dict(entry.payload), owner_id=None, unique_key=key
        )
