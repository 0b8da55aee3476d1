"""Pictures with a real face at a known place, and a detector that knows where it put them."""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from goviral.engine.media.boxes import FaceBox
from goviral.engine.media.detector import DETECTORS, FaceDetector
from goviral.engine.media.face_mesh import FaceMesh
from goviral.kit.settings import Settings

# Brow to chin, ear to ear, in skimage's astronaut (512 x 512).
FACE_X, FACE_Y, FACE_SIDE = 178, 72, 95


@lru_cache(maxsize=1)
def astronaut() -> NDArray[np.uint8]:
    from skimage import data

    return np.asarray(data.astronaut(), np.uint8)


def portrait(side: int) -> NDArray[np.uint8]:
    """Head and shoulders whose face is about `side` wide."""
    cut = astronaut()[: FACE_Y + 3 * FACE_SIDE, FACE_X - FACE_SIDE : FACE_X + 2 * FACE_SIDE]
    scale = side / FACE_SIDE
    size = (round(cut.shape[1] * scale), round(cut.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, size, interpolation=way), np.uint8)


def with_face(
    canvas: NDArray[np.uint8], x: float, y: float, side: int
) -> tuple[NDArray[np.uint8], FaceBox]:
    """The canvas with a face whose box begins at (x, y); parts outside are lost."""
    patch = portrait(side)
    scale = side / FACE_SIDE
    left, top = round(x - FACE_SIDE * scale), round(y - FACE_Y * scale)
    picture = canvas.copy()
    height, width = canvas.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + patch.shape[1]), min(height, top + patch.shape[0])
    if x1 > x0 and y1 > y0:
        picture[y0:y1, x0:x1] = patch[y0 - top : y1 - top, x0 - left : x1 - left]
    return picture, FaceBox(x, y, side, side, 1.0)


def wall(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """A background without faces: soft colours and a little grain."""
    random = np.random.default_rng(seed)
    soft = cv2.resize(
        random.integers(60, 160, (4, 6, 3), dtype=np.uint8), (width, height),
        interpolation=cv2.INTER_CUBIC,
    )  # fmt: skip
    grain = random.normal(0, 3, (height, width, 1))
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def installed_models() -> Path:
    """Where set-up puts the model files of this machine."""
    settings = Settings()
    return settings.face_models_dir or settings.cache_dir / "faces"


def fetched_models() -> Path:
    """As `installed_models`, for tests that need the files: without them left out, in CI failed."""
    folder = installed_models()
    if DETECTORS["blazeface"](folder) is None or FaceMesh.from_folder(folder) is None:
        refuse = pytest.fail if os.environ.get("GOVIRAL_TEST_SERVERS") == "require" else pytest.skip
        refuse("set-up did not fetch the face models")
    return folder


def detector_called(name: str) -> FaceDetector:
    """One of the registry, as set-up left it."""
    found = DETECTORS[name](installed_models() if name == "haar" else fetched_models())
    assert found is not None
    return found


class PaintedFaces:
    """A detector's twin: finds squares of pure green."""

    name = "painted"
    input_width = 320

    def __init__(self) -> None:
        self.thorough = 0

    def detect(self, image: NDArray[np.uint8]) -> tuple[FaceBox, ...]:
        self.thorough += 1
        green = (image[:, :, 1] > 180) & (image[:, :, 0] < 90) & (image[:, :, 2] < 90)
        count, _, stats, _ = cv2.connectedComponentsWithStats(green.astype(np.uint8))
        return tuple(
            FaceBox(float(x), float(y), float(w), float(h), 0.95)
            for x, y, w, h, area in stats[1:count].tolist()
            if area > 30
        )

    def follow(
        self, image: NDArray[np.uint8], known: Sequence[FaceBox], turn: int
    ) -> tuple[FaceBox, ...]:
        return self.detect(image)


# Middle, half width and half height of each eye of the astronaut.
_EYES = (((203.0, 101.5), 14, 8), ((247.4, 103.5), 14, 8))


@lru_cache(maxsize=1)
def with_shut_eyes() -> NDArray[np.uint8]:
    """The astronaut with lids drawn over her eyes: skin, and the line of the lashes."""
    picture = astronaut().astype(np.float32)
    rows, columns = np.mgrid[0:512, 0:512].astype(np.float32)
    for (x, y), half_width, half_height in _EYES:
        across, down = (columns - x) / half_width, (rows - y) / half_height
        lid = np.clip(1.6 * (1 - across**2 - down**2), 0, 1)[..., None]
        skin = astronaut()[round(y + 1.4 * half_height), round(x)].astype(np.float32)
        picture = picture * (1 - lid) + skin * lid
        lashes = (np.abs(down - 0.3 - 0.25 * (1 - across**2)) < 0.18) & (np.abs(across) < 0.8)
        picture[lashes] = (70, 40, 35)
    return picture.astype(np.uint8)
