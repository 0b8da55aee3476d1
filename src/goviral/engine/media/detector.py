"""What finds faces: a promise, and the choice among those that are here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goviral.kit.settings import Settings

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in the picture it was found in, in that picture's pixels: brow to chin, ear to ear.

    `score` is 0..1. `eyes` (left of the picture first) and `mouth` where the detector knows them.
    `eyes_open`, 0 shut to 1 open, where somebody looked (`face_mesh`).
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    eyes: tuple[Point, Point] | None = None
    mouth: Point | None = None
    eyes_open: float | None = None

    @property
    def center(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


class FaceDetector(Protocol):
    """Finds faces in RGB pictures, shape (height, width, 3). Deterministic; one thread; not shared.

    `input_width` is the width of picture it works best on: faces of 5 % of it are found.
    """

    name: str
    input_width: int

    def detect(self, image: NDArray[np.uint8]) -> tuple[FaceBox, ...]:
        """All faces, of all sizes: thorough, tens of milliseconds."""

    def follow(
        self, image: NDArray[np.uint8], known: Sequence[FaceBox], turn: int
    ) -> tuple[FaceBox, ...]:
        """Between thorough looks, at a fraction of the cost: faces near the `known` ones of a moment
        ago, and in a part of the picture that changes with `turn`."""


def _blazeface(folder: Path) -> FaceDetector | None:
    from goviral.engine.media.detectors.blazeface import BlazeFace

    return BlazeFace.from_folder(folder)


def _haar(_folder: Path) -> FaceDetector | None:
    from goviral.engine.media.detectors.haar import Haar

    return Haar()


DETECTORS: dict[str, Callable[[Path], FaceDetector | None]] = {
    "blazeface": _blazeface,
    "haar": _haar,
}
"""Best first; each gives None where its files are not here. The last one is always here."""


def face_models_dir(settings: Settings) -> Path:
    """Where set-up puts the model files."""
    return settings.face_models_dir or settings.cache_dir / "faces"


def find_detector(settings: Settings) -> FaceDetector:
    """The best detector this machine has; opens its model (about 0.2 s)."""
    folder = face_models_dir(settings)
    found = (make(folder) for make in DETECTORS.values())
    return next(detector for detector in found if detector is not None)
