"""How much of a file can be read, whatever its header says."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goviral.engine.media import container as media_container
from goviral.kit.timecode import clock

if TYPE_CHECKING:
    from av.container import InputContainer

_TAIL_MS = 4000
_TOLERANCE_MS = 1500
_LAST_PACKETS = 64


@dataclass(frozen=True)
class Length:
    """`ends_ms` is where each stream ends, by its index; both in source time."""

    duration_ms: int
    ends_ms: Mapping[int, int]
    warnings: tuple[str, ...] = ()


def readable_length(container: "InputContainer", indexes: Sequence[int]) -> Length:
    """The header's length where the end of the file confirms it, else what its packets add up to.

    Reading the last seconds costs milliseconds, reading all packets about 0.5 s an hour.
    """
    promised_ms = (container.duration or 0) // 1000
    if promised_ms > 0:
        media_container.seek(container, max(0, promised_ms - _TAIL_MS))
        ends = _ends_ms(container, indexes)
        if max(ends.values(), default=0) >= promised_ms - _TOLERANCE_MS:
            return Length(max(ends.values()), _with_early_ends(container, indexes, ends))
    media_container.seek(container, 0)
    ends = _ends_ms(container, indexes)
    measured_ms = max(ends.values(), default=0)
    if promised_ms - measured_ms <= _TOLERANCE_MS:
        return Length(measured_ms, ends)
    warning = (
        f"Only {clock(measured_ms)} of {clock(promised_ms)} can be read: the file may be cut off."
    )
    return Length(measured_ms, ends, (warning,))


def _with_early_ends(
    container: "InputContainer", indexes: Sequence[int], ends: Mapping[int, int]
) -> dict[int, int]:
    """A stream that is over before the last seconds: its header's word, else the file's end."""
    last = max(ends.values())
    return {index: ends.get(index) or _promised_end_ms(container, index, last) for index in indexes}


def _promised_end_ms(container: "InputContainer", index: int, last_ms: int) -> int:
    stream = container.streams[index]
    if not stream.duration or stream.time_base is None:
        return last_ms
    end = float((stream.duration + (stream.start_time or 0)) * stream.time_base * 1000)
    return min(last_ms, round(end - media_container.start_ms(container)))


def _ends_ms(container: "InputContainer", indexes: Sequence[int]) -> dict[int, int]:
    """The latest end among the last packets of each stream: earlier ones may carry a clock that
    wrapped or ran wild, and packets come in decoding order."""
    latest: dict[int, deque[float]] = {index: deque(maxlen=_LAST_PACKETS) for index in indexes}
    streams = [container.streams[index] for index in indexes]
    for packet in media_container.packets(container, *streams):
        pts = packet.dts if packet.pts is None else packet.pts
        if packet.size and pts is not None and packet.time_base is not None:
            end = (pts + (packet.duration or 0)) * packet.time_base * 1000
            latest[packet.stream_index].append(float(end))
    offset_ms = media_container.start_ms(container)
    return {index: round(max(ends) - offset_ms) for index, ends in latest.items() if ends}
