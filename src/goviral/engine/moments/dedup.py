"""Of moments that are nearly the same, the best one. Pure, near-linear.

Two are the same when their spans overlap by IoU >= 0.85, or when both ends lie within 1.5 s. Candidates
are taken best first, and one that equals something kept is dropped; kept ones are found by a grid, so
no candidate is compared with more than a few of them.
"""

from collections.abc import Hashable, Sequence
from math import log
from typing import Protocol, TypeVar

from goviral.kit.timecode import Span

NEAR_MS = 1_500
IOU_PERCENT = 85
_RATIO = 100 / IOU_PERCENT
_LOG_RATIO = log(_RATIO)


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
    if abs(a.start_ms - b.start_ms) <= NEAR_MS and abs(a.end_ms - b.end_ms) <= NEAR_MS:
        return True
    common = a.overlap_ms(b)
    union = a.duration_ms + b.duration_ms - common
    return common > 0 and common * 100 >= union * IOU_PERCENT


def drop_doubles(candidates: Sequence[C]) -> list[C]:
    """The best of each group, best first: by average score, richness, earliest start, shortest."""
    grid = _Grid()
    kept: list[C] = []
    for candidate in sorted(candidates, key=_preference):
        if not grid.holds_double_of(candidate.span):
            grid.add(candidate.span)
            kept.append(candidate)
    return kept


def _preference(candidate: Candidate) -> tuple[float, int, int, int]:
    span = candidate.span
    return (-candidate.average_score, -candidate.richness, span.start_ms, span.duration_ms)


class _Grid:
    """Kept spans by cell, in two grids, one for each way of being a double.

    Near ends: cells of 1.5 s of start and end; doubles are in the 3 x 3 cells around.
    IoU: for IoU >= t, lengths differ by at most the factor 1/t and starts by at most (1/t - 1) of the
    shorter length. So cells are a class of length (powers of 1/t) by a stretch of start as long as
    (1/t - 1) of the longest length of that class; doubles are in the 3 x 3 cells around. Kept spans are
    no doubles of each other, so a cell holds few.
    """

    def __init__(self) -> None:
        self._near: dict[Hashable, list[Span]] = {}
        self._alike: dict[Hashable, list[Span]] = {}

    def add(self, span: Span) -> None:
        near = (span.start_ms // NEAR_MS, span.end_ms // NEAR_MS)
        self._near.setdefault(near, []).append(span)
        level = _level(span)
        self._alike.setdefault((level, _place(span, level)), []).append(span)

    def holds_double_of(self, span: Span) -> bool:
        row, column = span.start_ms // NEAR_MS, span.end_ms // NEAR_MS
        near = self._near
        for at in range(row - 1, row + 2):
            for till in range(column - 1, column + 2):
                if (at, till) in near and _any_double(span, near[at, till]):
                    return True
        alike = self._alike
        own = _level(span)
        for level in range(own - 1, own + 2):
            place = _place(span, level)
            for at in range(place - 1, place + 2):
                if (level, at) in alike and _any_double(span, alike[level, at]):
                    return True
        return False


def _any_double(span: Span, others: Sequence[Span]) -> bool:
    return any(is_double(span, other) for other in others)


def _level(span: Span) -> int:
    return int(log(max(1, span.duration_ms)) / _LOG_RATIO)


def _place(span: Span, level: int) -> int:
    longest = _RATIO ** (level + 1)
    return int(span.start_ms // (longest * (_RATIO - 1)))
