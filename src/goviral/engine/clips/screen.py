"""From the source's pixels to the finished frame's. Pure."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from goviral.engine.clips.framing import corner_at, crop_box, fit_top, shot_at
from goviral.engine.clips.plan import Frame, Layout, Shot
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Face, Look


_EYES_AND_NOSE = 0.6


@dataclass(frozen=True, slots=True)
class ScreenBox:
    """A rectangle in pixels of the finished frame."""

    x: float
    y: float
    width: float
    height: float


def faces_on_screen(
    look: "Look", shots: tuple[Shot, ...], frame: Frame, span: Span
) -> tuple[ScreenBox, ...]:
    """Where faces stand in the finished frame; for captions to keep clear of.

    A face counts once as a whole and twice more from brow to nose: where nothing is clear of it,
    captions had better cover a chin than the eyes.
    """
    boxes: list[ScreenBox] = []
    for sighting in look.sightings:
        if not span.contains(sighting.at_ms):
            continue
        at_ms = sighting.at_ms - span.start_ms
        shot = shot_at(shots, at_ms)
        if shot is None or shot.layout is Layout.CANVAS or not shot.crop_width:
            continue
        for face in sighting.faces:
            box = _on_screen(face, shot, at_ms, frame)
            if box is not None:
                upper = replace(box, height=box.height * _EYES_AND_NOSE)
                boxes += [box, upper, upper]
    return tuple(boxes)


def picture_place(shot: Shot, frame: Frame) -> tuple[int, int, int, int]:
    """Left, top, width and height of a FIT shot's picture in the frame; even numbers."""
    scale = min(frame.width / shot.crop_width, frame.height / shot.crop_height)
    width = min(frame.width, round(shot.crop_width * scale / 2) * 2)
    height = min(frame.height, round(shot.crop_height * scale / 2) * 2)
    top = fit_top(height, frame.width, frame.height)
    return (frame.width - width) // 4 * 2, top, width, height


def _on_screen(face: "Face", shot: Shot, at_ms: int, frame: Frame) -> ScreenBox | None:
    left, top, right, bottom = crop_box(shot, at_ms)
    if (
        not left <= face.x + face.width / 2 <= right
        or not top <= face.y + face.height / 2 <= bottom
    ):
        return None
    x, y, width, height = 0, 0, frame.width, frame.height
    if shot.layout is Layout.FIT:
        x, y, width, height = picture_place(shot, frame)
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
