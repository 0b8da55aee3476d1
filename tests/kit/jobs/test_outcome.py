"""What becomes of a try."""

import errno
import sqlite3

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from goviral.kit.errors import (
    CancelledError,
    DiskFullError,
    InputError,
    ProcessError,
    RateLimitedError,
    ResourceError,
)
from goviral.kit.jobs.context import StopReason
from goviral.kit.jobs.outcome import (
    Abandoned,
    Cancelled,
    Failed,
    GivenBack,
    Outcome,
    of_failure,
)
from goviral.kit.jobs.patience import MOST_TRIES
from goviral.kit.retry import Backoff


def outcome(
    error: Exception, stop: StopReason | None = None, attempts: int = 1, max_attempts: int = 3
) -> Outcome:
    return of_failure(
        error,
        stop=stop,
        attempts=attempts,
        max_attempts=max_attempts,
        backoff=Backoff(attempts=99, base_s=10, max_delay_s=1000),
        random=lambda: 0.0,
    )


def test_an_error_that_says_it_is_final_is() -> None:
    assert outcome(InputError("No video.", remedy="Send one.")) == Failed(
        "invalid_input", "No video. Send one.", None
    )


def test_an_error_of_a_child_brings_its_log() -> None:
    error = ProcessError("ffmpeg failed")
    error.log = "frame 1\nframe 2"
    found = outcome(error)
    assert isinstance(found, Failed)
    assert found.trace == "frame 1\nframe 2"


def test_who_asks_us_to_wait_longer_is_obeyed() -> None:
    error = RateLimitedError("Slow down.")
    error.retry_after_s = 120.0
    found = outcome(error)
    assert isinstance(found, Failed)
    assert found.delay_s == 120.0


def tries_of(error: Exception) -> list[Failed]:
    """How the tries of a job with three end, one after the other, until it is given up."""
    ended: list[Failed] = []
    while not ended or ended[-1].delay_s is not None:
        allowed = 3 + sum(one.one_more for one in ended)
        found = outcome(error, attempts=len(ended) + 1, max_attempts=allowed)
        assert isinstance(found, Failed)
        ended.append(found)
        assert len(ended) < 50, "it never gives up"
    return ended


NO_ROOM = [
    DiskFullError("The disk is full.", remedy="Free some space."),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full")),
    OperationalError("insert", {}, psycopg.errors.DiskFull("could not extend file")),
]


@pytest.mark.parametrize("error", NO_ROOM)
def test_a_full_disk_is_waited_for_longer_each_time_and_costs_no_try(error: Exception) -> None:
    tries = tries_of(error)
    waits = [one.delay_s for one in tries if one.delay_s is not None]
    assert {one.code for one in tries} == {"disk_full"}
    assert all(one.message.startswith("The disk is full.") for one in tries)
    assert waits[:6] == [30, 60, 120, 240, 480, 900]
    assert (len(waits), max(waits)) == (MOST_TRIES - 1, 900)
    assert sum(waits) > 2 * 3600


def from_sqlite(name: str, message: str) -> OperationalError:
    said = sqlite3.OperationalError(message)
    said.sqlite_errorcode = getattr(sqlite3, name)
    return OperationalError("select secret", {}, said)


def from_postgres(said: psycopg.Error, *, broken: bool = False) -> DBAPIError:
    return DBAPIError.instance(  # type: ignore[no-any-return, call-overload]
        "select secret", {}, said, psycopg.Error, connection_invalidated=broken
    )


DATABASE_AWAY = [
    from_sqlite("SQLITE_BUSY_SNAPSHOT", "database is locked"),
    from_sqlite("SQLITE_IOERR_WRITE", "disk I/O error"),
    from_sqlite("SQLITE_CANTOPEN", "unable to open database file"),
    from_postgres(psycopg.OperationalError("server closed the connection unexpectedly")),
    from_postgres(psycopg.InterfaceError("the cursor is closed"), broken=True),
    from_postgres(psycopg.errors.AdminShutdown("terminating connection")),
    from_postgres(psycopg.errors.TooManyConnections("too many clients already")),
    from_postgres(psycopg.errors.DeadlockDetected("deadlock detected")),
    from_postgres(psycopg.errors.LockNotAvailable("lock timeout")),
    from_postgres(psycopg.errors.ReadOnlySqlTransaction("in a read-only transaction")),
    NoConnectionError("QueuePool limit reached"),
]


@pytest.mark.parametrize("error", DATABASE_AWAY, ids=str)
def test_a_database_that_is_away_is_waited_for_and_costs_no_try(error: Exception) -> None:
    tries = tries_of(error)
    waits = [one.delay_s for one in tries if one.delay_s is not None]
    assert {one.code for one in tries} == {"database_unavailable"}
    assert not any("secret" in one.message + one.trace for one in tries)
    assert waits[:6] == [2.5, 5, 10, 20, 40, 75]
    assert (len(waits), max(waits)) == (MOST_TRIES - 1, 75)


FAULTS_OF_OURS = [
    from_sqlite("SQLITE_ERROR", "no such table: clips"),
    from_postgres(psycopg.errors.UndefinedTable("no such table")),
    from_postgres(psycopg.errors.StatementTooComplex("stack depth limit exceeded")),
    from_postgres(psycopg.errors.UniqueViolation("it is there")),
]


@pytest.mark.parametrize("error", FAULTS_OF_OURS, ids=str)
def test_a_statement_that_is_wrong_uses_up_its_tries(error: Exception) -> None:
    found = outcome(error, attempts=3)
    assert isinstance(found, Failed)
    assert (found.code, found.delay_s, found.one_more) == ("internal", None, False)


@pytest.mark.parametrize(
    "error", [ResourceError("Out of memory."), OSError(errno.EIO, "I/O error"), KeyError("full")]
)
def test_what_is_not_a_full_disk_is_not_waited_for(error: Exception) -> None:
    found = outcome(error, attempts=3)
    assert isinstance(found, Failed)
    assert (found.delay_s, found.one_more) == (None, False)


def test_the_last_try_has_none_after_it() -> None:
    found = outcome(KeyError("x"), attempts=3)
    assert isinstance(found, Failed)
    assert found.delay_s is None


@given(st.integers(1, 30), st.integers(1, 30))
def test_there_are_as_many_tries_as_the_job_says(attempts: int, max_attempts: int) -> None:
    found = outcome(KeyError("x"), attempts=attempts, max_attempts=max_attempts)
    assert isinstance(found, Failed)
    assert (found.delay_s is not None) == (attempts < max_attempts)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (None, Cancelled),
        (StopReason.CANCEL, Cancelled),
        (StopReason.DRAIN, GivenBack),
        (StopReason.LOST, Abandoned),
        (StopReason.TIMEOUT, Failed),
    ],
)
def test_why_a_job_was_stopped_decides(stop: StopReason | None, expected: type) -> None:
    assert isinstance(outcome(CancelledError("Stopped."), stop), expected)


def test_after_a_lost_lease_nothing_counts() -> None:
    assert outcome(InputError("x"), StopReason.LOST) == Abandoned()


def test_a_real_failure_is_told_even_when_a_stop_was_asked_for() -> None:
    assert isinstance(outcome(InputError("x"), StopReason.DRAIN), Failed)
