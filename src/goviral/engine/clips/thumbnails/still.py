"""The picture of a plan at one moment, in Pillow: what the renderer draws, for a still."""

from typing import TYPE_CHECKING

from goviral.engine.clips.graph.drawn import CANVAS_BOTTOM, CANVAS_TOP
from goviral.engine.clips.plans.crop import crop_box, fit_top
from goviral.engine.clips.plans.plan import Cell, Frame, Layout, Shot

if TYPE_CHECKING:
    from PIL.Image import Image

_BACKGROUND_BLUR = 0.02
_BACKGROUND_DIM = 0.55


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
