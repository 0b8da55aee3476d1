"""One engine, one transaction per request or job; SQLite and PostgreSQL behave alike.

SQLite: WAL, and writers take the lock at BEGIN (`BEGIN IMMEDIATE`) so that two never meet half-way
(measured: a lock upgrade inside a transaction fails at once, waiting at its start does not).
PostgreSQL: no server-side prepared statements, which PgBouncer's transaction pooling cannot keep.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

_BUSY_MS = 30_000
_AFTER_COMMIT = "after_commit"
_WRITING = "writing"
_SQLITE_KEPT = 10


class Database:
    """The engine of one database and its transactions. Thread-safe; sessions are not."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgres(self.url, pool_size)
        self._reader = self.engine.execution_options(reading=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Rows stay readable after the commit. Then what `after_commit` was given is called, in order.
        """
        # Closing rolls back what was not committed.
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()
            for call in session.info.pop(_AFTER_COMMIT, ()):
                call()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: takes no write lock, keeps nothing."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def looking(self) -> Connection:
        """As `reading`, for a block that makes no objects of the rows (`View`): half its price."""
        return self._reader.connect()

    def ping(self) -> None:
        """Raises `sqlalchemy.exc.SQLAlchemyError` where the database does not answer."""
        with self.reading() as session:
            session.execute(text("select 1"))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Call `call` once the transaction of `session` is committed; never if it rolls back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(call)


def told(error: SQLAlchemyError) -> str:
    """What the database said, in one line; never the statement, whose values may be secret."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def normal_url(url: str) -> URL:
    """The address with our driver: `postgres://` and `postgresql://` mean psycopg 3."""
    parsed = make_url(url)
    if parsed.get_backend_name() in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def read_json(text: str | bytes) -> Any:
    """What a JSON column holds: as `json.loads`, in a tenth of its time.

    What only `json.loads` takes (a lone half of a surrogate pair, deep nesting) is left to it.
    """
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


def _postgres(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"prepare_threshold": None},
        json_deserializer=read_json,
    )
    event.listen(engine, "connect", _speak_utc)
    return engine


def _speak_utc(connection: Any, _record: Any) -> None:
    # In the server's own zone the last hours of the year 9999 may be in 10000: no row with them is read.
    # A statement, not an option of the connection: PgBouncer hands it on.
    connection.autocommit = True
    connection.execute("set time zone 'UTC'")
    connection.autocommit = False


def _sqlite(url: URL) -> Engine:
    wait_s = _BUSY_MS / 1000
    options: dict[str, Any] = {
        "connect_args": {"timeout": wait_s},
        "json_deserializer": read_json,
    }
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        options |= {"pool_size": _SQLITE_KEPT, "max_overflow": -1}
    engine = create_engine(url, **options)
    turn = _Turn(wait_s)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", turn.take)
    event.listen(engine, "checkin", turn.give)
    return engine


class _Turn:
    """Writers of one process wait here for each other.

    SQLite lets them wait too, but by sleeping and trying again: two threads then did half as many jobs,
    and among many the unlucky one waited for half a second.
    """

    def __init__(self, wait_s: float) -> None:
        self._lock = threading.Lock()
        self._wait_s = wait_s

    def take(self, connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        if not reading and not connection.info.get(_WRITING):
            # Not had in time: SQLite's own lock decides, and says what is wrong.
            connection.info[_WRITING] = self._lock.acquire(timeout=self._wait_s)
        # Straight to the driver: as a statement of SQLAlchemy it took as long as a query.
        begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.execute(begin)
        except sqlite3.Error as error:
            raise DBAPIError.instance(begin, None, error, sqlite3.Error) from error

    def give(self, _connection: Any, record: Any) -> None:
        # On return to the pool: the commit is done by then.
        if record.info.pop(_WRITING, False):
            self._lock.release()


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes too late; ours is sent by `_on_begin`.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
