"""Exact time: integer milliseconds outside, `Fraction` frame rates inside.

Floats appear only where ffmpeg wants seconds as text.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms

    def overlap_ms(self, other: "Span") -> int:
        """Length of the common part, 0 where the spans do not meet."""
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))

    def contains(self, at_ms: int) -> bool:
        return self.start_ms <= at_ms < self.end_ms

    def shifted(self, by_ms: int) -> "Span":
        return Span(self.start_ms + by_ms, self.end_ms + by_ms)


def frame_at(at_ms: int, fps: Fraction) -> int:
    """Index of the frame on screen at `at_ms` (frame 0 is shown from 0 ms)."""
    return int(at_ms * fps // 1000)


def frame_start_ms(frame: int, fps: Fraction) -> int:
    """First whole millisecond at which `frame` is on screen: `frame_at` of it is `frame`."""
    return -int(-(frame * 1000) / fps // 1)


def frame_count(duration_ms: int, fps: Fraction) -> int:
    """Frames needed to show `duration_ms`, rounded to the nearest, at least one."""
    return max(1, round(duration_ms * fps / 1000))


def seconds(at_ms: int) -> str:
    """`12345` → `"12.345"`, the form ffmpeg reads without rounding."""
    sign = "-" if at_ms < 0 else ""
    whole, rest = divmod(abs(at_ms), 1000)
    return f"{sign}{whole}.{rest:03d}"


def clock(at_ms: int) -> str:
    """`3725000` → `"1:02:05"`, `65000` → `"1:05"`: for people, hours only when there are any."""
    whole_s = max(0, at_ms) // 1000
    minutes, second = divmod(whole_s, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
