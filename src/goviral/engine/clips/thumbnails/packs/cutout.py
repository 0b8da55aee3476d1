"""A person taken out of the picture behind them, by GrabCut around a known face. Deterministic."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goviral.engine.clips.plans.plan import FaceArea

if TYPE_CHECKING:
    from PIL.Image import Image

Mask = NDArray[np.uint8]

_FACE_PX = 56
"""GrabCut works on a picture whose face is this high: 0.1 s, and finer edges than it can find anyway."""
_MOST_PIXELS = 60_000
"""What has no edges at all takes it seconds."""
_ROUNDS = 4
_LEAST_HEIGHT = 0.06
_REACH, _OVERHEAD = 3.0, 1.3
"""What is looked at around a face, in faces: to each side, above."""
_CUT_OFF = 0.02
_LEAST_FACE, _MOST_AROUND, _LEAST_CONTRAST = 0.9, 0.34, 14.0
"""Contrast: 25 and more for people before walls, 7 and less where there is nobody."""
_LOST_HAIR, _LIKE_WALL, _UNLIKE_WALL = 0.04, 16.0, 24.0
_LEAST_SHOULDER = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    """A part of the source and how much of each of its pixels is the person, 0 to 255.

    `face` is in its pixels; `cut_off`: the source itself ends within the person's head.
    """

    image: "Image"
    mask: "Image"
    face: FaceArea
    cut_off: bool


def cut_person(source: "Image", face: FaceArea) -> Person | None:
    """Who has that face; None where it is too small for a clean edge, or cannot be told from the rest."""
    if face.height < _LEAST_HEIGHT * source.height:
        return None
    left = max(0, round(face.x - _REACH * face.width))
    top = max(0, round(face.y - _OVERHEAD * face.height))
    right = min(source.width, round(face.x + (1 + _REACH) * face.width))
    part = source.crop((left, top, right, source.height))
    face = FaceArea(face.x - left, face.y - top, face.width, face.height)
    mask = person_mask(part, face)
    box = mask.getbbox() if mask else None
    if mask is None or box is None:
        return None
    return Person(part, mask, face, cut_off=top == 0 and box[1] <= _CUT_OFF * part.height)


def person_mask(picture: "Image", face: FaceArea) -> "Image | None":
    """How much of each pixel of `picture` is the person whose face it is, 0 to 255.

    None where the person cannot be told from what is behind: better no cut than a torn one.
    """
    import cv2
    from PIL import Image

    most = (_MOST_PIXELS / (picture.width * picture.height)) ** 0.5
    scale = min(1.0, _FACE_PX / max(1.0, face.height), most)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    small = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), np.uint8)
    box = FaceArea(face.x * scale, face.y * scale, face.width * scale, face.height * scale)
    seed = _seed(size, box)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))  # of the two sides, filled by GrabCut
    cv2.grabCut(small, seed, (0, 0, 0, 0), *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    person = _with_hair(small, np.isin(seed, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8), box)
    if person is None:
        return None
    whole = _one_piece(person, box)
    if not _is_plausible(whole, box) or _edge_contrast(small, whole) < _LEAST_CONTRAST:
        return None
    soft = cv2.GaussianBlur(whole * 255, (0, 0), 1.2)
    return Image.fromarray(soft).resize(picture.size, Image.Resampling.BICUBIC).point(_edge)


def _edge(value: int) -> int:
    """A soft edge of about a pixel of the small mask, a little inside the person."""
    return min(255, max(0, round((value - 110) * 255 / 70)))


def _seed(size: tuple[int, int], face: FaceArea) -> Mask:
    """What is surely the person, what surely is not, what is likelier which."""
    import cv2

    seed = np.full(size[::-1], cv2.GC_PR_BGD, np.uint8)
    across, down = _in_faces(seed, face)
    shoulders = np.clip(0.45 + 1.3 * (down - 1.05), 0.45, 1.6)
    seed[(down > 0.9) & (np.abs(across) < shoulders)] = cv2.GC_PR_FGD
    head = (across / 0.72) ** 2 + ((down - 0.36) / 0.92) ** 2
    seed[head < 1] = cv2.GC_PR_FGD
    seed[head > 2.6] = np.where(down < 0.7, cv2.GC_BGD, seed)[head > 2.6]
    seed[(down > 1.3) & (np.abs(across) < 0.3)] = cv2.GC_FGD
    seed[(across / 0.42) ** 2 + ((down - 0.42) / 0.58) ** 2 < 1] = cv2.GC_FGD
    far = np.abs(across) > 2.6
    seed[far] = cv2.GC_BGD
    return seed


def _with_hair(small: Mask, person: Mask, face: FaceArea) -> Mask | None:
    """Hair near the wall's colour is lost: a head of the usual shape is kept where what was taken from
    it is not quite the wall (4 to 21 for walls and 21 to 34 for hair, in Lab). None in doubt: nobody is
    made bald."""
    import cv2

    across, down = _in_faces(person, face)
    reach = (across / 0.58) ** 2 + ((down - 0.26) / 0.76) ** 2
    gone = (person == 0) & (down < 0)
    lost, wall = gone & (reach < 1), gone & (reach > 1.15) & (reach < 1.7)
    if lost.sum() < _LOST_HAIR * face.width * face.height or not wall.any():
        return person
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    unlike = float(np.linalg.norm(lab[lost].mean(axis=0) - lab[wall].mean(axis=0)))
    if _LIKE_WALL < unlike <= _UNLIKE_WALL:
        return None
    return np.asarray(person | (reach < 1), np.uint8) if unlike > _UNLIKE_WALL else person


def _in_faces(mask: Mask, face: FaceArea) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Every pixel's place, in faces: from the face's middle to the side, from the brow down."""
    rows, columns = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]].astype(np.float32)
    across = (columns - (face.x + face.width / 2)) / face.width
    return across, (rows - face.y) / face.height


