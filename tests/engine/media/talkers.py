"""People who talk: a real face whose mouth opens with the sound, and the sound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.media.faces import FACE_SIDE, FACE_X, FACE_Y, astronaut
from engine.media.reels import RATE_HZ, Picture

# In skimage's astronaut, as the face mesh finds them: between the lips, and the height of the head.
_LIP_X, _LIP_Y = 225.0, 143.0
_HEAD = 97.0
_STEPS = 12
_SYLLABLE_HZ = 4.3


@dataclass(frozen=True)
class Said:
    """Somebody speaks from `start_s` to `end_s`; `who` is a number."""

    who: int
    start_s: float
    end_s: float


@lru_cache(maxsize=64)
def _spoken(step: int, mirrored: bool) -> Picture:
    """The face with its mouth `step` of 12 open, as a cut of the astronaut."""
    opened = 0.10 * _HEAD * step / _STEPS
    picture = astronaut()
    rows, columns = np.mgrid[0:512, 0:512].astype(np.float32)
    pull = np.exp(-(((columns - _LIP_X) / (0.35 * _HEAD)) ** 2)) * (rows > _LIP_Y)
    pull *= np.clip(1 - (rows - _LIP_Y) / (0.6 * _HEAD), 0, 1)
    moved = cv2.remap(picture, columns, (rows - opened * pull).astype(np.float32), cv2.INTER_LINEAR)
    inside = (np.abs(rows - _LIP_Y - opened * 0.45) < opened * 0.45) & (
        np.abs(columns - _LIP_X) < 0.13 * _HEAD
    )
    moved[inside] = (40, 10, 10)
    cut = moved[: FACE_Y + 3 * FACE_SIDE, FACE_X - FACE_SIDE : FACE_X + 2 * FACE_SIDE]
    return np.ascontiguousarray(cut[:, ::-1] if mirrored else cut)


def with_talker(
    picture: Picture, x: float, y: float, side: int, opened: float, *, mirrored: bool = False
) -> None:
    """Draw a face whose box begins at (x, y) into the picture; `opened` is 0..1."""
    scale = side / FACE_SIDE
    face = _spoken(round(min(1.0, max(0.0, opened)) * _STEPS), mirrored)
    left, top = x - FACE_SIDE * scale, y - FACE_Y * scale
    height, width = picture.shape[:2]
    x0, y0 = max(0, round(left)), max(0, round(top))
    x1 = min(width, round(left + face.shape[1] * scale))
    y1 = min(height, round(top + face.shape[0] * scale))
    if x1 <= x0 or y1 <= y0:
        return
    # Moved by parts of a pixel: a head that sways does not jump.
    matrix = np.array([[scale, 0, left - x0], [0, scale, top - y0]], np.float32)
    picture[y0:y1, x0:x1] = cv2.warpAffine(
        face, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def loudness_at(said: Sequence[Said], at_s: float, seed: int = 3) -> tuple[float, int | None]:
    """How loud it is, 0..1, and who speaks: syllables of uneven strength."""
    speaking = [turn for turn in said if turn.start_s <= at_s < turn.end_s]
    if not speaking:
        return 0.0, None
    turn = speaking[0]
    count = int((at_s - turn.start_s) * _SYLLABLE_HZ)
    strength = 0.45 + 0.55 * float(np.random.default_rng((seed, turn.who, count)).random())
    phase = (at_s - turn.start_s) * _SYLLABLE_HZ % 1.0
    return strength * float(np.sin(np.pi * phase)) ** 0.7, turn.who


def conversation(
    said: Sequence[Said],
    seats: Sequence[Callable[[float], tuple[float, float, int]]],
    room: Picture,
    *,
    seconds: float,
    fps: float = 25,
    grain: float = 3.0,
    restless: Callable[[int, float], float] = lambda _who, _at: 0.0,
) -> Iterator[Picture]:
    """Frames of people in their `seats` (seconds to x, y and side of the face), each with the mouth
    moving while it speaks, and as `restless` says while it does not (0..1)."""
    random = np.random.default_rng(11)
    for number in range(round(seconds * fps)):
        at_s = number / fps
        loud, who = loudness_at(said, at_s)
        picture = room.copy()
        for person, seat in enumerate(seats):
            opened = loud if person == who else restless(person, at_s)
            with_talker(picture, *seat(at_s), opened, mirrored=person % 2 == 1)
        noise = random.normal(0, grain, (*picture.shape[:2], 1))
        yield np.clip(picture + noise, 0, 255).astype(np.uint8)


def voices(said: Sequence[Said], seconds: float) -> NDArray[np.float32]:
    """The sound of it, stereo."""
    at = np.arange(0, seconds, 0.005)
    envelope = np.interp(
        np.arange(round(seconds * RATE_HZ)) / RATE_HZ,
        at,
        [loudness_at(said, float(t))[0] for t in at],
    )
    noise = np.random.default_rng(5).normal(0, 1, len(envelope))
    noise = np.convolve(noise, np.ones(10) / 10, mode="same")
    wave = (0.5 * envelope + 0.002) * noise
    return np.tile(np.clip(wave, -1, 1).astype(np.float32), (2, 1))
