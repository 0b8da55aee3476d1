"""Where a block of text stands so that it hides least of the faces. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from goviral.engine.clips.plan import CaptionStyle, Frame
from goviral.engine.clips.typesetting import Typesetter

_STEPS = range(-40, 16, 2)
"""How far text may move, in hundredths of the frame's height."""
_DISTANCE_COST = 0.35
_FACE_ZONES = ((-0.45, 0.0, 1.0), (0.0, 0.6, 4.0), (0.6, 0.88, 2.0), (0.88, 1.0, 0.4))
"""Shares of a face from the brow (forehead, eyes and nose, mouth, chin) and what hiding them costs."""


class Box(Protocol):
    """A face to keep clear of, brow to chin, in pixels of the finished frame."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...


def clear_of(
    faces: Sequence[Box], setter: Typesetter, frame: Frame, line_count: int
) -> CaptionStyle:
    """The setter's style with the `center_y` that hides least, without going far from its own."""
    style = setter.style
    half = line_count * style.line_height * setter.em / 2
    total = sum(face.width * face.height for face in faces) or 1.0

    def cost(step: int) -> tuple[float, int]:
        middle = (style.center_y + step / 100) * frame.height
        hidden = sum(_hidden(face, middle - half, middle + half) for face in faces)
        return round(hidden / total + _DISTANCE_COST * abs(step) / 100, 4), abs(step)

    highest = (setter.area.top + half) / frame.height - style.center_y
    lowest = (setter.area.bottom - half) / frame.height - style.center_y
    possible = [step for step in _STEPS if highest <= step / 100 <= lowest] or [0]
    return replace(style, center_y=round(style.center_y + min(possible, key=cost) / 100, 4))


def _hidden(face: Box, top: float, bottom: float) -> float:
    """How much of a face a band of text hides, by what each part is worth."""
    return sum(
        weight
        * face.width
        * max(0.0, min(bottom, face.y + end * face.height) - max(top, face.y + start * face.height))
        for start, end, weight in _FACE_ZONES
    )