def _one_piece(person: Mask, face: FaceArea) -> Mask:
    """The piece that holds the face, without holes and threads."""
    import cv2

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    clean = cv2.morphologyEx(
        cv2.morphologyEx(person, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel
    )
    _, labels = cv2.connectedComponents(clean)
    middle = labels[
        min(labels.shape[0] - 1, max(0, round(face.y + face.height / 2))),
        min(labels.shape[1] - 1, max(0, round(face.x + face.width / 2))),
    ]
    piece = (labels == middle).astype(np.uint8) if middle else np.zeros_like(person)
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros_like(person), outlines, -1, 1, -1), np.uint8)


def _is_plausible(person: Mask, face: FaceArea) -> bool:
    """The face is all there with a shoulder on either side, and around the head is little else."""
    aside, down = _in_faces(person, face)
    across = np.abs(aside)
    inside = (across / 0.45) ** 2 + ((down - 0.5) / 0.5) ** 2 < 1
    around = (across > 0.95) & (across < 2.2) & (down > -0.3) & (down < 0.8)
    around |= (across < 0.8) & (down > -1.4) & (down < -0.75)
    chest = (down > 1.9) & (down < 2.6) & (across > 0.45) & (across < 0.8)
    sides = [chest & (aside < 0), chest & (aside > 0)]
    return (
        _share(person, inside) >= _LEAST_FACE
        and _share(person, around) <= _MOST_AROUND
        and all(_share(person, side) >= _LEAST_SHOULDER for side in sides if side.any())
    )


def _edge_contrast(small: Mask, person: Mask) -> float:
    """How unlike the two sides of the cut are, in Lab, the middle of all its pixels."""
    import cv2

    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    edge = cv2.dilate(person, kernel) != cv2.erode(person, kernel)
    edge[0], edge[-1], edge[:, 0], edge[:, -1] = False, False, False, False
    if not edge.any():
        return 0.0
    sides = []
    for side in (person.astype(np.float32), 1 - person.astype(np.float32)):
        weight = cv2.GaussianBlur(side, (0, 0), 2.0)[..., None]
        sides.append(
            cv2.GaussianBlur(lab * side[..., None], (0, 0), 2.0) / np.maximum(weight, 1e-3)
        )
    return float(np.median(np.linalg.norm(sides[0] - sides[1], axis=2)[edge]))


def _share(person: Mask, where: NDArray[np.bool_]) -> float:
    return float(person[where].mean()) if where.any() else 0.0
