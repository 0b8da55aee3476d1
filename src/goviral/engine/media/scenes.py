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
_NEIGHBORS = 6
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
    picture = tiny.of(raw)
    return Mark(raw.at_ms, picture, raw.is_intra, float(picture[0].std()))


def difference(one: Mark, other: Mark) -> float:
    """0 for the same picture, about 1 for two that have nothing in common, whatever their contrast."""
    import cv2

    total = cv2.norm(one.tiny.reshape(-1), other.tiny.reshape(-1), cv2.NORM_L1)
    change = total / (one.tiny.size / 3)
    return float(change / ((one.contrast + other.contrast) / 2 + _CONTRAST_FLOOR))


def find_jumps(marks: Sequence[Mark]) -> tuple[Jump, ...]:
    """Where shots change, between which two marks: cuts, and the middle of dissolves and dips."""
    steps = [difference(before, after) for before, after in pairwise(marks)]
    cuts = [i for i in range(len(steps)) if _is_cut(steps, i) and not _is_flash(marks, steps, i)]
    found: list[Jump] = []
    for i in sorted([*cuts, *_gradual(marks, steps, cuts)]):
        after = marks[i + 1]
        if not found or after.at_ms - found[-1].after_ms >= _SHORTEST_SHOT_MS:
            # Within a gradual change no frame is the exact one: the middle is taken as it is.
            found.append(Jump(marks[i].at_ms, after.at_ms, after.intra or i not in cuts))
    return tuple(found)


def _is_cut(steps: Sequence[float], i: int) -> bool:
    """Large by itself and against its surroundings; a smaller one only where all else is still."""
    near = [*steps[max(0, i - _NEIGHBORS) : i], *steps[i + 1 : i + 1 + _NEIGHBORS]]
    usual = float(np.median(near)) if near else 0.0
    beside = max([*steps[max(0, i - 1) : i], *steps[i + 1 : i + 2]], default=0.0)
    if steps[i] < _CLEAR:
        return steps[i] >= max(_LEAST, 6 * usual, 4 * beside)
    return steps[i] >= max(2.2 * usual, 1.5 * beside)


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
    contrasts = [mark.contrast for mark in marks]
    is_dip = min(contrasts) < _EMPTY * min(contrasts[0], contrasts[-1])
    return change >= (_DIP_UNLIKE if is_dip else max(_UNLIKE, _STRAIGHT * path))


def _middle(marks: Sequence[Mark], first: int, end: int) -> int:
    """The step after which the picture is nearer to what follows than to what was before."""
    before, after = marks[first], marks[end]
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
    already. For others the frames between are decoded.
    """
    return tuple(
        jump.after_ms
        if jump.intra or jump.after_ms - jump.before_ms < 1.5 * frame_ms
        else _cut_between(path, jump, stream_index)
        for jump in jumps
    )


def camera_cuts(
    path: Path, span: Span, frame_ms: float, stream_index: int | None = None
) -> tuple[int, ...]:
    """Cuts inside `span` by a decode pass of its own; `look` gets them from its own pass."""
    tiny = Tiny()
    marks = [mark_of(raw, tiny) for raw in decode(path, span, stream_index=stream_index)]
    return exact_cuts(path, find_jumps(marks), frame_ms, stream_index)


def _cut_between(path: Path, jump: Jump, stream_index: int | None) -> int:
    tiny = Tiny()
    span = Span(jump.before_ms, jump.after_ms + 1)
    frames = decode(path, span, stream_index=stream_index, every_frame=True)
    marks = [mark_of(raw, tiny) for raw in frames]
    steps = [(difference(before, after), after.at_ms) for before, after in pairwise(marks)]
    return max(steps)[1] if steps else jump.after_ms
