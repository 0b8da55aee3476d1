"""A circuit breaker: an endpoint that keeps failing is left alone for a while.

closed --`threshold` failures in a row--> open --`cooldown_s`--> half-open --success--> closed
                                            ^-------------failure--------|
"""

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Thread-safe. `allows()` before a call, `succeeded()` or `failed()` after it."""

    def __init__(
        self,
        threshold: int = 8,
        cooldown_s: float = 30.0,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._cooldown_s = cooldown_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def allows(self) -> bool:
        """True where a call may be tried; while half-open, for one caller only."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._probing or self._now_s() - self._opened_at < self._cooldown_s:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._probing or self._failures >= self._threshold:
                self._opened_at, self._probing = self._now_s(), False
