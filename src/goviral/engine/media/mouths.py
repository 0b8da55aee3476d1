"""How much each face's lips move, from picture to picture: by the face mesh where it is there, else by what
changes around the mouth more than around the eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from goviral.engine.media.boxes import FaceBox
from goviral.engine.media.face_mesh import FaceMesh, mouth_open

EVERY_MS = 100
"""How far apart two looks at a mouth are on average: speech opens it four times a second."""
_LEAST_APART_MS = 60
_LONGEST_GAP_MS = 400
_SAME_FACE = 0.5
_COMPARABLE = 0.2
_PATCH = (24, 12)


class MouthReader(Protocol):
    """One way of seeing lips. Its movements compare only with its own. Deterministic."""

    name: str

    def read(self, image: NDArray[np.uint8], face: FaceBox) -> NDArray[np.float32] | None:
        """What `movement` needs of an RGB picture; None where the mouth cannot be seen."""

    def movement(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> float:
        """How much the lips moved between two pictures, not below 0."""


class MeshLips(MouthReader):
    """The opening between the lips, as a share of the head's height; about 3 ms a face."""

    name = "mesh"

    def __init__(self, mesh: FaceMesh) -> None:
        self._mesh = mesh

    @override
    def read(self, image: NDArray[np.uint8], face: FaceBox) -> NDArray[np.float32] | None:
        points = self._mesh.points(image, face)
        return None if points is None else np.array([mouth_open(points)], np.float32)

    @override
    def movement(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> float:
        return abs(float(now[0] - before[0]))


class PatchLips(MouthReader):
    """Gray levels of the face's lower third against those of its upper half, which only heads move.

    Needs no file and costs next to nothing; a head that nods or a hand at the chin misleads it.
    """

    name = "patch"

    @override
    def read(self, image: NDArray[np.uint8], face: FaceBox) -> NDArray[np.float32] | None:
        lower = _patch(image, face, 0.62, 1.0)
        upper = _patch(image, face, 0.0, 0.5)
        return None if lower is None or upper is None else np.stack([lower, upper])

    @override
    def movement(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> float:
        lower, upper = np.abs(now - before).mean(axis=(1, 2)).tolist()
        return max(0.0, float(lower - upper))


@dataclass(frozen=True, slots=True)
class _Seen:
    at_ms: int
    center: tuple[float, float]
    reading: NDArray[np.float32]


class MouthWatch:
    """Reads the mouths of the faces that are known, and tells how they moved since the last time."""

    def __init__(self, reader: MouthReader) -> None:
        self._reader = reader
        self._seen: list[_Seen] = []
        self._due_ms = 0

    def forget(self) -> None:
        """A new shot begins: nothing moved since the last one."""
        self._seen = []
        self._due_ms = 0

    def is_due(self, at_ms: int, faces: Sequence[FaceBox]) -> bool:
        """Whether it is worth looking, and the last look is long enough ago."""
        return at_ms >= self._due_ms and self.is_worth(faces)

    def is_worth(self, faces: Sequence[FaceBox]) -> bool:
        """Whether there are several faces that are not tiny beside another: who speaks is a question."""
        return len(_comparable(faces)) > 1

    def see(
        self, at_ms: int, image: NDArray[np.uint8], faces: Sequence[FaceBox]
    ) -> list[tuple[int, float]]:
        """For each face that could be compared with the last look: its number in `faces`, and how far
        its lips moved in a tenth of a second."""
        self._due_ms = max(self._due_ms + EVERY_MS, at_ms + _LEAST_APART_MS)
        moved: list[tuple[int, float]] = []
        seen: list[_Seen] = []
        for number in _comparable(faces):
            face = faces[number]
            reading = self._reader.read(image, face)
            if reading is None:
                continue
            before = self._before(at_ms, face)
            seen.append(_Seen(at_ms, face.center, reading))
            if before is not None:
                change = self._reader.movement(before.reading, reading)
                moved.append((number, change * 100 / (at_ms - before.at_ms)))
        self._seen = seen
        return moved

    def _before(self, at_ms: int, face: FaceBox) -> _Seen | None:
        near = [
            seen
            for seen in self._seen
            if 0 < at_ms - seen.at_ms <= _LONGEST_GAP_MS
            and _apart(seen.center, face.center) <= _SAME_FACE * face.width
        ]
        return min(near, key=lambda seen: _apart(seen.center, face.center), default=None)


def _comparable(faces: Sequence[FaceBox]) -> list[int]:
    largest = max((face.width * face.height for face in faces), default=0.0)
    return [
        number
        for number, face in enumerate(faces)
        if face.width * face.height >= _COMPARABLE * largest
    ]


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


def _patch(
    image: NDArray[np.uint8], face: FaceBox, first: float, end: float
) -> NDArray[np.float32] | None:
    """A band of the face from `first` to `end` of its height, gray, small and of mean zero."""
    import cv2

    left, right = round(face.x + 0.15 * face.width), round(face.x + 0.85 * face.width)
    top, bottom = round(face.y + first * face.height), round(face.y + end * face.height)
    part = image[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if min(part.shape[:2], default=0) < 4:
        return None
    gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(gray, _PATCH, interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(small - small.mean(), np.float32)
