"""Of moments that are nearly the same, the best one. Pure, near-linear.

Two are the same when their spans overlap by IoU >= 0.85, or when both ends lie within 1.5 s. Candidates
are taken best first, and one that equals something kept is dropped; kept ones are found by a grid, so
no candidate is compared with more than a few of them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol, TypeVar

from goviral.kit.timecode import Span

NEAR_MS = 1_500
IOU_PERCENT = 85


class Candidate(Protocol):
    """What can be a double: a span, its average judgement, and how much is said about it."""

    @property
    def span(self) -> Span: ...

    @property
    def average_score(self) -> float: ...

    @property
    def richness(self) -> int: ...


C = TypeVar("C", bound=Candidate)


def is_double(a: Span, b: Span) -> bool:
    """IoU >= 0.85, or both ends within +-1.5 s. In whole numbers, so that the edge is exact."""
    return _is_double(a.start_ms, a.end_ms, b.start_ms, b.end_ms)


def _is_double(a_start: int, a_end: int, b_start: int, b_end: int) -> bool:
    if -NEAR_MS <= a_start - b_start <= NEAR_MS and -NEAR_MS <= a_end - b_end <= NEAR_MS:
        return True
    common = min(a_end, b_end) - max(a_start, b_start)
    union = a_end - a_start + b_end - b_start - common
    return common > 0 and common * 100 >= union * IOU_PERCENT


def drop_doubles(candidates: Sequence[C]) -> list[C]:
    """The best of each group, best first: by average score, richness, earliest start, shortest."""
    grid = _Grid()
    return [
        candidate
        for candidate in sorted(candidates, key=_preference)
        if grid.takes(candidate.span.start_ms, candidate.span.end_ms)
    ]


def _preference(candidate: Candidate) -> tuple[float, int, int, int]:
    span = candidate.span
    return (
        -candidate.average_score,
        -candidate.richness,
        span.start_ms,
        span.end_ms - span.start_ms,
    )


class _Grid:
    """Kept spans by cell: a class of length by a stretch of start.

    For IoU >= t, lengths differ by at most the factor 1/t, and starts by at most (1/t - 1) of the shorter
    length; for near ends, both by at most 1.5 s (lengths by 3 s). So the doubles of a span are in few
    classes and few cells of each, and because kept spans are no doubles of each other, a cell holds few.
    """

    def __init__(self) -> None:
        self._cells: dict[int, list[tuple[int, int]]] = {}

    def takes(self, start: int, end: int) -> bool:
        """Keep the span and return True, unless it is a double of one that is kept."""
        length = max(1, end - start)
        reach = max(NEAR_MS, length * (100 - IOU_PERCENT) // IOU_PERCENT) + 1
        slack = 2 * NEAR_MS
        shortest = min(length * IOU_PERCENT // 100, length - slack)
        longest = max(length * 100 // IOU_PERCENT + 1, length + slack)
        cells = self._cells
        for level in range(bisect_right(_CLASSES, shortest), bisect_right(_CLASSES, longest) + 1):
            width = _WIDTHS[level]
            base = level << _LEVEL_BITS
            for place in range((start - reach) // width, (start + reach) // width + 1):
                for kept_start, kept_end in cells.get(base + place, ()):
                    # Both ends of a double are within reach; that is cheaper to see than the rest.
                    if (
                        -reach <= kept_start - start <= reach
                        and -reach <= kept_end - end <= reach
                        and _is_double(start, end, kept_start, kept_end)
                    ):
                        return False
        own = bisect_right(_CLASSES, length)
        key = (own << _LEVEL_BITS) + start // _WIDTHS[own]
        cells.setdefault(key, []).append((start, end))
        return True


# Upper bounds of the classes of length: growing by 1/t squared, from 20 s (below, near ends decide) to
# beyond any talk. Cells are as wide as starts of doubles in that class can differ.
_LEVEL_BITS = 40
_CLASSES = tuple(round(20_000 * (100 / IOU_PERCENT) ** (2 * step)) for step in range(50))
_WIDTHS = tuple(
    max(NEAR_MS, bound * (100 - IOU_PERCENT) // IOU_PERCENT) + 1
    for bound in (*_CLASSES, 2 * _CLASSES[-1])
)
