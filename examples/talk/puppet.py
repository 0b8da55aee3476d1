"""Moves a head: jaw with the voice, lids with time, the whole with a slow sway. All motion is known.

Jaw and lids are warps of the texture (after the idea of moving the lower jaw of a photograph); the pose
is one affine matrix, from which the truth file takes the face's box.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from talk.faces import EYES_U, FACE_U, NECK_U, WIDTH_U, Head, Image

_MOUTH_X: Final = 324.0
_MOUTH_BOX: Final = (170, 470, 480, 690)
_LID_RISE: Final = 36.0
_CLOSED_U: Final = -15.0
_OPEN_U: Final = 19.0
_INSIDE_BGRA: Final = (26.0, 16.0, 52.0, 255.0)

Grid = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pose:
    """What a head does in one frame. `tilt` in degrees, `dx`, `dy` in units, the rest 0-1."""

    tilt: float
    dx: float
    dy: float
    mouth: float
    lids: float


def pose_at(speaker: str, time_s: float, loudness: float, talking: float) -> Pose:
    """The sway is two slow sines a coordinate; who talks moves more and nods with the voice."""
    phase = {"Nora": 0.4, "Theo": 2.1}[speaker]
    lively = 0.45 + 0.55 * talking
    tilt = lively * (
        2.1 * math.sin(0.61 * time_s + phase) + 1.2 * math.sin(1.43 * time_s + 2 * phase)
    )
    dx = lively * (7 * math.sin(0.47 * time_s + 3 * phase) + 3 * math.sin(1.13 * time_s))
    dy = lively * 3 * math.sin(0.83 * time_s + phase) + 5 * loudness
    return Pose(tilt, dx, dy, loudness, _lids(time_s + phase))


def _lids(time_s: float) -> float:
    """A blink of 240 ms every 3.1 to 4.7 s."""
    cycle = 3.9
    turn = math.floor(time_s / cycle)
    start = cycle / 2 + 0.8 * math.sin(turn * 12.9898)
    into = time_s - turn * cycle - start
    return math.sin(math.pi * into / 0.24) if 0 < into < 0.24 else 0.0


class Puppet:
    """One head at one size. The warp's fixed parts are computed once."""

    def __init__(self, head: Head) -> None:
        self._texture = np.ascontiguousarray(head.texture)
        self._mirrored = head.mirrored
        self._scale = head.scale
        self._mouth_box = tuple(round(v * head.scale) for v in _MOUTH_BOX)
        self._mouth_x, self._mouth_y = self._grid(*self._mouth_box)
        self._lip = self._lip_line()
        self._jaw = self._jaw_weight(self._mouth_y / head.scale)
        self._drawn: dict[tuple[int, int], NDArray[np.uint8]] = {}

    @staticmethod
    def _grid(x0: int, y0: int, x1: int, y1: int) -> tuple[Grid, Grid]:
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        return x, y

    def _lip_line(self) -> Grid:
        """Upper edge of the lower lip, in pixels: a smile, flat outside its corners."""
        across = np.clip(np.abs(self._mouth_x / self._scale - _MOUTH_X) / 68, 0, 1)
        return ((519 - 30 * across**2) * self._scale).astype(np.float32)

    def _jaw_weight(self, y_u: Grid) -> Grid:
        """How much a point follows the jaw: all of the chin, nothing of the neck and the cheeks."""
        x_u = self._mouth_x / self._scale
        half_width = 56 + 0.6 * np.maximum(y_u - 500, 0)
        sideways = np.exp(-(((x_u - _MOUTH_X) / half_width) ** 4))
        return (sideways * np.clip((668 - y_u) / 70, 0, 1)).astype(np.float32)

    def _talk(self, image: Image, mouth: float) -> None:
        shift = (_CLOSED_U + mouth * (_OPEN_U - _CLOSED_U)) * self._scale
        x0, y0, x1, y1 = self._mouth_box
        x, y = self._mouth_x, self._mouth_y
        source = y - shift * self._jaw_weight((y - shift * self._jaw) / self._scale)
        jaw = cv2.remap(self._texture, x, source.astype(np.float32), cv2.INTER_LINEAR)
        edge = self._lip + shift * self._jaw_weight(self._lip / self._scale)
        shut = 1 - np.clip((1 - np.abs(x / self._scale - _MOUTH_X) / 68) * 8, 0, 1)
        above = np.clip(np.maximum((self._lip - y) / self._scale / 3 + 0.5, shut), 0, 1)[..., None]
        inside = np.array(_INSIDE_BGRA, np.float32)
        skull = self._texture[y0:y1, x0:x1] * above + inside * (1 - above)
        lower = np.clip(y - edge + 0.5, 0, 1)[..., None]
        image[y0:y1, x0:x1] = skull * (1 - lower) + jaw * lower

    def _blink(self, image: Image, lids: float) -> None:
        scale = self._scale
        for eye_x, eye_y in EYES_U:
            box = [eye_x - 36, eye_y - _LID_RISE, eye_x + 36, eye_y + 15]
            x0, y0, x1, y1 = (round(v * scale) for v in box)
            x, y = self._grid(x0, y0, x1, y1)
            bow = np.clip(1 - ((x / scale - eye_x) / 36) ** 2, 0, 1)
            top, upper = y0, (eye_y - 12 * bow) * scale
            lash = upper + lids * bow * 21 * scale
            source = np.where(y < lash, top + (y - top) * (upper - top) / (lash - top), y)
            image[y0:y1, x0:x1] = cv2.remap(
                self._texture, x, source.astype(np.float32), cv2.INTER_LINEAR
            )

    def drawn(self, pose: Pose) -> NDArray[np.uint8]:
        """Premultiplied BGRA with this mouth and these lids, mirrored if the head is.

        Sixteen mouths and four lids are enough at 25 frames a second, so each is drawn once.
        """
        key = (round(pose.mouth * 15), round(pose.lids * 3))
        if key not in self._drawn:
            self._drawn[key] = self._draw(key[0] / 15, key[1] / 3)
        return self._drawn[key]

    def _draw(self, mouth: float, lids: float) -> NDArray[np.uint8]:
        image = self._texture.copy()
        self._talk(image, mouth)
        if lids > 0:
            self._blink(image, lids)
        image = image[:, ::-1] if self._mirrored else image
        return np.ascontiguousarray(np.clip(np.round(image), 0, 255).astype(np.uint8))

    def matrix(self, pose: Pose, neck_px: tuple[float, float]) -> NDArray[np.float64]:
        """Texture pixels → frame pixels, the neck's root at `neck_px` plus the pose's shift."""
        x, y = self._mirror_x(NECK_U[0]) * self._scale, NECK_U[1] * self._scale
        turn = cv2.getRotationMatrix2D((x, y), pose.tilt, 1.0)
        turn[0, 2] += neck_px[0] + pose.dx * self._scale - x
        turn[1, 2] += neck_px[1] + pose.dy * self._scale - y
        return turn

    def _mirror_x(self, x_u: float) -> float:
        return WIDTH_U - x_u if self._mirrored else x_u

    def face_box(self, matrix: NDArray[np.float64]) -> tuple[float, float, float, float]:
        """The face in the frame: x, y, width, height (the upright box turned about its centre)."""
        x, y, width, height = FACE_U
        centre = np.array([self._mirror_x(x + width / 2), y + height / 2]) * self._scale
        cx, cy = matrix @ np.array([*centre, 1.0])
        w, h = width * self._scale, height * self._scale
        return float(cx - w / 2), float(cy - h / 2), w, h
