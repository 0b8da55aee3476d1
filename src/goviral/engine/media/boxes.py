"""A face as a rectangle; overlap, and making one of several that mean the same face."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

Point = tuple[float, float]

_SAME = 0.3
_INSIDE = 0.7


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in the picture it was found in, in that picture's pixels: brow to chin, ear to ear.

    `score` is 0..1. `eyes` (left of the picture first) and `mouth` where the detector knows them.
    `eyes_open`, 0 shut to 1 open, where somebody looked (`face_mesh`).
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    eyes: tuple[Point, Point] | None = None
    mouth: Point | None = None
    eyes_open: float | None = None

    @property
    def center(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


def overlap(one: FaceBox, other: FaceBox) -> float:
    """Intersection over union, 0..1."""
    shared = _shared_area(one, other)
    union = one.width * one.height + other.width * other.height - shared
    return shared / union if union > 0 else 0.0


def merged(boxes: Sequence[FaceBox]) -> tuple[FaceBox, ...]:
    """One box a face, best first: the mean of those that overlap, weighted by score.

    The mean moves less from picture to picture than the best box alone would.
    """
    waiting = sorted(boxes, key=lambda box: -box.score)
    kept: list[FaceBox] = []
    while waiting:
        best = waiting[0]
        same = [box for box in waiting if is_same(best, box)]
        waiting = [box for box in waiting if not is_same(best, box)]
        kept.append(_mean([box for box in same if overlap(best, box) >= 0.5] or [best]))
    return tuple(kept)


def shifted(box: FaceBox, dx: float, dy: float, scale: float = 1.0) -> FaceBox:
    """The box of a cut-out, in the picture it was cut from: scaled, then moved."""

    def move(point: Point) -> Point:
        return point[0] * scale + dx, point[1] * scale + dy

    x, y = move((box.x, box.y))
    return replace(
        box,
        x=x,
        y=y,
        width=box.width * scale,
        height=box.height * scale,
        eyes=(move(box.eyes[0]), move(box.eyes[1])) if box.eyes else None,
        mouth=move(box.mouth) if box.mouth else None,
    )


def is_same(one: FaceBox, other: FaceBox) -> bool:
    """Do both mean the same face: they overlap, or one lies inside the other?"""
    smaller = min(one.width * one.height, other.width * other.height)
    return overlap(one, other) >= _SAME or _shared_area(one, other) >= smaller * _INSIDE


def _shared_area(one: FaceBox, other: FaceBox) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)


def _mean(boxes: Sequence[FaceBox]) -> FaceBox:
    total = sum(box.score for box in boxes)

    def mean(values: Sequence[float]) -> float:
        return sum(v * box.score for v, box in zip(values, boxes, strict=True)) / total

    return replace(
        boxes[0],
        x=mean([box.x for box in boxes]),
        y=mean([box.y for box in boxes]),
        width=mean([box.width for box in boxes]),
        height=mean([box.height for box in boxes]),
    )
