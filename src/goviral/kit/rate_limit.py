"""How many calls a caller may make: one bucket a key, refilled evenly (GCRA).

The generic cell rate algorithm (ITU-T I.371) keeps one number a key: the time at which the bucket
would be empty again. In process for one machine, in Redis for many.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from goviral.kit.errors import RateLimitedError

_SWEEP_AT = 50_000


class Limiter(Protocol):
    """Counts calls. Thread-safe. `is_remote` says that a call waits for the network."""

    is_remote: bool

    def check(self, key: str, limit: int, per_s: float) -> None:
        """Count one call of `key`, of which `limit` are allowed in `per_s` seconds, all at once or
        spread. Raises `RateLimitedError` with `retry_after_s`; a refused call is not counted.
        """
        ...


def limited(wait_s: float) -> RateLimitedError:
    """The error that asks to wait `wait_s` seconds."""
    error = RateLimitedError("Too many requests.", remedy="Wait, then try again.")
    error.retry_after_s = max(1.0, math.ceil(wait_s))
    return error


class MemoryLimiter:
    """Buckets of this process."""

    is_remote = False

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._empty_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, key: str, limit: int, per_s: float) -> None:
        """See `Limiter`."""
        now = self._now()
        with self._lock:
            if len(self._empty_at) > _SWEEP_AT:
                self._empty_at = {k: at for k, at in self._empty_at.items() if at > now}
            at = max(self._empty_at.get(key, now), now) + per_s / limit
            if at - now > per_s + 1e-9:
                raise limited(at - now - per_s)
            self._empty_at[key] = at
