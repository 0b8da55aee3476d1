"""BlazeFace short-range (Apache 2.0, from the mediapipe package) run by OpenCV's dnn.

Its input is 128 x 128 and its reach short: a face must be about a tenth of the input. So the picture
is looked at whole and in overlapping square tiles of two sizes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.boxes import FaceBox, is_same, merged, shifted

FILE_NAME = "face_detection_short_range.tflite"
SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"

_INPUT = 128
_LAYERS = ((8, 2), (16, 6))  # stride of the grid, anchors a cell
_MIN_SCORE = 0.5
_SURE = 0.6
_AROUND = 3.0

Tile = tuple[int, int, int]  # left, top, side


class BlazeFace:
    """One network, about 2 ms a tile on one core; a thorough look is some twenty tiles."""

    name = "blazeface"
    input_width = 640

    def __init__(self, model: bytes) -> None:
        import cv2

        cv2.setNumThreads(1)
        self._net: Any = cv2.dnn.readNetFromTFLite(np.frombuffer(model, np.uint8))
        self._outputs: Sequence[str] = self._net.getUnconnectedOutLayersNames()
        self._anchors = _anchors()

    @classmethod
    def from_folder(cls, folder: Path) -> Self | None:
        """None where the file is missing or is not the one we know."""
        try:
            model = (folder / FILE_NAME).read_bytes()
        except OSError:
            return None
        return cls(model) if hashlib.sha256(model).hexdigest() == SHA256 else None

    def detect(self, image: NDArray[np.uint8]) -> tuple[FaceBox, ...]:
        """Faces down to 5 % of the picture's width."""
        return self._confirmed(image, self._candidates(image, [*_large(image), *_small(image)]))

    def follow(
        self, image: NDArray[np.uint8], known: Sequence[FaceBox], turn: int
    ) -> tuple[FaceBox, ...]:
        """One tile a known face and the large tiles in rotation; all of these where none is known."""
        still = self._confirmed(image, known)
        others = self._candidates(image, _in_turn(image, turn, bool(known)))
        new = [box for box in others if not any(is_same(box, face) for face in still)]
        return merged([*still, *self._confirmed(image, new)])

    def _candidates(self, image: NDArray[np.uint8], tiles: Sequence[Tile]) -> tuple[FaceBox, ...]:
        return merged([box for tile in tiles for box in self._in_tile(image, tile)])

    def _confirmed(
        self, image: NDArray[np.uint8], candidates: Sequence[FaceBox]
    ) -> tuple[FaceBox, ...]:
        """Those that are found again in a tile of their own: false ones never are, and the boxes of
        true ones are steadier, as each face always fills the same share of the input."""
        again = (merged(list(self._in_tile(image, _around(face)))) for face in candidates)
        return merged(
            [
                box
                for face, found in zip(candidates, again, strict=True)
                for box in found[:1]
                if is_same(box, face) and box.score >= _SURE
            ]
        )

    def _in_tile(self, image: NDArray[np.uint8], tile: Tile) -> Iterator[FaceBox]:
        left, top, side = tile
        for box in self._in_square(_cut_out(image, tile)):
            yield shifted(box, left, top, side / _INPUT)

    def _in_square(self, square: NDArray[np.uint8]) -> list[FaceBox]:
        """Faces in a 128 x 128 picture, in its pixels, those that overlap not yet merged."""
        blob = square.astype(np.float32).transpose(2, 0, 1)[None] / 127.5 - 1.0
        self._net.setInput(blob)
        outputs = {
            o.shape[-1]: o.reshape(-1, o.shape[-1]) for o in self._net.forward(self._outputs)
        }
        scores = 1 / (1 + np.exp(-np.clip(outputs[1][:, 0], -80, 80)))
        best = np.flatnonzero(scores >= _MIN_SCORE)
        return [_box(outputs[16][i], self._anchors[i], float(scores[i])) for i in best.tolist()]


def _anchors() -> NDArray[np.float32]:
    """Centres of the anchor boxes in input pixels, in the order of the network's outputs."""
    centers = [
        ((x + 0.5) * stride, (y + 0.5) * stride)
        for stride, count in _LAYERS
        for y in range(_INPUT // stride)
        for x in range(_INPUT // stride)
        for _ in range(count)
    ]
    return np.array(centers, np.float32)


def _box(values: NDArray[np.float32], anchor: NDArray[np.float32], score: float) -> FaceBox:
    """Regression values: centre, size, then right eye, left eye, nose, mouth, ears, all in pixels."""
    points = (values.reshape(-1, 2) + anchor).tolist()
    width, height = float(values[2]), float(values[3])
    center_x, center_y = points[0]
    eyes = sorted((tuple(points[2]), tuple(points[3])))
    return FaceBox(
        x=center_x - width / 2,
        y=center_y - height / 2,
        width=width,
        height=height,
        score=score,
        eyes=(eyes[0], eyes[1]),
        mouth=tuple(points[5]),
    )


def _whole(image: NDArray[np.uint8]) -> list[Tile]:
    height, width = image.shape[:2]
    side = max(width, height)
    return [((width - side) // 2, (height - side) // 2, side)]


def _grid(image: NDArray[np.uint8], side: int) -> list[Tile]:
    """Squares that cover the picture; each overlaps the next by a quarter."""
    height, width = image.shape[:2]
    return [(left, top, side) for top in _starts(height, side) for left in _starts(width, side)]


def _large(image: NDArray[np.uint8]) -> list[Tile]:
    """The whole and squares as high as the picture: faces from 9 % of the width."""
    return [*_whole(image), *_grid(image, min(image.shape[:2]))]


def _small(image: NDArray[np.uint8]) -> list[Tile]:
    """Squares about half as high: faces from 5 % of the width."""
    return _grid(image, max(_INPUT // 2, round(min(image.shape[:2]) * 0.55)))


def _in_turn(image: NDArray[np.uint8], turn: int, has_known: bool) -> list[Tile]:
    """All large tiles where no face is known, else one of them every other turn."""
    tiles = _large(image)
    if not has_known:
        return tiles
    return [] if turn % 2 else [tiles[turn // 2 % len(tiles)]]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [(length - side) // 2]
    count = -(-(length - side) // round(side * 0.72)) + 1
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _around(face: FaceBox) -> Tile:
    side = max(24, round(_AROUND * max(face.width, face.height)))
    center_x, center_y = face.center
    return round(center_x - side / 2), round(center_y - side / 2), side


def _cut_out(image: NDArray[np.uint8], tile: Tile) -> NDArray[np.uint8]:
    """The tile at 128 x 128, black where it reaches over the edge."""
    import cv2

    left, top, side = tile
    height, width = image.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + side), min(height, top + side)
    square = np.zeros((_INPUT, _INPUT, 3), np.uint8)
    if x1 <= x0 or y1 <= y0:
        return square
    scale = _INPUT / side
    to_x0, to_y0 = round((x0 - left) * scale), round((y0 - top) * scale)
    to_x1 = max(to_x0 + 1, round((x1 - left) * scale))
    to_y1 = max(to_y0 + 1, round((y1 - top) * scale))
    square[to_y0:to_y1, to_x0:to_x1] = cv2.resize(
        image[y0:y1, x0:x1], (to_x1 - to_x0, to_y1 - to_y0), interpolation=cv2.INTER_AREA
    )
    return square
