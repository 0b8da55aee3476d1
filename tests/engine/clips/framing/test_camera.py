"""The camera's path against subjects whose way is known: inside, steady, bounded, never to and fro."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from goviral.engine.clips.framing.camera import (
    MIN_HOLD_MS,
    PEAK_ACCELERATION,
    PEAK_SPEED,
    Aim,
    Lens,
    move_ms,
    steady_path,
)
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import CropKey
from goviral.kit.timecode import Span

# 9:16 out of 1920x1080; a face 150 pixels wide.
WIDTH = 608
LENS = Lens(
    unit=WIDTH, max_x=1312, max_y=0, slack_x=85, slack_y=0, reach_x=(WIDTH - 150) / 2 - 18, reach_y=200
)  # fmt: skip
STEP_MS = 333
FRAME_MS = 1000 / 30

Way = Callable[[float], float]


def path_for(way: Way, seconds: float, noise: Sequence[float] = (0.0,)) -> tuple[CropKey, ...]:
    """The path for a subject whose crop would be centred at `way(second)`."""
    aims = [
        Aim(at, way(at / 1000) + noise[i % len(noise)], 0.0)
        for i, at in enumerate(range(0, round(seconds * 1000), STEP_MS))
    ]
    return steady_path(aims, LENS, Span(0, round(seconds * 1000)))


def share_inside(path: tuple[CropKey, ...], way: Way, seconds: float) -> float:
    """Share of frames in which a face 150 pixels wide is wholly in the crop."""
    frames = [i * FRAME_MS for i in range(round(seconds * 30))]
    room = (WIDTH - 150) / 2
    inside = [
        abs(corner_at(path, at)[0] - min(max(way(at / 1000), 0), 1312)) <= room for at in frames
    ]
    return sum(inside) / len(inside)


def moves(path: tuple[CropKey, ...]) -> list[tuple[int, int, float]]:
    return [
        (one.at_ms, other.at_ms, other.x - one.x)
        for one, other in pairwise(path)
        if abs(other.x - one.x) >= 1
    ]


def quick_reversals(path: tuple[CropKey, ...]) -> int:
    return sum(
        one[2] * other[2] < 0 and other[0] - one[1] < MIN_HOLD_MS
        for one, other in pairwise(moves(path))
    )


def still(_at: float) -> float:
    return 600.0


def nervous(at: float) -> float:
    return 600 + 60 * math.sin(at * 7) + 20 * math.sin(at * 23)


def stroll(at: float) -> float:
    return 100 + 110 * at


def seat_change(at: float) -> float:
    return 200 if at < 6 else min(200 + 500 * (at - 6), 1000)


def pacing(at: float) -> float:
    return 650 + 500 * math.sin(at * 2 * math.pi / 9)


def glance(at: float) -> float:
    return 600 if not 5 < at < 5.7 else 760


WAYS = {
    "still": still,
    "nervous": nervous,
    "stroll": stroll,
    "seat change": seat_change,
    "pacing": pacing,
    "glance": glance,
}
NOISE = (0, 9, -12, 4, -6, 14, -9)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_face_is_inside_in_97_of_100_frames_and_the_camera_never_goes_to_and_fro(
    way: Way,
) -> None:
    path = path_for(way, 11, NOISE)
    assert share_inside(path, way, 11) >= 0.97
    assert quick_reversals(path) == 0


@pytest.mark.parametrize("way", [still, nervous, glance])
def test_a_subject_that_does_not_leave_gets_one_steady_crop(way: Way) -> None:
    assert len(path_for(way, 20, NOISE)) == 1


def test_a_subject_that_walks_through_gets_one_long_glide() -> None:
    (move,) = moves(path_for(stroll, 11))
    assert move[1] - move[0] > 7000
    assert move[2] > 800


def test_one_wrong_sighting_moves_nothing() -> None:
    aims = [Aim(i * STEP_MS, 600.0 if i != 7 else 1200.0, 0.0) for i in range(20)]
    assert len(steady_path(aims, LENS, Span(0, 6660))) == 1


def test_a_subject_that_leaves_and_stays_away_is_followed_on_time() -> None:
    path = path_for(seat_change, 11)
    (move,) = moves(path)
    assert abs((move[0] + move[1]) / 2 - 6800) < 400


def test_the_crop_stays_where_it_may_go() -> None:
    path = path_for(lambda at: -500 + 300 * at, 11, NOISE)
    assert all(0 <= key.x <= 1312 and key.y == 0 for key in path)


def test_without_a_sighting_the_crop_rests() -> None:
    assert steady_path([], LENS, Span(500, 900)) == (CropKey(500, 0.0, 0.0),)


subjects = st.lists(st.floats(-200, 1600), min_size=1, max_size=40)


@given(xs=subjects, step=st.integers(100, 600), start=st.integers(0, 5000))
def test_whatever_the_subject_does_speed_acceleration_and_reversals_are_bounded(
    xs: list[float], step: int, start: int
) -> None:
    aims = [Aim(start + i * step, x, 0.0) for i, x in enumerate(xs)]
    path = steady_path(aims, LENS, Span(start, start + step * len(xs)))
    assert all(one.at_ms < other.at_ms for one, other in pairwise(path))
    assert quick_reversals(path) == 0
    for first, last, distance in moves(path):
        travel, seconds = abs(distance) / WIDTH, (last - first + 1) / 1000
        assert 1.5 * travel / seconds <= PEAK_SPEED * 1.01
        assert 6 * travel / seconds**2 <= PEAK_ACCELERATION * 1.01
        assert 0 <= path[0].x <= 1312


SAMPLE_MS = 10
FREE = Lens(
    unit=WIDTH, max_x=1312, max_y=500, slack_x=85, slack_y=70, reach_x=200, reach_y=150, min_x=20
)  # fmt: skip
wandering = st.lists(
    st.tuples(st.floats(-200, 1600), st.floats(-200, 700)), min_size=2, max_size=30
)


def motion(path: tuple[CropKey, ...], span: Span) -> NDArray[np.float64]:
    """The corner every 10 ms of what is drawn, shape (samples, 2), in crop widths."""
    times = range(span.start_ms, span.end_ms, SAMPLE_MS)
    return np.array([corner_at(path, at) for at in times], np.float64) / WIDTH


def rests_between_reversals(places: NDArray[np.float64]) -> list[int]:
    """Milliseconds at rest between two moves of opposite direction."""
    steps = np.sign(np.where(np.abs(np.diff(places)) < 1e-9, 0, np.diff(places)))
    moving = np.flatnonzero(steps)
    return [
        int(other - one - 1) * SAMPLE_MS
        for one, other in pairwise(moving.tolist())
        if steps[one] != steps[other]
    ]


@given(wandering, st.integers(100, 600), st.integers(0, 5000))
def test_what_is_drawn_is_never_faster_nor_jerkier_nor_to_and_fro_in_either_direction(
    places: list[tuple[float, float]], step: int, start: int
) -> None:
    aims = [Aim(start + i * step, x, y) for i, (x, y) in enumerate(places)]
    span = Span(start, start + step * len(places))
    corners = motion(steady_path(aims, FREE, span), span)
    dt = SAMPLE_MS / 1000
    # Key times are whole milliseconds of moves that last 600 and more.
    assert np.abs(np.diff(corners, axis=0)).max(initial=0) / dt <= 1.01 * PEAK_SPEED
    assert np.abs(np.diff(corners, 2, axis=0)).max(initial=0) / dt**2 <= 1.02 * PEAK_ACCELERATION
    for axis in (0, 1):
        # A sample at either end of a rest may still lie in the move.
        assert min(rests_between_reversals(corners[:, axis]), default=800) >= 800 - 2 * SAMPLE_MS
    low, high = corners.min(axis=0) * WIDTH, corners.max(axis=0) * WIDTH
    assert low[0] >= FREE.min_x - 1e-6
    assert low[1] >= -1e-6
    assert high[0] <= FREE.max_x + 1e-6
    assert high[1] <= FREE.max_y + 1e-6


@given(st.floats(1, 2000))
def test_a_longer_way_takes_longer(distance: float) -> None:
    assert move_ms(distance, WIDTH) <= move_ms(distance * 1.5, WIDTH)
