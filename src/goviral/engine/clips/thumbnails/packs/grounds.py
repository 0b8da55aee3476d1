"""What lies behind words and people on a still: shade, coloured grounds, rings."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_LIGHTER, _DARKER = 1.28, 0.62
_SOFT_FROM = 1.6
_SHADOW_SHARE = 0.35
_COARSER = 3
_CRISPER = 0.6


def colored_ground(size: tuple[int, int], color: str, light_at: tuple[float, float]) -> "Image":
    """One colour, lighter about `light_at` (shares of width and height), darker towards the corners."""
    from PIL import Image, ImageColor

    small = (size[0] // 8, size[1] // 8)
    rows, columns = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    away = np.hypot(
        columns / small[0] - light_at[0], (rows / small[1] - light_at[1]) * small[1] / small[0]
    )
    strength = np.interp(away, (0.0, 1.1), (_LIGHTER, _DARKER))[..., None]
    tone = np.array(ImageColor.getrgb(color)[:3], np.float32)
    ground = Image.fromarray(np.clip(tone * strength, 0, 255).astype(np.uint8))
    return ground.resize(size, Image.Resampling.BICUBIC)


def shaded(picture: "Image", words: tuple[int, int, int, int], depth: float) -> "Image":
    """Darkened towards the edge that the words (x, y, width, height) are nearest to; `depth` 0 to 1."""
    from PIL import Image

    if depth <= 0:
        return picture
    width, height = picture.size
    x, y, words_width, words_height = words
    if words_width < width:
        ramp = Image.linear_gradient("L").rotate(90)
        at = (x, 0, min(width, x + round(words_width * 1.15)), height)
        ramp = ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if x == 0 else ramp
        if x:
            at = (max(0, width - round(words_width * 1.15)), 0, width, height)
    elif y + words_height / 2 < height / 2:
        ramp = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        at = (0, 0, width, min(height, round((y + words_height) * 1.25)))
    else:
        ramp, at = Image.linear_gradient("L"), (0, max(0, y - words_height // 3), width, height)
    steep = ramp.point(lambda value: round(min(1.0, value / 255 * 1.5) * 255 * depth))
    darker = picture.copy()
    darker.paste("black", at, steep.resize((at[2] - at[0], at[3] - at[1])))
    return darker


def ringed(
    ground: "Image",
    person: "Image",
    mask: "Image",
    scale: float,
    corner: tuple[int, int],
    ring: tuple[float, str],
) -> "Image":
    """The person, `scale` times as large, on the ground at `corner`, with a ring (pixels, colour)."""
    import cv2
    from PIL import Image

    onto = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]], np.float64)
    parts = [np.asarray(part) for part in (mask, person)]
    alpha, body = (
        np.asarray(cv2.warpAffine(part, onto, ground.size, flags=cv2.INTER_CUBIC), np.uint8)
        for part in parts
    )
    placed, shown = Image.fromarray(alpha), sharpened(Image.fromarray(body), scale)
    # Rings and shadows have no detail: a third of the size costs a ninth.
    small = np.asarray(placed.reduce(_COARSER))
    edge = max(1, round(ring[0] / _COARSER))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1))
    outer = cv2.dilate(small, kernel)
    shadow = cv2.GaussianBlur(outer, (0, 0), 2.0 + edge) * _SHADOW_SHARE
    dark = Image.fromarray(shadow.astype(np.uint8)).resize(ground.size, Image.Resampling.BILINEAR)
    still = Image.composite(Image.new("RGB", ground.size), ground, dark)
    if ring[0]:
        soft = Image.fromarray(np.asarray(cv2.GaussianBlur(outer, (0, 0), 1.0), np.uint8))
        line = soft.resize(ground.size, Image.Resampling.BICUBIC).point(_crisp)
        still = Image.composite(Image.new("RGB", ground.size, ring[1][:7]), still, line)
    return Image.composite(shown, still, placed)


def _crisp(value: int) -> int:
    return min(255, max(0, (value - 96) * 4))


def sharpened(picture: "Image", scale: float) -> "Image":
    """Crisper where it was enlarged: `scale` pixels were made of one."""
    import cv2
    from PIL import Image

    if scale < _SOFT_FROM:
        return picture
    pixels = np.asarray(picture)
    soft = cv2.GaussianBlur(pixels, (0, 0), min(4.0, scale))
    return Image.fromarray(
        cv2.addWeighted(pixels, 1 + _CRISPER, soft, -_CRISPER, 0).astype(np.uint8)
    )
