"""When to try again: exponential back-off with full jitter. Pure; the caller sleeps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Backoff:
    """`attempts` tries in all; waits grow from `base_s` by `factor`, never above `max_delay_s`."""

    attempts: int = 3
    base_s: float = 0.5
    factor: float = 2.0
    max_delay_s: float = 30.0

    def delay_s(
        self, failures: int, random: Callable[[], float], retry_after_s: float | None = None
    ) -> float | None:
        """Seconds to wait after the `failures`-th failure (from 1); None: give up.

        Half of each wait is jitter (AWS Architecture Blog, "equal jitter"), so that many callers
        do not come back at once. A server's own Retry-After is obeyed up to `max_delay_s`;
        asked to wait longer than that, we give up rather than come back too early.
        """
        if failures >= self.attempts:
            return None
        if retry_after_s is not None:
            return retry_after_s if retry_after_s <= self.max_delay_s else None
        ceiling = min(self.max_delay_s, self.base_s * self.factor ** min(failures - 1, 63))
        return ceiling / 2 + ceiling / 2 * random()


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds a `Retry-After` header asks for (RFC 9110 10.2.3: seconds or a date); None if unusable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
