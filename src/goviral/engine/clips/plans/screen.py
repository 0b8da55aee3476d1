"""From the source's pixels to the finished frame's. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from goviral.engine.clips.plans.crop import corner_at, crop_box, fit_top, shot_at
from goviral.engine.clips.plans.plan import Cell, Frame, Layout, Shot
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Look


_Place = tuple[int, int, int, int]


class Box(Protocol):
    """Any rectangle: a face brow to chin in pixels of the source, or in those of the finished frame."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ScreenBox:
    """A rectangle in pixels of the finished frame."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in the finished frame at one time of the clip, and words had better not hide."""

    at_ms: int
    boxes: tuple[Box, ...]


def faces_on_screen(
    look: "Look", shots: tuple[Shot, ...], frame: Frame, span: Span
) -> tuple[Seen, ...]:
    """Where faces stand in the finished frame of the clip that is `span` of the source."""
    seen: list[Seen] = []
    for sighting in look.sightings:
        at_ms = sighting.at_ms - span.start_ms
        shot = shot_at(shots, at_ms) if span.contains(sighting.at_ms) else None
        if shot is None:
            continue
        places = [face_places(face, shot, at_ms, frame) for face in sighting.faces]
        seen.append(Seen(at_ms, tuple(box for boxes in places for box in boxes)))
    return tuple(seen)


def picture_places(shot: Shot, frame: Frame) -> tuple[tuple[int, int, int, int], ...]:
    """Left, top, width and height of each part of the frame that shows a picture of its own."""
    if shot.cells:
        return tuple((cell.x, cell.y, cell.width, cell.height) for cell in shot.cells)
    if shot.layout is Layout.CANVAS or not shot.crop_width:
        return ()
    whole = (0, 0, frame.width, frame.height)
    return (picture_place(shot, frame) if shot.layout is Layout.FIT else whole,)


def picture_place(shot: Shot, frame: Frame) -> tuple[int, int, int, int]:
    """Left, top, width and height of a FIT shot's picture in the frame; even numbers."""
    scale = min(frame.width / shot.crop_width, frame.height / shot.crop_height)
    width = min(frame.width, round(shot.crop_width * scale / 2) * 2)
    height = min(frame.height, round(shot.crop_height * scale / 2) * 2)
    top = fit_top(height, frame.width, frame.height)
    return (frame.width - width) // 4 * 2, top, width, height


def face_places(face: Box, shot: Shot, at_ms: int, frame: Frame) -> Iterator[ScreenBox]:
    """Where a face of the source stands in the frame: nowhere, once, or in several cells."""
    parts: tuple[Shot | Cell, ...] = shot.cells or (shot,)
    for part, place in zip(parts, picture_places(shot, frame), strict=False):
        box = _in_place(face, crop_box(part, at_ms), place)
        if box is not None:
            yield box


def _in_place(
    face: Box, crop: tuple[float, float, float, float], place: _Place
) -> ScreenBox | None:
    left, top, right, bottom = crop
    center_x, center_y = face.x + face.width / 2, face.y + face.height / 2
    if not left <= center_x <= right or not top <= center_y <= bottom:
        return None
    x, y, width, height = place
    across, down = width / (right - left), height / (bottom - top)
    return ScreenBox(
        x + (face.x - left) * across,
        y + (face.y - top) * down,
        face.width * across,
        face.height * down,
    )


def cover_part(shot: Shot, frame: Frame) -> tuple[int, int, int, int]:
    """Width, height, left and top of the part of a FIT shot's picture that fills the frame behind it."""
    width = min(shot.crop_width, shot.crop_height * frame.width / frame.height)
    height = min(shot.crop_height, shot.crop_width * frame.height / frame.width)
    left, top = corner_at(shot.path, 0)
    x, y = left + (shot.crop_width - width) / 2, top + (shot.crop_height - height) / 2
    return max(2, int(width)), max(2, int(height)), int(x), int(y)
