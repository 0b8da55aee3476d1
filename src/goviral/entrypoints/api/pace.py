"""How slowly a request's body may come: as Apache's `MinRate`, so that nobody holds a line by a byte a minute."""

import asyncio

from starlette.types import Message, Receive

STRETCH_BYTES = 16_384


class Pace:
    """One body on its way in: `wait_s` of waiting for each stretch of 16 KiB, or for what is left.

    Only waiting counts, not what is done with the bytes meanwhile.
    """

    __slots__ = ("_in_stretch", "_left_s", "_wait_s", "is_over")

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._left_s = wait_s
        self._in_stretch = 0
        self.is_over = False

    async def next(self, receive: Receive) -> Message:
        """The next message; once the body is here, however long it takes. Raises `TimeoutError`."""
        if self.is_over:
            return await receive()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with asyncio.timeout_at(began_s + self._left_s):
            message = await receive()
        self.count(len(message.get("body", b"")), loop.time() - began_s)
        self.is_over = not message.get("more_body", False)
        return message

    def count(self, came_bytes: int, waited_s: float) -> float:
        """Note what came after how long; the seconds that are left for the rest of the stretch."""
        self._in_stretch += came_bytes
        self._left_s = max(0.0, self._left_s - waited_s)
        if self._in_stretch >= STRETCH_BYTES:
            self._in_stretch, self._left_s = 0, self._wait_s
        return self._left_s
