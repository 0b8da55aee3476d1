"""What is taken to have been there while a quiet stretch was left out. Pure.

Whoever weighs sightings by their number would make little of calm stretches and much of restless ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from goviral.engine.media.boxes import FaceBox, Point

_SAME = 1.0
"""How far a face may have moved, in its widths, to be the same one."""
_STAYS = 0.4
"""How far it may have, to have been on its way evenly."""


def moments_between(before_ms: int, after_ms: int, step_ms: int) -> Iterator[tuple[int, float]]:
    """Times about `step_ms` apart between two sightings, and how far on each is, 0 to 1; none where the two
    are nearer than one and a quarter steps."""
    gap_ms = after_ms - before_ms
    count = round(gap_ms / step_ms) if gap_ms > 1.25 * step_ms else 1
    for number in range(1, count):
        yield before_ms + gap_ms * number // count, number / count


def faces_between(
    before: Sequence[FaceBox], after: Sequence[FaceBox], share: float
) -> tuple[FaceBox, ...]:
    """Faces on their way from one sighting to the next, or, beyond a `share` of 1, as far on as that; those
    of before, where the next has others."""
    if not _are_near(before, after, _SAME):
        return tuple(replace(face, eyes_open=None) for face in before)
    pairs = zip(_from_the_left(before), _from_the_left(after), strict=True)
    return tuple(_between(one, other, share) for one, other in pairs)


def are_elsewhere(before: Sequence[FaceBox], after: Sequence[FaceBox]) -> bool:
    """Whether faces came, went, or moved so far that it matters how."""
    return not _are_near(before, after, _STAYS)


def went_on(
    earlier: Sequence[FaceBox], before: Sequence[FaceBox], after: Sequence[FaceBox], share: float
) -> bool:
    """Whether faces are where they came to by moving on evenly: as from `earlier` to `before`, `share` times
    as far, and no farther than `faces_between` can tell."""
    expected = faces_between(earlier, before, share)
    return _are_near(expected, after, _STAYS) and _are_near(before, after, _SAME)


def _are_near(one: Sequence[FaceBox], other: Sequence[FaceBox], widths: float) -> bool:
    pairs = zip(_from_the_left(one), _from_the_left(other), strict=False)
    return len(one) == len(other) and all(_is_near(*pair, widths) for pair in pairs)


def _from_the_left(faces: Sequence[FaceBox]) -> list[FaceBox]:
    return sorted(faces, key=lambda face: face.x)


def _is_near(one: FaceBox, other: FaceBox, widths: float) -> bool:
    reach = widths * max(one.width, other.width)
    return all(abs(one.center[axis] - other.center[axis]) <= reach for axis in (0, 1))


def _between(one: FaceBox, other: FaceBox, share: float) -> FaceBox:
    def point(a: Point, b: Point) -> Point:
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

    x, y = point((one.x, one.y), (other.x, other.y))
    width, height = point((one.width, one.height), (other.width, other.height))
    eyes = None
    if one.eyes and other.eyes:
        eyes = point(one.eyes[0], other.eyes[0]), point(one.eyes[1], other.eyes[1])
    mouth = point(one.mouth, other.mouth) if one.mouth and other.mouth else None
    return FaceBox(x, y, width, height, min(one.score, other.score), eyes, mouth)
