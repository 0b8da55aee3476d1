"""Two people out of one photograph: cut out, dressed, recoloured, and able to talk and blink.

The photograph is scikit-image's `data.astronaut()` (NASA, public domain). All shapes below are in
*units*: pixels of the photo's head region enlarged 3.463 times, origin at photo pixel (130, 0).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Points = Sequence[tuple[float, float]]

UNITS_PER_PHOTO_PIXEL: Final = 3.463
WIDTH_U: Final = 658
HEIGHT_U: Final = 740
NECK_U: Final = (315.0, 645.0)
FACE_U: Final = (183.0, 250.0, 290.0, 364.0)
"""x, y, width, height of the face, hairline to chin, as the truth file counts it."""

_WORK: Final = 4 / UNITS_PER_PHOTO_PIXEL
EYES_U: Final = ((254.0, 350.0), (404.0, 357.0))

_NECK_END: Final = [(434, 600), (430, 640), (418, 690), (310, 712), (212, 690), (200, 640)]
_HEAD_NORA: Final = [
    (350, 58), (420, 68), (488, 98), (540, 142), (570, 190), (580, 240), (588, 300), (584, 350),
    (566, 390), (538, 422), (513, 443), (505, 462), (492, 470), (476, 467), (467, 490), (456, 525),
    (442, 560), *_NECK_END, (201, 600), (199, 560), (190, 520), (182, 462), (168, 450),
    (155, 440), (148, 415), (122, 397), (97, 358), (87, 310), (84, 250), (94, 217), (133, 168),
    (203, 132), (228, 103), (272, 76), (312, 62),
]  # fmt: skip
_HEAD_THEO: Final = [
    (345, 92), (405, 98), (455, 118), (495, 155), (514, 200), (517, 250), (512, 300), (507, 350),
    (502, 400), (503, 440), (497, 468), (484, 471), (472, 480), (465, 500), (460, 530), (446, 562),
    *_NECK_END, (200, 600), (196, 560), (184, 522), (176, 480), (172, 460), (158, 447),
    (150, 420), (148, 400), (146, 350), (143, 300), (142, 250), (150, 205), (170, 165), (210, 130),
    (260, 104), (300, 95),
]  # fmt: skip
_FACE: Final = [
    (330, 250), (400, 285), (470, 312), (474, 400), (468, 490), (445, 560), (400, 600), (320, 615),
    (250, 600), (205, 550), (185, 500), (181, 440), (190, 330), (196, 258), (230, 270),
]  # fmt: skip
_NECK: Final = [(190, 560), (240, 600), (320, 618), (400, 602), (442, 562), (432, 735), (198, 735)]
_EARS: Final = (
    [(140, 400), (180, 400), (182, 465), (140, 460)],
    [(475, 430), (510, 430), (505, 475), (470, 475)],
)
_BEARD: Final = [
    (174, 420), (186, 430), (200, 470), (228, 492), (262, 472), (300, 463), (326, 467), (352, 463),
    (392, 474), (425, 492), (452, 470), (468, 430), (478, 430), (472, 500), (452, 562), (402, 606),
    (320, 622), (248, 606), (199, 555), (176, 500),
]  # fmt: skip
_ROLL: Final = [
    (180, 612), (200, 620), (240, 636), (300, 648), (370, 653), (415, 645), (450, 628), (450, 739),
    (180, 739),
]  # fmt: skip
_LIPS: Final = [
    (252, 484), (290, 484), (326, 480), (365, 484), (400, 486), (385, 515), (350, 535), (322, 540),
    (290, 532), (265, 508),
]  # fmt: skip
_BROWS: Final = (
    [(205, 312), (240, 300), (285, 316), (282, 326), (240, 312), (207, 322)],
    [(372, 324), (420, 316), (462, 328), (460, 336), (420, 326), (374, 334)],
)
_GLASSES_BGR: Final = (40, 30, 26)


@dataclass(frozen=True, slots=True)
class Head:
    """Premultiplied BGRA, 0-255, at `scale` pixels a unit; `mirrored` left to right."""

    texture: Image
    scale: float
    mirrored: bool


def _spline(points: Points, steps: int = 10) -> NDArray[np.float64]:
    """Closed Catmull-Rom curve through the points."""
    p1 = np.array(points, float)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = p0[:, None], p1[:, None], p2[:, None], p3[:, None]
    curve = (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return (0.5 * curve).reshape(-1, 2)


def _mask(points: Points, soft_px: float) -> Image:
    shape = (round(HEIGHT_U * _WORK), round(WIDTH_U * _WORK))
    mask = np.zeros(shape, np.uint8)
    corners = np.round(_spline(points) * _WORK * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), soft_px).astype(np.float32)[..., None] / 255


@cache
def _photo() -> Image:
    """The head, four times enlarged, its film grain smoothed away."""
    from skimage import data  # slow to import, needed once

    crop = data.astronaut()[:220, 130:320, ::-1].copy()
    large = cv2.resize(crop, None, fx=4, fy=4, interpolation=cv2.INTER_LANCZOS4)
    smooth = cv2.edgePreservingFilter(large, flags=1, sigma_s=10, sigma_r=0.18)
    return smooth[: round(HEIGHT_U * _WORK), : round(WIDTH_U * _WORK)].astype(np.float32)


def _luminance(image: Image) -> Image:
    return (image @ np.array([0.114, 0.587, 0.299], np.float32))[..., None]


def _skin() -> Image:
    """1 where skin is. Strands of the fringe hang into the face: there brightness decides."""
    drawn = np.clip(_mask(_FACE, 4) + _mask(_NECK, 4) + sum(_mask(ear, 3) for ear in _EARS), 0, 1)
    bright = np.clip((_luminance(_photo()) - 120) / 45, 0, 1)
    rows = np.arange(drawn.shape[0], dtype=np.float32)[:, None, None] / _WORK
    trust = np.clip((rows - 285) / 25, 0, 1)
    return drawn * (trust + (1 - trust) * cv2.GaussianBlur(bright, (0, 0), 1.5)[..., None])


def _mixed(below: Image, above: Image | NDArray[np.float64], mask: Image) -> Image:
    return (below * (1 - mask) + above * mask).astype(np.float32)


def _with_beard(image: Image, luminance: Image) -> Image:
    grain = np.random.default_rng(3).normal(0, 1, luminance.shape[:2]).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 1.6)[..., None] * 9
    beard = np.array([30, 32, 38], np.float32) * (0.5 + luminance / 260) + grain
    return _mixed(image, beard, np.clip(_mask(_BEARD, 6) - _mask(_LIPS, 5), 0, 1) * 0.85)


def _with_glasses(image: Image) -> Image:
    lines = np.zeros(image.shape[:2], np.uint8)
    thick = round(7 * _WORK)
    for x, y in EYES_U:
        rim = cv2.ellipse2Poly(
            (round(x * _WORK), round(y * _WORK)),
            (round(56 * _WORK), round(44 * _WORK)),
            0,
            0,
            360,
            4,
        )
        cv2.polylines(lines, [rim], True, 255, thick, cv2.LINE_AA)
    for a, b in (((308, 345), (350, 348)), ((199, 345), (165, 335)), ((460, 352), (500, 345))):
        ends = [tuple(round(v * _WORK) for v in point) for point in (a, b)]
        cv2.line(lines, ends[0], ends[1], 255, thick, cv2.LINE_AA)
    soft = cv2.GaussianBlur(lines, (0, 0), 1).astype(np.float32)[..., None] / 255
    return _mixed(image, np.array(_GLASSES_BGR, float), soft)


def _dressed(image: Image, shirt_bgr: tuple[float, float, float]) -> Image:
    """The photograph's black roll-neck in the colour of the drawn one that lies over it."""
    luminance = _luminance(_photo())
    black = np.clip((85 - luminance) / 25, 0, 1) * _mask(_ROLL, 1.5)
    black = cv2.GaussianBlur(black, (0, 0), 1.5)[..., None]
    return _mixed(image, np.array(shirt_bgr), black)


