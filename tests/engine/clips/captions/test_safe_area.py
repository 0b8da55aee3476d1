"""What the platforms leave free."""

from fractions import Fraction

import pytest

from goviral.engine.clips.captions.safe_area import safe_area, unit
from goviral.engine.clips.plans.plan import Frame

FPS = Fraction(30)


def test_a_vertical_frame_keeps_clear_of_buttons_and_texts() -> None:
    area = safe_area(Frame(1080, 1920, FPS))
    assert area.left >= 120
    assert 1080 - area.right >= 150
    assert area.top >= 240
    assert 1920 - area.bottom >= 420


def test_the_area_is_centred_so_that_centred_text_fits() -> None:
    area = safe_area(Frame(1080, 1920, FPS))
    assert area.left == 1080 - area.right


def test_a_smaller_frame_has_the_same_area_in_proportion() -> None:
    large, small = safe_area(Frame(1080, 1920, FPS)), safe_area(Frame(540, 960, FPS))
    assert (small.width * 2, small.height * 2) == (large.width, large.height)


@pytest.mark.parametrize(("width", "height"), [(1080, 1080), (1080, 1350), (1920, 1080)])
def test_wider_frames_keep_the_broadcasters_margin(width: int, height: int) -> None:
    area = safe_area(Frame(width, height, FPS))
    assert area.width == pytest.approx(0.9 * width)
    assert area.height == pytest.approx(0.9 * height)


def test_sizes_follow_the_shorter_side() -> None:
    assert unit(Frame(1080, 1920, FPS)) == unit(Frame(1920, 1080, FPS)) == 1
    assert unit(Frame(540, 960, FPS)) == 0.5
