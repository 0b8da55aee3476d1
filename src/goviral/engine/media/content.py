"""Where in a picture something is: the area without bars, the centre of interest, how sharp it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.boxes import FaceBox

_BLACK = 6
_EDGE = 10
_SMALLEST_BAR = 0.02
_SMALLEST_AREA = 0.2
_DETAIL_SIZE = (64, 36)
_SHARPNESS_SIDE = 96
_BLOCK = 8
_EVEN_RANGE = 6
_HARD_RANGE = 90
_EVEN_SHARE = 0.45
_MOSTLY_EVEN = 0.8
_HARD_SHARE = 0.38
_LEAST_HARD = 0.01


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels."""

    x: int
    y: int
    width: int
    height: int

    def scaled(self, scale: float, max_width: int, max_height: int) -> "Box":
        """In a picture `scale` times as large, kept inside it."""
        x = min(max_width - 1, round(self.x * scale))
        y = min(max_height - 1, round(self.y * scale))
        right = min(max_width, round((self.x + self.width) * scale))
        bottom = min(max_height, round((self.y + self.height) * scale))
        return Box(x, y, max(1, right - x), max(1, bottom - y))


def active_area(image: NDArray[np.uint8]) -> Box:
    """The picture without black bars at its edges; empty where all of it is black."""
    import cv2

    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    left, width = _lit(cv2.reduce(gray, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel())
    top, height = _lit(cv2.reduce(gray, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel())
    return Box(left, top, width, height) if width and height else Box(0, 0, 0, 0)


def common_area(areas: Sequence[Box]) -> Box:
    """The area of a whole shot: what is lit at any time of it."""
    lit = [area for area in areas if area.width and area.height] or list(areas)
    left, top = min(area.x for area in lit), min(area.y for area in lit)
    right = max(area.x + area.width for area in lit)
    bottom = max(area.y + area.height for area in lit)
    return Box(left, top, right - left, bottom - top)


def _lit(levels: NDArray[Any]) -> tuple[int, int]:
    """Start and length of what is not black, by the mean of each column or row.

    A bar is all black and ends at an edge; a dark scene fades, and is picture.
    """
    count = len(levels)
    lit = np.flatnonzero(levels > _BLACK)
    if not len(lit):
        return 0, 0
    first = _after_bar(levels, int(lit[0]))
    end = count - _after_bar(levels[::-1], count - 1 - int(lit[-1]))
    return (first, end - first) if end - first >= count * _SMALLEST_AREA else (0, count)


def _after_bar(levels: NDArray[Any], first: int) -> int:
    if first <= len(levels) * _SMALLEST_BAR:
        return 0
    return first if float(levels[first : first + 4].max()) > _BLACK + _EDGE else 0


def focus_of(image: NDArray[np.uint8], motion: NDArray[np.uint8], area: Box) -> tuple[float, float]:
    """Centre of interest, 0..1 of the picture: where detail and motion gather, rather the middle."""
    import cv2

    height, width = image.shape[:2]
    if not (area.width and area.height):
        return 0.5, 0.5
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    size = _DETAIL_SIZE if width >= height else _DETAIL_SIZE[::-1]
    fine = cv2.resize(gray, (size[0] * 4, size[1] * 4), interpolation=cv2.INTER_AREA)
    edges = cv2.convertScaleAbs(cv2.Laplacian(fine, cv2.CV_16S, ksize=3))
    detail = cv2.resize(np.minimum(edges, 80), size, interpolation=cv2.INTER_AREA)
    moving = cv2.resize(motion.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    energy = _share(detail) + 2 * _share(np.maximum(moving - np.median(moving), 0))
    # A little everywhere: an even picture is looked at in its middle.
    energy = energy + 0.5 / energy.size
    energy = energy * _inside(size, area, width, height)
    spread = cv2.blur(energy, (size[0] // 4 | 1, size[1] // 2 | 1), borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(spread.argmax()), spread.shape)
    return (float(x) + 0.5) / size[0], (float(y) + 0.5) / size[1]


def is_graphic(image: NDArray[np.uint8], area: Box, *, has_faces: bool) -> bool:
    """Whether a picture is drawn to be read: a slide, a screen, a sign.

    Such pictures are even ground and hard edges with little between. Measured in blocks of 8x8: of
    slides 80-90 % are even and many others hard; of filmed scenes most others lie between. Without a
    face so much even ground is enough; with one it may be a studio's wall.
    """
    import cv2

    part = image[area.y : area.y + area.height, area.x : area.x + area.width]
    rows, columns = part.shape[0] // _BLOCK, part.shape[1] // _BLOCK
    if not rows or not columns:
        return False
    gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)[: rows * _BLOCK, : columns * _BLOCK]
    block = np.ones((_BLOCK, _BLOCK), np.uint8)
    # As maximum and minimum of each block, at a fifth of NumPy's cost.
    highest = cv2.dilate(gray, block, anchor=(0, 0))[::_BLOCK, ::_BLOCK]
    lowest = cv2.erode(gray, block, anchor=(0, 0))[::_BLOCK, ::_BLOCK]
    ranges = highest - lowest
    even, hard = float((ranges <= _EVEN_RANGE).mean()), float((ranges >= _HARD_RANGE).mean())
    if even >= _MOSTLY_EVEN and not has_faces:
        return hard >= _LEAST_HARD
    return even >= _EVEN_SHARE and hard >= max(_LEAST_HARD, _HARD_SHARE * (1 - even))


def _share(values: NDArray[Any]) -> NDArray[np.float32]:
    """Each cell's share of the sum."""
    total = float(values.sum())
    return np.asarray(values / total if total > 1e-3 else values * 0, np.float32)


def _inside(size: tuple[int, int], area: Box, width: int, height: int) -> NDArray[np.float32]:
    """Weight 0 in the bars, 1 in the middle of the active area, 0.45 at its edges."""
    xs = ((np.arange(size[0]) + 0.5) / size[0] * width - area.x) / area.width
    ys = ((np.arange(size[1]) + 0.5) / size[1] * height - area.y) / area.height

    def weight(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where((at > 0) & (at < 1), np.exp(-(((at - 0.5) / 0.56) ** 2)), 0.0)

    return np.outer(weight(ys), weight(xs)).astype(np.float32)


def sharpness_of(image: NDArray[np.uint8], faces: Sequence[FaceBox]) -> float:
    """Variance of the Laplacian of the largest face, else of the middle of the picture."""
    import cv2

    height, width = image.shape[:2]
    if faces:
        face = max(faces, key=lambda box: box.width * box.height)
        left, top = max(0, int(face.x)), max(0, int(face.y))
        part = image[top : int(face.y + face.height) + 1, left : int(face.x + face.width) + 1]
    else:
        part = image[height // 6 : height - height // 6, width // 6 : width - width // 6]
    if min(part.shape[:2]) < 2:
        return 0.0
    gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    side = (_SHARPNESS_SIDE, _SHARPNESS_SIDE)
    even = cv2.resize(gray, side, interpolation=cv2.INTER_AREA) if faces else gray
    return float(cv2.Laplacian(even, cv2.CV_32F).var())