def _nora() -> tuple[Image, Image]:
    warm = _photo() * np.array([0.95, 0.98, 1.0], np.float32)
    return _dressed(warm, (178, 203, 217)), _mask(_HEAD_NORA, 2.5)


def _theo() -> tuple[Image, Image]:
    photo = _photo()
    luminance = _luminance(photo)
    hair = np.clip(luminance / 150, 0, 1.3) * np.array([54, 52, 56], np.float32) + 14
    skin = photo * np.array([0.62, 0.72, 0.84], np.float32) + 3
    face = _mixed(hair.astype(np.float32), skin, _skin())
    brows = np.clip(sum(_mask(brow, 3) for brow in _BROWS), 0, 1) * 0.8
    face = _mixed(_with_beard(face, luminance), np.array([25, 25, 28.0]), brows)
    return _with_glasses(_dressed(face, (51, 138, 189))), _mask(_HEAD_THEO, 2.5)


def head(speaker: str, scale: float) -> Head:
    """The speaker's head at `scale` pixels a unit."""
    colour, alpha = _nora() if speaker == "Nora" else _theo()
    full = np.concatenate([np.clip(colour, 0, 255) * alpha, alpha * 255], axis=2)
    size = (round(WIDTH_U * scale), round(HEIGHT_U * scale))
    interpolation = cv2.INTER_AREA if scale < _WORK else cv2.INTER_CUBIC
    texture = cv2.resize(full, size, interpolation=interpolation)
    return Head(np.clip(texture, 0, 255).astype(np.float32), scale, speaker != "Nora")
