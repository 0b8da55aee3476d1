"""How many calls a caller may make: one bucket a key, refilled evenly (GCRA).

The generic cell rate algorithm (ITU-T I.371) keeps one number a key: the time at which the bucket
would be empty again. In process for one machine, in Redis for many.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from redis import Redis
from redis.exceptions import RedisError

from goviral.kit.errors import RateLimitedError

_log = logging.getLogger(__name__)
_SWEEP_AT = 50_000
_REDIS_TIMEOUT_S = 0.5


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


_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local per_s, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local empty_at = tonumber(redis.call('GET', KEYS[1]) or now)
local at = math.max(empty_at, now) + per_s / limit
local wait = at - now - per_s
if wait > 0.000001 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', at), 'PX', math.ceil((at - now) * 1000) + 1)
return '0'
"""


class RedisLimiter:
    """Buckets that all processes share, by Redis's own clock.

    While Redis does not answer, each process counts for itself: callers are neither locked out nor free.
    """

    is_remote = True

    def __init__(
        self, url: str, *, alone: MemoryLimiter | None = None, timeout_s: float = _REDIS_TIMEOUT_S
    ) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s
        )
        self._script = self._redis.register_script(_SCRIPT)
        self._alone = alone or MemoryLimiter()

    def check(self, key: str, limit: int, per_s: float) -> None:
        """See `Limiter`."""
        try:
            wait_s = float(self._script(keys=[f"goviral:rate:{key}"], args=[per_s, limit]))
        except RedisError as error:
            _log.warning("rate limits are counted in process, Redis does not answer: %s", error)
            self._alone.check(key, limit, per_s)
            return
        if wait_s > 0:
            raise limited(wait_s)

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()
