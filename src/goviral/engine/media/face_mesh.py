"""Where eyes and lips of a found face are: 468 points by the face mesh (Apache 2.0, from the mediapipe
package) run by OpenCV's dnn. About 3 ms a face on one core; there only where set-up put its file.
"""

import hashlib
from math import atan2, degrees
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.boxes import FaceBox

FILE_NAME = "face_landmark.tflite"
SHA256 = "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"

_INPUT = 192
_AROUND = 1.5
_POINTS = 468
_PRESENT = 0.5

# Around each eye: outer corner, two of the upper lid, inner corner, two of the lower lid.
_EYES = ((33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380))
_LIPS, _HEAD = (13, 14), (10, 152)

# Of 200 pictures of a man who speaks, looked at: above 0.8 every eye is open, below 0.7 most are not.
_SHUT, _OPEN = 0.5, 0.85
_SLIT = 0.12
_EYE_WIDTH, _EYE_HEIGHT, _EYE_SHARE = 48, 32, 0.7

Points = NDArray[np.float32]
"""Shape (468, 2), in pixels of the picture, in the mesh's own order."""


class FaceMesh:
    """One network; deterministic; not shared between threads."""

    def __init__(self, model: bytes) -> None:
        import cv2

        cv2.setNumThreads(1)
        self._net: Any = cv2.dnn.readNetFromTFLite(np.frombuffer(model, np.uint8))
        self._outputs: Any = self._net.getUnconnectedOutLayersNames()

    @classmethod
    def from_folder(cls, folder: Path) -> Self | None:
        """None where the file is missing or is not the one we know."""
        try:
            model = (folder / FILE_NAME).read_bytes()
        except OSError:
            return None
        return cls(model) if hashlib.sha256(model).hexdigest() == SHA256 else None

    def points(self, image: NDArray[np.uint8], face: FaceBox) -> Points | None:
        """The points of a face in an RGB picture; None where the mesh sees no face there."""
        import cv2

        matrix = _upright(face)
        square = cv2.warpAffine(image, matrix, (_INPUT, _INPUT), flags=cv2.INTER_AREA)
        self._net.setInput((square.astype(np.float32) / 255).transpose(2, 0, 1)[None])
        outputs = {output.size: output for output in self._net.forward(self._outputs)}
        presence = 1 / (1 + float(np.exp(-np.clip(outputs[1].ravel()[0], -80, 80))))
        if presence < _PRESENT:
            return None
        found = outputs[3 * _POINTS].reshape(_POINTS, 3)[:, :2]
        back = cv2.invertAffineTransform(matrix)
        return np.asarray(found @ back[:, :2].T + back[:, 2], np.float32)


def _upright(face: FaceBox) -> NDArray[np.float64]:
    """From the picture to the mesh's input: the face level, with a margin around it."""
    import cv2

    tilt = 0.0
    if face.eyes:
        (left_x, left_y), (right_x, right_y) = face.eyes
        tilt = degrees(atan2(right_y - left_y, right_x - left_x))
    side = max(1.0, _AROUND * max(face.width, face.height))
    matrix = np.asarray(cv2.getRotationMatrix2D(face.center, tilt, _INPUT / side), np.float64)
    matrix[:, 2] += np.array([_INPUT / 2, _INPUT / 2]) - np.array(face.center)
    return matrix


def eyes_open(image: NDArray[np.uint8], points: Points) -> float:
    """How open the more open eye of a face is: 0 shut, 1 open. For choosing among pictures of a face.

    An iris beside the white of the eye has upright edges, a lid and its lashes lie level. The mesh's
    own lids were rejected for this: they hardly move when a real eye shuts (0.30 to 0.34 in a blink).
    """
    if max(_aspect(points[list(eye)]) for eye in _EYES) < _SLIT:
        return 0.0
    best = max(_uprightness(_eye_picture(image, points[list(eye)])) for eye in _EYES)
    return round(min(1.0, max(0.0, (best - _SHUT) / (_OPEN - _SHUT))), 3)


def _aspect(eye: Points) -> float:
    """Height over width of the eye as the mesh has it."""
    outer, upper_1, upper_2, inner, lower_2, lower_1 = eye
    lids = _distance(upper_1, lower_1) + _distance(upper_2, lower_2)
    return lids / max(1e-6, 2 * _distance(outer, inner))


def _eye_picture(image: NDArray[np.uint8], eye: Points) -> NDArray[np.float32]:
    """The eye in gray, level, always the same size."""
    import cv2

    left, right = sorted((eye[0].tolist(), eye[3].tolist()))
    middle = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    across = (right[0] - left[0], right[1] - left[1])
    scale = _EYE_SHARE * _EYE_WIDTH / max(1.0, float(np.hypot(*across)))
    matrix = cv2.getRotationMatrix2D(middle, degrees(atan2(across[1], across[0])), scale)
    matrix[:, 2] += np.array([_EYE_WIDTH / 2, _EYE_HEIGHT / 2]) - np.array(middle)
    patch = cv2.warpAffine(image, matrix, (_EYE_WIDTH, _EYE_HEIGHT), flags=cv2.INTER_CUBIC)
    gray = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.float32)
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.0), np.float32)


def _uprightness(eye: NDArray[np.float32]) -> float:
    """Upright edges over level ones, inside the lids."""
    import cv2

    inner = (slice(_EYE_HEIGHT // 4, -_EYE_HEIGHT // 4), slice(_EYE_WIDTH // 6, -_EYE_WIDTH // 6))
    upright = np.abs(cv2.Sobel(eye, cv2.CV_32F, 1, 0))[inner].sum()
    level = np.abs(cv2.Sobel(eye, cv2.CV_32F, 0, 1))[inner].sum()
    return float(upright) / max(1.0, float(level))


def mouth_open(points: Points) -> float:
    """Height between the lips over the height of the face: 0 shut, about 0.1 in an open vowel."""
    upper, lower = points[list(_LIPS)]
    top, chin = points[list(_HEAD)]
    return _distance(upper, lower) / max(1e-6, _distance(top, chin))


def _distance(one: Points, other: Points) -> float:
    return float(np.linalg.norm(one - other))
