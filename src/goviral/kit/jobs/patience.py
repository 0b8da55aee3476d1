"""A full disk and a database that is away are no fault of a job: how long it waits, how often it looks. Pure."""

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from goviral.kit.db.availability import is_unavailable
from goviral.kit.errors import DiskFullError
from goviral.kit.files import is_disk_full
from goviral.kit.retry import Backoff

FULL_DISK_WAIT_S = 60.0
DATABASE_WAIT_S = 5.0
DATABASE_AWAY = "database_unavailable"
MOST_TRIES = 16
"""A try that met one of them does not use up the job's own tries, until there were so many in all."""

_LONGEST = 30
_POSTGRES_DISK_FULL = "53100"


def found_disk_full(error: BaseException) -> bool:
    """Whether there was no room: for a file of ours, or for the database."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None)
        return code == _POSTGRES_DISK_FULL or "disk is full" in str(error.orig)
    return isinstance(error, DiskFullError) or is_disk_full(error)


def has_patience(error: BaseException, max_attempts: int) -> bool:
    """Whether a job with so many tries gets one more for this failure."""
    is_hindered = found_disk_full(error) or is_unavailable(error)
    return is_hindered and max_attempts < MOST_TRIES


def wait_s(attempts: int, first_s: float, random: Callable[[], float]) -> float:
    """How long after the `attempts`-th try: about `first_s`, then twice that, up to thirty times that."""
    backoff = Backoff(attempts + 1, base_s=first_s, factor=2, max_delay_s=_LONGEST * first_s)
    delay_s = backoff.delay_s(attempts, random)
    assert delay_s is not None
    return delay_s
