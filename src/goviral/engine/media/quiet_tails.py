"""Packets of a video, without the ends of groups in which nothing happens.

A frame is decoded from those before it, back to the last key frame: time is saved only by going on to the
next one. Phones and streaming programs write one every second or two, so that half of all can be left out.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.packet import Packet

    AnyPacket = Packet[Any]
    _Timed = tuple[AnyPacket, float]

TAIL_MS = 1200
"""The longest stretch that is left out."""
SEEN_MS = 300
"""What has to be seen of each group."""
_SURPRISE = 2
"""A cut, or a face that comes in, makes a packet this much larger than those that were seen."""


def without_quiet_tails(
    packets: "Iterable[AnyPacket]", is_quiet: Callable[[], bool]
) -> "Iterator[AnyPacket]":
    """Asks `is_quiet` between packets, when a key frame follows within `TAIL_MS`.

    What is left out has to be of the size of what was seen of its group: a camera cut without a key frame
    is never missed for it. Packets without a time are all kept.
    """
    ahead = _Ahead(packets)
    key_ms, largest = float("-inf"), 0
    while (timed := ahead.take()) is not None:
        packet, at_ms = timed
        yield packet
        if packet.is_keyframe:
            key_ms, largest = at_ms, 0
            continue
        largest = max(largest, packet.size)
        if at_ms - key_ms >= SEEN_MS:
            tail = ahead.tail(at_ms)
            if tail and max(other.size for other in tail) <= _SURPRISE * largest and is_quiet():
                ahead.leave_out(len(tail))


class _Ahead:
    """The packets with their times, and a look at what comes within `TAIL_MS`."""

    def __init__(self, packets: "Iterable[AnyPacket]") -> None:
        self._walk = ((packet, _ms(packet)) for packet in packets)
        self._waiting: deque[_Timed] = deque()

    def take(self) -> "_Timed | None":
        return self._waiting.popleft() if self._waiting else self._next()

    def tail(self, at_ms: float) -> "list[AnyPacket]":
        """What comes before a key frame that is near; nothing where none is."""
        tail: list[AnyPacket] = []
        for packet, packet_ms in self._known():
            if packet_ms - at_ms > TAIL_MS:
                break
            if packet.is_keyframe:
                return tail
            tail.append(packet)
        return []

    def leave_out(self, count: int) -> None:
        for _ in range(count):
            self._waiting.popleft()

    def _known(self) -> "Iterator[_Timed]":
        yield from tuple(self._waiting)
        while (timed := self._next()) is not None:
            self._waiting.append(timed)
            yield timed

    def _next(self) -> "_Timed | None":
        return next(self._walk, None)


def _ms(packet: "AnyPacket") -> float:
    """Later than all where there is no time."""
    at, base = packet.dts if packet.pts is None else packet.pts, packet.time_base
    return float("inf") if at is None else at * base.numerator * 1000 / base.denominator
