"""Flat shapes, drawn twice as large and shrunk for smooth edges, and the blending of layers."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np
from font_manrope import ManropeBold, ManropeExtraBold, ManropeMedium
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Frame = NDArray[np.uint8]
Points = Sequence[tuple[float, float]]

WIDTH: Final = 1280
HEIGHT: Final = 720
_FINE: Final = 2
_FONTS: Final = {"medium": ManropeMedium, "bold": ManropeBold, "black": ManropeExtraBold}


def rgb(code: str) -> tuple[int, int, int]:
    """`#rrggbb` as numbers."""
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red, green, blue


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS[weight], size * _FINE)


class Canvas:
    """A layer in frame pixels. Starts transparent, or filled with one colour."""

    def __init__(self, fill: str | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.size = size
        colour = (0, 0, 0, 0) if fill is None else (*rgb(fill), 255)
        self._image = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), colour)
        self._draw = ImageDraw.Draw(self._image)

    @staticmethod
    def _fine(points: Points) -> list[tuple[float, float]]:
        return [(x * _FINE, y * _FINE) for x, y in points]

    def polygon(self, points: Points, fill: str) -> None:
        self._draw.polygon(self._fine(points), fill=(*rgb(fill), 255))

    def blob(self, points: Points, fill: str) -> None:
        """A closed smooth curve through the points."""
        self.polygon(smooth(points), fill)

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        box = self._fine([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse([*box[0], *box[1]], fill=(*rgb(fill), 255))

    def box(self, x: float, y: float, w: float, h: float, fill: str, radius: float = 0) -> None:
        (x0, y0), (x1, y1) = self._fine([(x, y), (x + w, y + h)])
        self._draw.rounded_rectangle([x0, y0, x1, y1], radius * _FINE, fill=(*rgb(fill), 255))

    def line(self, points: Points, width: float, fill: str) -> None:
        fine = self._fine(points)
        self._draw.line(fine, fill=(*rgb(fill), 255), width=round(width * _FINE), joint="curve")

    def text(
        self,
        x: float,
        y: float,
        what: str,
        size: int,
        fill: str,
        weight: str = "bold",
        anchor: str = "ls",
    ) -> None:
        font = _font(weight, size)
        self._draw.text(
            (x * _FINE, y * _FINE), what, font=font, fill=(*rgb(fill), 255), anchor=anchor
        )

    def layer(self) -> Frame:
        """Premultiplied BGRA."""
        rgba = np.asarray(self._image, np.float32)
        alpha = rgba[..., 3:] / 255
        fine = np.concatenate([rgba[..., 2::-1] * alpha, rgba[..., 3:]], axis=2)
        small = cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA)
        return np.round(small).astype(np.uint8)

    def picture(self) -> Frame:
        """Opaque BGR."""
        return np.ascontiguousarray(self.layer()[..., :3])


def smooth(points: Points, steps: int = 14) -> Points:
    """Closed Catmull-Rom curve through the points."""
    p1 = np.array(points, float)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = p0[:, None], p1[:, None], p2[:, None], p3[:, None]
    curve = (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return [(float(x), float(y)) for x, y in (0.5 * curve).reshape(-1, 2)]


def _overlap(start: int, length: int, limit: int) -> tuple[slice, slice] | None:
    low, high = max(start, 0), min(start + length, limit)
    return (slice(low, high), slice(low - start, high - start)) if low < high else None


def blend(frame: Frame, layer: Frame, x: int = 0, y: int = 0) -> None:
    """Lay a premultiplied layer over `frame` in place, its corner at (x, y)."""
    rows = _overlap(y, layer.shape[0], frame.shape[0])
    columns = _overlap(x, layer.shape[1], frame.shape[1])
    if rows is None or columns is None:
        return
    above = layer[rows[1], columns[1]]
    below = frame[rows[0], columns[0]]
    rest = cv2.cvtColor(255 - above[..., 3], cv2.COLOR_GRAY2BGR)
    frame[rows[0], columns[0]] = cv2.add(cv2.multiply(below, rest, scale=1 / 255), above[..., :3])


def tight(layer: Frame) -> tuple[Frame, int, int]:
    """The layer without its empty border, and where its corner was."""
    x, y, w, h = cv2.boundingRect((layer[..., 3] > 0).astype(np.uint8))
    return np.ascontiguousarray(layer[y : y + h, x : x + w]), x, y


def shaded(picture: Frame, strength: float) -> Frame:
    """A little darker towards the corners."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = 1 - strength * np.clip(x**2 * 0.6 + y**2 * 0.4, 0, 1) ** 1.5
    return np.round(picture * fall[..., None]).astype(np.uint8)
