"""What finds faces: a promise, and the choice among those that are here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.boxes import FaceBox
from goviral.kit.settings import Settings


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
