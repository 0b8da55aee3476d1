"""What becomes of a job after a try: decided from its error alone. Pure."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from goviral.kit.db.availability import is_unavailable
from goviral.kit.db.database import told
from goviral.kit.errors import (
    AppError,
    CancelledError,
    DiskFullError,
    ProcessError,
    RateLimitedError,
)
from goviral.kit.jobs.context import StopReason
from goviral.kit.jobs.models import LOG_CHARACTERS, MESSAGE_CHARACTERS
from goviral.kit.jobs.patience import (
    DATABASE_AWAY,
    DATABASE_WAIT_S,
    FULL_DISK_WAIT_S,
    found_disk_full,
    has_patience,
    wait_s,
)
from goviral.kit.retry import Backoff

_TRACE_CHARACTERS = 3_000


@dataclass(frozen=True, slots=True)
class Succeeded:
    """It did what it should; `result` goes into its row."""

    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """This try failed. `delay_s`: wait before the next one; None: there is none.

    `one_more`: it was not the job's fault, and its tries become one more.
    """

    code: str
    message: str
    delay_s: float | None
    trace: str = ""
    one_more: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It was stopped by somebody and stays stopped."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Its worker shuts down, or it put itself off: it waits again as if this try had not been."""

    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Its lease was lost: another worker may have it, nothing is written."""


Outcome = Succeeded | Failed | Cancelled | GivenBack | Abandoned


def of_failure(
    error: Exception,
    *,
    stop: StopReason | None,
    attempts: int,
    max_attempts: int,
    backoff: Backoff,
    random: Callable[[], float],
    full_disk_wait_s: float = FULL_DISK_WAIT_S,
) -> Outcome:
    """The outcome of a try that raised `error` after `attempts` tries, this one included.

    An `AppError` says itself whether another try may help. Any other exception is a fault of ours that
    may depend on the moment, so it is tried again too; a poison job ends when its tries do. One that found
    the disk full waits for `full_disk_wait_s`, longer each time; one whose database went away, for less.
    """
    if stop is StopReason.LOST:
        return Abandoned()
    delay_s = replace(backoff, attempts=max_attempts).delay_s(attempts, random)
    if isinstance(error, CancelledError):
        return _of_stop(stop, delay_s)
    if found_disk_full(error) or is_unavailable(error):
        more = has_patience(error, max_attempts)
        first_s = full_disk_wait_s if found_disk_full(error) else DATABASE_WAIT_S
        pause_s = wait_s(attempts, first_s, random)
        return _hindered(error, more, None if delay_s is None and not more else pause_s)
    if isinstance(error, AppError):
        again = _not_before(delay_s, error) if error.retryable else None
        return Failed(error.code, _short(str(error)), again, _log_of(error))
    return Failed("internal", _short(f"{type(error).__name__}: {error}"), delay_s, _trace(error))


def _hindered(error: Exception, one_more: bool, delay_s: float | None) -> Failed:
    if not found_disk_full(error):
        assert isinstance(error, SQLAlchemyError)
        # No trace: it would tell the statement and its values, and the place says nothing here.
        message = _short(f"The database does not answer: {told(error)}")
        return Failed(DATABASE_AWAY, message, delay_s, one_more=one_more)
    if isinstance(error, AppError):
        return Failed(DiskFullError.code, _short(str(error)), delay_s, _log_of(error), one_more)
    return Failed(DiskFullError.code, "The disk is full.", delay_s, _trace(error), one_more)


def _of_stop(stop: StopReason | None, delay_s: float | None) -> Outcome:
    if stop is StopReason.DRAIN:
        return GivenBack()
    if stop is StopReason.TIMEOUT:
        return Failed("timeout", "The job took longer than it may and was stopped.", delay_s)
    return Cancelled()


def _not_before(delay_s: float | None, error: AppError) -> float | None:
    if delay_s is not None and isinstance(error, RateLimitedError):
        return max(delay_s, error.retry_after_s)
    return delay_s


def _short(text: str) -> str:
    return text[:MESSAGE_CHARACTERS]


def _log_of(error: AppError) -> str:
    return error.log[-_TRACE_CHARACTERS:] if isinstance(error, ProcessError) else ""


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-min(_TRACE_CHARACTERS, LOG_CHARACTERS) :]
