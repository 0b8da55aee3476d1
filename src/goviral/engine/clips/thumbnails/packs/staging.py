"""Where a still's picture and its words go: the composition of each style, before any word is drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goviral.engine.clips.plans.plan import FaceArea, ThumbnailStyle
from goviral.engine.clips.plans.screen import Box
from goviral.engine.clips.thumbnails.packs.cutout import Person
from goviral.engine.clips.thumbnails.packs.grounds import (
    colored_ground,
    ringed,
    shaded,
    sharpened,
)

if TYPE_CHECKING:
    from PIL.Image import Image

Size = tuple[int, int]
_Shares = tuple[float, float, float, float]

_LARGEST_SCALE = 5.0
"""Pixels of the still for one of the source: beyond it a face is only a blur."""
_CHIN_GAP, _HAIR = 0.06, 0.45
"""Room to leave around a face, in faces."""
_LEAST_ROOM = 0.2
"""Of a tall still's height, for words."""
_MOST_LOWERED = 0.06
# Where the middle of a face goes, as shares of width and height: tall, wide.
_FACE_PLACE = ((0.5, 0.33), (0.73, 0.46))
# The words' part of a still: left, top, right, bottom as shares; tall below and above, wide left and right.
# Grids of covers show the middle 3:4 of a tall still, and players lay their own words over its lower end.
_BELOW, _ABOVE = (0.0, 0.53, 1.0, 0.84), (0.0, 0.12, 1.0, 0.4)
_LEFT, _RIGHT = (0.0, 0.0, 0.53, 1.0), (0.47, 0.0, 1.0, 1.0)
_FOOT = (0.0, 0.56, 1.0, 1.0)
_BAND = ((0.0, 0.58, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0))
_BAND_WORDS = ((0.0, 0.58, 1.0, 0.87), (0.0, 0.0, 0.5, 1.0))
_CUT_WORDS = ((0.0, 0.59, 1.0, 0.87), _LEFT)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels of the still."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the faces on it, in its own pixels."""

    image: "Image"
    faces: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A still without words, and where they go."""

    image: "Image"
    words: Area


def stage(
    source: "Image",
    in_clip: Picture | None,
    face: FaceArea | None,
    person: Person | None,
    style: ThumbnailStyle,
    size: Size,
) -> Stage:
    """Compose one still of `size`. `in_clip` is the clip's own picture, where it has that shape;
    `person` is who was cut out of the source, for a style that asks for it.

    A style that wants a face does without where there is none, or where it cannot be cut out.
    """
    if style.cutout and person:
        cut = _cut_out(person, style, size)
        if cut is not None:
            return cut
    if style.band_color:
        return _with_band(source, face, style, size)
    if in_clip is not None and not (style.face and face):
        return _over(in_clip, style)
    return _over(around(source, face, size, style.face), style)


def around(
    source: "Image",
    face: FaceArea | None,
    size: Size,
    share: float,
    at: tuple[float, float] | None = None,
) -> Picture:
    """The part of the source with the shape of `size` around a face that is `share` of it high (0: the
    largest part there is), the face where `at` says as far as the source reaches."""
    from PIL import Image

    width, height = size
    scale = max(width / source.width, height / source.height)
    if face and share:
        wanted = share * min(size) / face.height
        scale = max(scale, min(wanted, _LARGEST_SCALE))
    part = width / scale, height / scale
    center_x, center_y = source.width / 2, source.height / 2
    if face:
        place = at or _FACE_PLACE[width > height]
        center_x = face.x + face.width / 2 + (0.5 - place[0]) * part[0]
        center_y = face.y + face.height / 2 + (0.5 - place[1]) * part[1]
    left = min(max(0.0, center_x - part[0] / 2), source.width - part[0])
    top = min(max(0.0, center_y - part[1] / 2), source.height - part[1])
    box = (left, top, left + part[0], top + part[1])
    image = sharpened(source.resize(size, Image.Resampling.BICUBIC, box=box), scale)
    if face is None:
        return Picture(image)
    shown = FaceArea(
        (face.x - left) * scale, (face.y - top) * scale, face.width * scale, face.height * scale
    )
    return Picture(image, (shown,))


def _over(picture: Picture, style: ThumbnailStyle) -> Stage:
    """Words over the picture, where they hide least of the faces."""
    width, height = picture.image.size
    places = (_LEFT, _RIGHT, _FOOT) if width > height else _clear(picture)
    areas = [_area(place, picture.image.size) for place in places]
    # The first one in doubt: `min` keeps the order of what is equal.
    words = min(areas, key=lambda area: round(_hidden(area, picture.faces), 2))
    return Stage(
        shaded(picture.image, (words.x, words.y, words.width, words.height), style.scrim), words
    )


def _clear(picture: Picture) -> tuple[_Shares, ...]:
    """Below the chins and above the hair of a tall picture, as far as there is room for words."""
    height = picture.image.height
    chins = [face.y + (1 + _CHIN_GAP) * face.height for face in picture.faces]
    chin = max(chins, default=0.0) / height
    brow = min((face.y - _HAIR * face.height for face in picture.faces), default=height) / height
    below, above = _BELOW, _ABOVE
    return (
        (below[0], min(max(below[1], chin), below[3] - _LEAST_ROOM), *below[2:]),
        (*above[:3], max(min(above[3], brow), above[1] + _LEAST_ROOM)),
    )


def _with_band(source: "Image", face: FaceArea | None, style: ThumbnailStyle, size: Size) -> Stage:
    """The picture in one part of the still, the words on a plain field in the other."""
    from PIL import Image

    wide = size[0] > size[1]
    band = _area(_BAND[wide], size)
    still = Image.new("RGB", size, style.band_color[:7])
    if wide:
        room, corner = (size[0] - band.width, size[1]), (band.width, 0)
    else:
        room, corner = (size[0], size[1] - band.height), (0, 0)
    share = style.face * min(size) / min(room) if style.face else 0.0
    shown = around(source, face, room, share, at=(0.5, 0.45))
    still.paste(shown.image, corner)
    # Nothing is laid over the lower end of squares and portraits: they are no clip's cover.
    free = _BAND if 2 * size[1] < 3 * size[0] else _BAND_WORDS
    return Stage(still, _area(free[wide], size))


def _cut_out(person: Person, style: ThumbnailStyle, size: Size) -> Stage | None:
    """The person on a ground of one colour; None where they would stand too low, as they end too high."""
    wide = size[0] > size[1]
    place, face = _FACE_PLACE[wide], person.face
    height = person.image.height
    below = height - face.y - face.height / 2
    # A person who ends above the still's lower edge would float: larger, then lower, until they reach it.
    scale = max(style.face * min(size) / face.height, (1 - place[1]) * size[1] / below)
    scale = min(scale, _LARGEST_SCALE)
    left = round(place[0] * size[0] - (face.x + face.width / 2) * scale)
    top = round(place[1] * size[1] - (face.y + face.height / 2) * scale)
    if person.cut_off:
        top = min(top, 0)  # a head the source cuts off is cut off by the still's edge
    lowered = max(0, size[1] - round(height * scale) - top)
    if lowered > _MOST_LOWERED * size[1]:
        return None
    ground = colored_ground(size, style.ground_color, place)
    ring = (style.ring * min(size) / 1080, style.ring_color)
    corner = (left, top + lowered)
    drawn = ringed(ground, person.image, person.mask, scale, corner, ring)
    return Stage(drawn, _area(_CUT_WORDS[wide], size))


def _area(shares: _Shares, size: Size) -> Area:
    left, top, right, bottom = (
        round(share * size[index % 2] / 2) * 2 for index, share in enumerate(shares)
    )
    return Area(left, top, right - left, bottom - top)


def _hidden(area: Area, faces: tuple[Box, ...]) -> float:
    """How much of the faces lies in an area, with the chin's worth of air around each."""
    hidden = 0.0
    for face in faces:
        gap = _CHIN_GAP * face.height
        across = min(face.x + face.width, area.x + area.width) - max(face.x, area.x)
        down = min(face.y + face.height + gap, area.y + area.height) - max(face.y - gap, area.y)
        hidden += max(0.0, across) * max(0.0, down)
    return hidden / max(1.0, sum(face.width * face.height for face in faces))
