"""A tap on the shoulder between relay and listeners; the table stays the truth, a lost tap costs a second."""

import threading
from typing import Protocol

from typing_extensions import override

_CHANNEL = "goviral:events"


class Wake(Protocol):
    """`tap` from any thread or process; `wait` returns after a tap, or after `timeout_s`."""

    def tap(self) -> None:
        """There is something new."""

    def wait(self, timeout_s: float) -> None:
        """Sleep until tapped, or for `timeout_s`."""


class MemoryWake(Wake):
    """Within one process."""

    def __init__(self) -> None:
        self._tapped = threading.Event()

    @override
    def tap(self) -> None:
        self._tapped.set()

    @override
    def wait(self, timeout_s: float) -> None:
        self._tapped.wait(timeout_s)
        self._tapped.clear()


class RedisWake(Wake):
    """Between processes, by Redis publish/subscribe. Where Redis is away, listeners look by the clock."""

    def __init__(self, url: str) -> None:
        import redis  # noqa: PLC0415  only where many machines are configured

        self._errors = (redis.RedisError, OSError)
        self._client = redis.Redis.from_url(url, socket_timeout=5)
        self._heard = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._away = threading.Event()

    @override
    def tap(self) -> None:
        try:
            self._client.publish(_CHANNEL, b"1")
        except self._errors:
            return

    @override
    def wait(self, timeout_s: float) -> None:
        try:
            if not self._heard.subscribed:
                self._heard.subscribe(_CHANNEL)
            self._heard.get_message(timeout=timeout_s)
        except self._errors:
            self._away.wait(timeout_s)
