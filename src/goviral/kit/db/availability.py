"""Whether a failure says that the database is away for now, not that our statement was wrong. Pure.

The kind of exception does not tell: SQLite's "no such table" is an `OperationalError` as its "database is
locked" is, and PostgreSQL's class 54 (a statement beyond its limits) as a lost connection.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_PRIMARY_CODE = 0xFF  # the other bits say more precisely what happened
_POSTGRES_CLASSES = ("08", "40", "53", "57", "58")
"""Connection, rolled back for others' sake, resources, an operator's doing, the system below."""
_LOCK_NOT_AVAILABLE, _READ_ONLY = (
    "55P03",
    "25006",
)  # the second: a standby, in the middle of a failover


def is_unavailable(error: BaseException) -> bool:
    """Whether the same work may succeed once the database is back, or less busy."""
    if isinstance(error, NoConnectionError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _POSTGRES_CLASSES or state in (_LOCK_NOT_AVAILABLE, _READ_ONLY)
    if error.connection_invalidated:
        return True
    return isinstance(error, OperationalError) and _is_of_the_moment(error.orig)


def _is_of_the_moment(said: BaseException | None) -> bool:
    code = getattr(said, "sqlite_errorcode", None)
    # Without a code a driver speaks for itself: it did not reach its database.
    return code is None or code & _PRIMARY_CODE in _SQLITE
