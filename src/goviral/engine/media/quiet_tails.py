"""Packets of a video, without stretches in which nothing happens.

A frame is decoded from those before it, back to the last key frame: time is saved only by going on to a
later one. Key frames are most of what decoding costs; phones and streaming programs write one every second
or two, so that half of them can be left out.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from goviral.engine.media.container import packet_ms

if TYPE_CHECKING:
    from av.packet import Packet

    AnyPacket = Packet[Any]
    _Timed = tuple[AnyPacket, float]

TAIL_MS = 2200
"""The longest stretch that is left out."""
SEEN_MS = 300
"""What has to be seen before one."""
_NEARLY_MS = 150
"""Waited for: as much at once as can be. The frames up to then cost less than one more key frame."""
_SURPRISE = 2
"""A cut, or a face that comes in, makes a packet this much larger than those that were seen."""
_LEAST_GROUP_MS = 400
_EVEN_MS = 50


def without_quiet_tails(
    packets: "Iterable[AnyPacket]", is_quiet: Callable[[], bool]
) -> "Iterator[AnyPacket]":
    """Asks `is_quiet` between packets, when a key frame comes within reach of `TAIL_MS`.

    What is left out has to be of the size of what was seen of its group, as a camera cut seldom is; one that
    was left out nevertheless is looked for by who sees another picture after it (`look`). Key frames are passed
    over where they come by the clock, not where a cut may have asked for one. Packets without a time are
    all kept.
    """
    ahead = _Ahead(packets)
    landed_ms, key_ms, largest = float("inf"), 0.0, 0
    while (timed := ahead.take()) is not None:
        packet, at_ms = timed
        yield packet
        landed_ms = min(landed_ms, at_ms)
        if packet.is_keyframe:
            key_ms = at_ms
            continue
        largest = max(largest, packet.size)
        if at_ms - landed_ms < SEEN_MS:
            continue
        tail = ahead.tail(at_ms, key_ms)
        if tail and _unsurprising(tail, largest) and is_quiet():
            ahead.leave_out(len(tail))
            landed_ms, largest = float("inf"), 0


def _unsurprising(tail: "Sequence[_Timed]", largest: int) -> bool:
    sizes = (packet.size for packet, _ in tail if not packet.is_keyframe)
    return max(sizes, default=0) <= _SURPRISE * largest


def _by_the_clock(keys_ms: Sequence[float]) -> bool:
    """Whether key frames are evenly apart, with room for others between them."""
    groups = [later - before for before, later in pairwise(keys_ms)]
    return min(groups) >= _LEAST_GROUP_MS and max(groups) - min(groups) <= _EVEN_MS


class _Ahead:
    """The packets with their times, and a look at what comes within `TAIL_MS`."""

    def __init__(self, packets: "Iterable[AnyPacket]") -> None:
        self._walk = ((packet, packet_ms(packet)) for packet in packets)
        self._waiting: deque[_Timed] = deque()

    def take(self) -> "_Timed | None":
        return self._waiting.popleft() if self._waiting else self._next()

    def tail(self, at_ms: float, key_ms: float) -> "list[_Timed]":
        """What comes before the last key frame within `TAIL_MS`; nothing where that is nearer, or where
        others before it (and `key_ms`, the one behind) do not come by the clock."""
        near: list[_Timed] = []
        landings: list[int] = []
        for packet, shown_ms in self._known():
            if shown_ms - at_ms > TAIL_MS:
                break
            if packet.is_keyframe:
                landings.append(len(near))
            near.append((packet, shown_ms))
        keys_ms = [near[landing][1] for landing in landings]
        if not keys_ms or keys_ms[-1] - at_ms < TAIL_MS - _NEARLY_MS:
            return []
        if len(keys_ms) > 1 and not _by_the_clock([key_ms, *keys_ms]):
            return []
        return near[: landings[-1]]

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
