"""Real faces on known ways through composed films, two shots each: the detector, the look and the camera
together, judged on every frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.faces import detector_called, wall, with_face
from engine.media.reels import Encoding, Picture, write_film
from goviral.engine.clips.framing.camera import MIN_HOLD_MS, PEAK_ACCELERATION, PEAK_SPEED
from goviral.engine.clips.framing.reframe import choose_framing
from goviral.engine.clips.plans.crop import corner_at, crop_box, shot_at
from goviral.engine.clips.plans.plan import Frame, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.media.look import look
from goviral.engine.media.probe import probe
from goviral.kit.timecode import Span

FPS = Fraction(25)
FRAME_MS = 40
FRAMES = 225
SIZE = (640, 360)
VERTICAL = Frame(1080, 1920, FPS)
SEEDS = range(5)
SAMPLE_MS = 10


@dataclass(frozen=True)
class Way:
    """Somebody who sits, gets up once a shot and goes somewhere else, swaying all the while."""

    cut: int
    side: int
    seats: NDArray[np.float64]
    leaves: NDArray[np.int64]
    speed: float

    @classmethod
    def of(cls, seed: int) -> "Way":
        random = np.random.default_rng(seed)
        cut = int(random.integers(90, 130))
        seats = random.uniform(0.08, 0.78, (2, 2)) * SIZE[0]
        leaves = np.array([random.integers(20, 50), cut + random.integers(20, 50)])
        return cls(cut, int(random.integers(62, 84)), seats, leaves, random.uniform(2.0, 4.5))

    def place(self, frame: int) -> tuple[float, float]:
        """The face's corner; never as fast as a crop may glide."""
        shot = int(frame >= self.cut)
        origin, target = self.seats[shot]
        gone = min(abs(target - origin), self.speed * max(0, frame - int(self.leaves[shot])))
        x = origin + np.sign(target - origin) * gone + 5 * np.sin(frame / 6)
        return float(x), float(100 + 30 * shot + 4 * np.sin(frame / 9))


def film(way: Way, seed: int) -> Iterator[Picture]:
    rooms = [wall(*SIZE, seed=2 * seed), wall(*SIZE, seed=2 * seed + 31)]
    for frame in range(FRAMES):
        yield with_face(rooms[frame >= way.cut], *way.place(frame), way.side)[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ways")


@pytest.fixture(scope="module", params=SEEDS)
def way(request: pytest.FixtureRequest) -> tuple[Way, int]:
    return Way.of(request.param), request.param


@pytest.fixture(scope="module", params=["blazeface", "haar"])
def framed(
    folder: Path, way: tuple[Way, int], request: pytest.FixtureRequest
) -> tuple[Way, tuple[Shot, ...]]:
    path = folder / f"{way[1]}.mp4"
    if not path.exists():
        # Key frames by the clock: the cut has none of its own.
        options = {"preset": "veryfast", "crf": "20", "sc_threshold": "0"}
        write_film(path, film(*way), None, Encoding(FPS, gop=50, options=options))
    media, span = probe(path), Span(0, FRAMES * FRAME_MS)
    seen = look(media, span, detector_called(request.param))
    return way[0], choose_framing(seen, source_of(media), VERTICAL, span).shots


Framed = tuple[Way, tuple[Shot, ...]]


def test_the_face_is_whole_in_97_of_100_frames(framed: Framed) -> None:
    way, shots = framed
    inside = []
    for frame in range(FRAMES):
        x, y = way.place(frame)
        shot = shot_at(shots, frame * FRAME_MS)
        assert shot is not None
        left, top, right, bottom = crop_box(shot, frame * FRAME_MS)
        inside.append(left <= x and x + way.side <= right and top <= y and y + way.side <= bottom)
    assert np.mean(inside) >= 0.97


def test_the_crop_changes_within_a_frame_of_the_cut(framed: Framed) -> None:
    way, shots = framed
    assert len(shots) == 2
    assert abs(shots[1].span.start_ms - way.cut * FRAME_MS) <= FRAME_MS


def test_the_crop_never_turns_back_soon_and_is_bounded_in_speed_and_acceleration(
    framed: Framed,
) -> None:
    _, shots = framed
    for shot in shots:
        times = range(shot.span.start_ms, shot.span.end_ms, SAMPLE_MS)
        x = np.array([corner_at(shot.path, at)[0] for at in times]) / shot.crop_width
        speed = np.diff(x) / (SAMPLE_MS / 1000)
        assert np.abs(speed).max(initial=0) <= 1.01 * PEAK_SPEED
        assert (
            np.abs(np.diff(speed)).max(initial=0) / (SAMPLE_MS / 1000) <= 1.02 * PEAK_ACCELERATION
        )
        moving = [i for i, one in enumerate(speed) if abs(one) > 1e-6]
        turns = [b - a for a, b in pairwise(moving) if speed[a] * speed[b] < 0]
        assert all(rest * SAMPLE_MS >= MIN_HOLD_MS - 2 * SAMPLE_MS for rest in turns)
