"""Both limiters count alike."""

import threading
import time
from collections.abc import Iterator

import pytest

from goviral.kit.errors import RateLimitedError
from goviral.kit.rate_limit import Limiter, MemoryLimiter, RedisLimiter


@pytest.fixture(params=["memory", "redis"])
def limiter(request: pytest.FixtureRequest) -> Iterator[Limiter]:
    if request.param == "memory":
        yield MemoryLimiter()
        return
    remote = RedisLimiter(request.getfixturevalue("redis_url"), timeout_s=60)
    yield remote
    remote.close()


def allowed(limiter: Limiter, key: str, calls: int, limit: int, per_s: float) -> int:
    count = 0
    for _ in range(calls):
        try:
            limiter.check(key, limit, per_s)
            count += 1
        except RateLimitedError:
            pass
    return count


class TestLimiter:
    def test_as_many_as_allowed_may_come_at_once(self, limiter: Limiter) -> None:
        assert allowed(limiter, "a", 25, 10, 6000) == 10

    def test_keys_do_not_share(self, limiter: Limiter) -> None:
        assert allowed(limiter, "a", 5, 5, 60) == 5
        assert allowed(limiter, "b", 5, 5, 60) == 5

    def test_a_refusal_says_when_to_come_back(self, limiter: Limiter) -> None:
        allowed(limiter, "a", 10, 10, 600)
        with pytest.raises(RateLimitedError) as refused:
            limiter.check("a", 10, 600)
        assert 1 <= refused.value.retry_after_s <= 60

    def test_room_comes_back_evenly(self, limiter: Limiter) -> None:
        began_s = time.monotonic()
        assert allowed(limiter, "a", 10, 10, 1.0) == 10
        time.sleep(0.35)
        again = allowed(limiter, "a", 10, 10, 1.0)
        # One a tenth of a second, however long the machine took; the two clocks may differ a little.
        assert 3 <= again <= (time.monotonic() - began_s) / 0.1 + 0.1

    def test_threads_never_get_more_together(self, limiter: Limiter) -> None:
        counts: list[int] = []

        def call() -> None:
            counts.append(allowed(limiter, "a", 20, 15, 600))

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(counts) == 15


def test_without_redis_each_process_counts_for_itself() -> None:
    limiter = RedisLimiter("redis://127.0.0.1:1/0")
    assert allowed(limiter, "a", 8, 5, 60) == 5
    limiter.close()


def test_old_buckets_are_swept() -> None:
    now = [0.0]
    limiter = MemoryLimiter(now=lambda: now[0])
    for number in range(50_001):
        limiter.check(str(number), 10, 1)
    now[0] = 10.0
    limiter.check("x", 10, 1)
    assert len(limiter._empty_at) == 1
