"""The still picture of a plan: the same crop as the clip."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from goviral.engine.clips.plans.crop import corner_at, shot_at
from goviral.engine.clips.plans.plan import CropKey, Frame, Layout, Shot
from goviral.engine.clips.thumbnails.still import canvas, frame_picture
from goviral.kit.timecode import Span

FRAME = Frame(90, 160, Fraction(30))
SHOTS = (
    Shot(Span(0, 1000), Layout.FOLLOW, 90, 160, (CropKey(0, 10, 0),)),
    Shot(Span(1000, 3000), Layout.FIT),
)


def striped(width: int = 320, height: int = 180) -> Image.Image:
    """Red tells the column, green the row."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width) * 255 // width
    pixels[..., 1] = (np.arange(height) * 255 // height)[:, None]
    return Image.fromarray(pixels)


def test_the_shot_on_screen_is_found() -> None:
    assert shot_at(SHOTS, 999) == SHOTS[0]
    assert shot_at(SHOTS, 1000) == SHOTS[1]
    assert shot_at(SHOTS, 99_000) == SHOTS[1]
    assert shot_at(SHOTS, -5) == SHOTS[0]
    assert shot_at((), 0) is None


def test_a_corner_moves_by_smoothstep_and_rests_outside_its_keys() -> None:
    path = (CropKey(100, 0, 10), CropKey(200, 100, 10))
    assert corner_at(path, 0) == (0, 10)
    assert corner_at(path, 125) == pytest.approx((15.625, 10))
    assert corner_at(path, 150) == (50, 10)
    assert corner_at(path, 500) == (100, 10)
    assert corner_at((), 3) == (0.0, 0.0)


@given(st.integers(-100, 400))
def test_a_corner_never_overshoots(at_ms: int) -> None:
    x, _ = corner_at((CropKey(0, 5, 0), CropKey(300, 70, 0)), at_ms)
    assert 5 <= x <= 70


def test_a_followed_picture_is_the_crop() -> None:
    shown = np.asarray(frame_picture(striped(), SHOTS[0], 0, FRAME))
    assert shown.shape == (160, 90, 3)
    assert shown[80, 0, 0] == pytest.approx(10 * 255 / 320, abs=2)
    assert shown[80, 89, 0] == pytest.approx(99 * 255 / 320, abs=2)


def test_a_crop_is_held_inside_a_smaller_picture() -> None:
    far = Shot(Span(0, 1), Layout.FOLLOW, 90, 160, (CropKey(0, 900, 900),))
    shown = frame_picture(striped(64, 64), far, 0, FRAME)
    assert shown.size == (90, 160)


def test_a_fitted_picture_is_whole_over_a_darker_ground() -> None:
    shown = np.asarray(frame_picture(striped(), SHOTS[1], 1500, FRAME))
    middle = shown[80]
    assert middle[0, 0] < 12
    assert middle[89, 0] > 240
    assert shown[10].mean() < middle.mean()


def test_a_canvas_has_the_size_of_the_frame() -> None:
    assert canvas(FRAME).size == (90, 160)


def test_a_fitted_picture_may_be_a_part_of_the_source() -> None:
    part = Shot(Span(0, 1), Layout.FIT, 160, 180, (CropKey(0, 160, 0),))
    shown = np.asarray(frame_picture(striped(), part, 0, FRAME))
    assert shown[80, 0, 0] == pytest.approx(127, abs=4)
