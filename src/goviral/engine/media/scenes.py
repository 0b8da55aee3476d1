"""Camera cuts, exact to the frame, from tiny pictures of every decoded frame.

A cut is one difference that stands out from those around it and stays: a flash comes back, fast
motion differs all the time.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.frames import RawFrame, Tiny, decode
from goviral.kit.timecode import Span

_LEAST = 0.42
_STANDS_OUT = 2.2
_NEIGHBORS = 6
_FLASH_FRAMES = 4
_CAME_BACK = 0.55
_CONTRAST_FLOOR = 10.0
_SHORTEST_SHOT_MS = 200


@dataclass(frozen=True)
class Mark:
    """A frame's tiny picture: `tiny` is YUV, shape (3, 36, 64). `intra`: coded without others."""

    at_ms: int
    tiny: NDArray[np.float32]
    intra: bool


@dataclass(frozen=True, slots=True)
class Jump:
    """The picture changed between two decoded frames; others may lie between them."""

    before_ms: int
    after_ms: int
    intra: bool


def mark_of(raw: RawFrame, tiny: Tiny) -> Mark:
    """The mark of a decoded frame; about 0.3 ms."""
    return Mark(raw.at_ms, tiny.of(raw), raw.is_intra)


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """0 for the same picture, about 1 for two that have nothing in common, whatever their contrast."""
    change = float(np.abs(one - other).mean(axis=(1, 2)).sum())
    contrast = (float(one[0].std()) + float(other[0].std())) / 2
    return change / (contrast + _CONTRAST_FLOOR)


def find_jumps(marks: Sequence[Mark]) -> tuple[Jump, ...]:
    """Where shots change, between which two marks."""
    steps = [difference(before.tiny, after.tiny) for before, after in itertools.pairwise(marks)]
    found: list[Jump] = []
    for i, step in enumerate(steps):
        if step < _LEAST or not _stands_out(steps, i) or _is_flash(marks, i, step):
            continue
        jump = Jump(marks[i].at_ms, marks[i + 1].at_ms, marks[i + 1].intra)
        if not found or jump.after_ms - found[-1].after_ms >= _SHORTEST_SHOT_MS:
            found.append(jump)
    return tuple(found)


def _stands_out(steps: Sequence[float], i: int) -> bool:
    near = [*steps[max(0, i - _NEIGHBORS) : i], *steps[i + 1 : i + 1 + _NEIGHBORS]]
    beside = [*steps[max(0, i - 1) : i], *steps[i + 1 : i + 2]]
    usual = float(np.median(near)) if near else 0.0
    return steps[i] >= _STANDS_OUT * usual and steps[i] >= 1.3 * max(beside, default=0.0)


def _is_flash(marks: Sequence[Mark], i: int, step: float) -> bool:
    """Does the picture before come back soon after, or was the picture after there just before?"""
    before, after = marks[i].tiny, marks[i + 1].tiny
    later = marks[i + 2 : i + 2 + _FLASH_FRAMES]
    earlier = marks[max(0, i - _FLASH_FRAMES) : i]
    back = [difference(before, mark.tiny) for mark in later]
    back += [difference(after, mark.tiny) for mark in earlier]
    return min(back, default=step) < _CAME_BACK * step


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
    steps = [
        (difference(before.tiny, after.tiny), after.at_ms)
        for before, after in itertools.pairwise(marks)
    ]
    return max(steps)[1] if steps else jump.after_ms
