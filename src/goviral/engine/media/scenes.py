"""Camera cuts, exact to the frame, from tiny pictures of every decoded frame.

A cut is one difference that stands out from those around it and stays: a flash comes back, fast
motion differs all the time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.frames import RawFrame, Tiny, decode
from goviral.kit.timecode import Span

_CLEAR = 0.42
_LEAST = 0.26
_MORE_THAN_DRIFT = 1.25
_SURELY_PARTED = 0.7
_NEIGHBORS = 6
_CHANGED = 0.3
_CHANGE = 12
_LIT = 22
_FLASH_MS = 260
_CAME_BACK = 0.55
_CONTRAST_FLOOR = 10.0
_SHORTEST_SHOT_MS = 200
_UNREST = 0.035
_UNLIKE = 0.6
_DIP_UNLIKE = 0.35
_STRAIGHT = 0.72
_EMPTY = 0.35
_SHORTEST_CHANGE_MS = 80
_LONGEST_CHANGE_MS = 2000
_LONGEST_EXACT_MS = 1000


@dataclass(frozen=True)
class Mark:
    """A frame's tiny picture: `tiny` is YUV, shape (3, 36, 64). `intra`: coded without others.

    `contrast` is the standard deviation of its brightness.
    """

    at_ms: int
    tiny: NDArray[np.uint8]
    intra: bool
    contrast: float


@dataclass(frozen=True, slots=True)
class Jump:
    """The picture changed between two decoded frames; others may lie between them."""

    before_ms: int
    after_ms: int
    intra: bool


def mark_of(raw: RawFrame, tiny: Tiny) -> Mark:
    """The mark of a decoded frame; about 0.3 ms."""
    import cv2

    picture = tiny.of(raw)
    _, deviation = cv2.meanStdDev(picture[0])
    return Mark(raw.at_ms, picture, raw.is_intra, float(deviation[0, 0]))


def difference(one: Mark, other: Mark) -> float:
    """0 for the same picture, about 1 for two that have nothing in common, whatever their contrast."""
    import cv2

    total = cv2.norm(one.tiny.reshape(-1), other.tiny.reshape(-1), cv2.NORM_L1)
    change = total / (one.tiny.size / 3)
    return float(change / ((one.contrast + other.contrast) / 2 + _CONTRAST_FLOOR))


def find_jumps(marks: Sequence[Mark]) -> tuple[Jump, ...]:
    """Where shots change, between which two marks: cuts, and the middle of dissolves and dips."""
    steps = [difference(before, after) for before, after in pairwise(marks)]
    cuts = [i for i in range(len(steps)) if _is_cut(marks, steps, i)]
    found: list[Jump] = []
    for i in sorted([*cuts, *_gradual(marks, steps, cuts)]):
        after = marks[i + 1]
        if not found or after.at_ms - found[-1].after_ms >= _SHORTEST_SHOT_MS:
            # Within a gradual change no frame is the exact one: the middle is taken as it is.
            found.append(Jump(marks[i].at_ms, after.at_ms, after.intra or i not in cuts))
    return tuple(found)


def _is_cut(marks: Sequence[Mark], steps: Sequence[float], i: int) -> bool:
    return (
        steps[i] >= _LEAST
        and _stands_out(marks, steps, i)
        and changed_share(marks[i], marks[i + 1]) >= _CHANGED
        and not _is_flash(marks, steps, i)
    )


def _stands_out(marks: Sequence[Mark], steps: Sequence[float], i: int) -> bool:
    """Against what motion would do in the same time; a small step only where all else is still."""

    def expected(first: int, end: int) -> list[float]:
        gap_ms = marks[i + 1].at_ms - marks[i].at_ms
        near = [k for k in range(max(0, first), min(end, len(steps))) if k != i]
        return [steps[k] * gap_ms / max(1, marks[k + 1].at_ms - marks[k].at_ms) for k in near]

    around = expected(i - _NEIGHBORS, i + _NEIGHBORS + 1)
    usual = float(np.median(around)) if around else 0.0
    beside = max(expected(i - 1, i + 2), default=0.0)
    if steps[i] < _CLEAR:
        return steps[i] >= max(6 * usual, 4 * beside)
    return steps[i] >= max(2.2 * usual, 1.5 * beside)


def changed_share(one: Mark, other: Mark) -> float:
    """How much of what is not black in both has changed, 0..1: a caption changes a part only."""
    import cv2

    changed = cv2.absdiff(one.tiny, other.tiny).max(axis=0) > _CHANGE
    lit = np.maximum(one.tiny[0], other.tiny[0]) > _LIT
    return float(changed.sum() / max(1, lit.sum()))


def _is_flash(marks: Sequence[Mark], steps: Sequence[float], i: int) -> bool:
    """Does the picture before come back soon after, or was the picture after there just before?"""
    before, after = marks[i], marks[i + 1]
    soon = [m for m in marks[i + 2 : i + 12] if m.at_ms - after.at_ms <= _FLASH_MS]
    just = [m for m in marks[max(0, i - 10) : i] if before.at_ms - m.at_ms <= _FLASH_MS]
    back = [difference(before, mark) for mark in soon]
    back += [difference(after, mark) for mark in just]
    return min(back, default=steps[i]) < _CAME_BACK * steps[i]


def _gradual(marks: Sequence[Mark], steps: Sequence[float], cuts: Sequence[int]) -> list[int]:
    """Dissolves and dips to black or white: a passing unrest between two unlike pictures."""
    if not steps:
        return []
    restless = np.array(steps) > 2 * float(np.median(steps)) + _UNREST
    # Sources with doubled frames have still steps within a change.
    restless = np.convolve(restless, (1, 1, 1), mode="same") > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], restless.view(np.int8), [0]))))
    found: list[int] = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        before, after = marks[first], marks[end]
        lasts_ms = after.at_ms - before.at_ms
        if (
            _SHORTEST_CHANGE_MS <= lasts_ms <= _LONGEST_CHANGE_MS
            and not any(first - 1 <= cut <= end for cut in cuts)
            and _is_blend(marks[first : end + 1], sum(steps[first:end]))
        ):
            found.append(_middle(marks, first, end))
    return found


def _is_blend(marks: Sequence[Mark], path: float) -> bool:
    """A dissolve goes straight from one picture to the other, a dip through an empty one. Motion does
    neither: the camera wanders, and comes to pictures that are neither the first nor the last."""
    change = difference(marks[0], marks[-1])
    return change >= (_DIP_UNLIKE if _is_dip(marks) else max(_UNLIKE, _STRAIGHT * path))


def _is_dip(marks: Sequence[Mark]) -> bool:
    contrasts = [mark.contrast for mark in marks]
    return min(contrasts) < _EMPTY * min(contrasts[0], contrasts[-1])


def _middle(marks: Sequence[Mark], first: int, end: int) -> int:
    """The step to the emptiest picture of a dip; in a dissolve the one after which the picture is
    nearer to what follows than to what was before."""
    before, after = marks[first], marks[end]
    empty = min(range(first, end), key=lambda i: marks[i + 1].contrast)
    if _is_dip(marks[first : end + 1]):
        return empty
    nearer = (
        i
        for i in range(first, end)
        if difference(marks[i + 1], after) < difference(marks[i + 1], before)
    )
    return next(nearer, first)


def exact_cuts(
    path: Path, jumps: Iterable[Jump], frame_ms: float, stream_index: int | None = None
) -> tuple[int, ...]:
    """The source times of the first frames of new shots.

    Encoders begin a shot with an intra frame: such a jump, or one between neighbours, is exact
    already. For others, and where much was left out before it, the frames between are decoded.
    """
    return tuple(
        jump.after_ms
        if jump.after_ms - jump.before_ms < (_LONGEST_EXACT_MS if jump.intra else 1.5 * frame_ms)
        else _cut_between(path, jump, stream_index)
        for jump in jumps
    )


def camera_cuts(
    path: Path, span: Span, frame_ms: float, stream_index: int | None = None
) -> tuple[int, ...]:
    """Cuts inside `span` by a decode pass of its own; `look` gets them from its own pass."""
    jumps = find_jumps(_marks_in(path, span, stream_index))
    return exact_cuts(path, jumps, frame_ms, stream_index)


def may_be_parted(before: Mark, after: Mark, drift: float = 0.0) -> bool:
    """Whether a cut or a fade may lie between two pictures, however far apart.

    `drift`: how much the picture would have changed meanwhile, had it gone on as it was. Measured on films
    with stretches of two seconds left out: cuts differ by 0.8 and more, a slow pan by its drift.
    """
    change = difference(before, after)
    return change >= _LEAST and change > min(_MORE_THAN_DRIFT * drift, _SURELY_PARTED)


def _marks_in(
    path: Path, span: Span, stream_index: int | None, *, every_frame: bool = False
) -> list[Mark]:
    tiny = Tiny()
    frames = decode(path, span, stream_index=stream_index, every_frame=every_frame)
    return [mark_of(raw, tiny) for raw in frames]


def _cut_between(path: Path, jump: Jump, stream_index: int | None) -> int:
    span = Span(jump.before_ms, jump.after_ms + 1)
    marks = _marks_in(path, span, stream_index, every_frame=True)
    steps = [(difference(before, after), after.at_ms) for before, after in pairwise(marks)]
    return max(steps)[1] if steps else jump.after_ms
