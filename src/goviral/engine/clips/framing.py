"""The picture of a plan at one moment, in Pillow: what the renderer draws, for a still."""

from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

from goviral.engine.clips.plan import Cell, CropKey, Frame, Layout, Shot

if TYPE_CHECKING:
    from PIL.Image import Image

_BACKGROUND_BLUR = 0.02
_BACKGROUND_DIM = 0.55
_TALL_FIT_CENTER = 0.42
CANVAS_TOP = (38, 34, 66)
CANVAS_BOTTOM = (12, 12, 20)


def shot_at(shots: tuple[Shot, ...], at_ms: int) -> Shot | None:
    """The shot on screen; the nearest one where rounding leaves a gap, None without any."""
    if not shots:
        return None
    starts = [shot.span.start_ms for shot in shots]
    return shots[max(0, bisect_right(starts, at_ms) - 1)]


def corner_at(path: tuple[CropKey, ...], at_ms: float | Fraction) -> tuple[float, float]:
    """Top left corner of the crop: smoothstep between keys, at rest outside them."""
    if not path:
        return 0.0, 0.0
    later = next((index for index, key in enumerate(path) if key.at_ms > at_ms), len(path))
    if later in (0, len(path)):
        key = path[0] if later == 0 else path[-1]
        return key.x, key.y
    before, after = path[later - 1], path[later]
    share = (at_ms - before.at_ms) / (after.at_ms - before.at_ms)
    eased = share * share * (3 - 2 * share)
    return before.x + (after.x - before.x) * eased, before.y + (after.y - before.y) * eased


def crop_box(shot: "Shot | Cell", at_ms: int) -> tuple[float, float, float, float]:
    """The crop in source pixels: left, top, right, bottom."""
    x, y = corner_at(shot.path, at_ms)
    return x, y, x + shot.crop_width, y + shot.crop_height


def frame_picture(picture: "Image", shot: Shot, at_ms: int, frame: Frame) -> "Image":
    """The source picture as the clip shows it at `at_ms`, in the frame's size."""
    from PIL import Image

    size = (frame.width, frame.height)
    if shot.cells:
        return _divided(picture, shot, at_ms, frame)
    if shot.layout is Layout.FOLLOW and shot.crop_width:
        return picture.resize(size, Image.Resampling.LANCZOS, box=_inside(picture, shot, at_ms))
    if shot.crop_width:
        picture = picture.crop(_inside(picture, shot, at_ms))
    return _fitted(picture, size)


def _divided(picture: "Image", shot: Shot, at_ms: int, frame: Frame) -> "Image":
    """Every cell in its place; they are given for `frame`, or for one of its shape (a larger still)."""
    from PIL import Image

    whole = Image.new("RGB", (frame.width, frame.height))
    right = max(cell.x + cell.width for cell in shot.cells)
    bottom = max(cell.y + cell.height for cell in shot.cells)
    for cell in shot.cells:
        left, top = cell.x * frame.width // right, cell.y * frame.height // bottom
        size = (-(-cell.width * frame.width // right), -(-cell.height * frame.height // bottom))
        box = _inside(picture, cell, at_ms)
        whole.paste(picture.resize(size, Image.Resampling.LANCZOS, box=box), (left, top))
    return whole


def canvas(frame: Frame) -> "Image":
    """The background of a clip without a picture."""
    from PIL import Image

    ramp = Image.new("RGB", (1, 2), CANVAS_TOP)
    ramp.putpixel((0, 1), CANVAS_BOTTOM)
    return ramp.resize((frame.width, frame.height), Image.Resampling.BICUBIC)


def _inside(picture: "Image", shot: "Shot | Cell", at_ms: int) -> tuple[float, float, float, float]:
    """The crop, held inside a picture that may be a little smaller than was planned."""
    left, top, right, bottom = crop_box(shot, at_ms)
    width, height = min(right - left, picture.width), min(bottom - top, picture.height)
    left = min(max(0.0, left), picture.width - width)
    top = min(max(0.0, top), picture.height - height)
    return left, top, left + width, top + height


def fit_center(frame_width: int, frame_height: int) -> float:
    """The middle of a FIT shot's picture as a share of the frame's height."""
    return _TALL_FIT_CENTER if frame_height > 1.2 * frame_width else 0.5


def fit_top(height: int, frame_width: int, frame_height: int) -> int:
    """Where a FIT shot's picture begins: in the middle, a little higher in a tall frame, so that the
    captions stand below it."""
    center = fit_center(frame_width, frame_height)
    top = min(max(0.0, center * frame_height - height / 2), frame_height - height)
    return int(top) // 2 * 2


def _fitted(picture: "Image", size: tuple[int, int]) -> "Image":
    """The whole picture over its own blurred copy."""
    from PIL import Image, ImageEnhance, ImageFilter, ImageOps

    small = ImageOps.fit(picture, (size[0] // 4, size[1] // 4))
    blurred = small.filter(ImageFilter.GaussianBlur(_BACKGROUND_BLUR * size[0]))
    ground = ImageEnhance.Brightness(blurred).enhance(_BACKGROUND_DIM)
    ground = ground.resize(size, Image.Resampling.BICUBIC)
    whole = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    ground.paste(whole, ((size[0] - whole.width) // 2, fit_top(whole.height, *size)))
    return ground
