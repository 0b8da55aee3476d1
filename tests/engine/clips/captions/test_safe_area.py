"""What the platforms leave free."""

from fractions import Fraction

import pytest

from goviral.engine.clips.captions.safe_area import Margins, margins, safe_area, unit
from goviral.engine.clips.plans.plan import Frame, Platform

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


EACH = [platform for platform in Platform if platform is not Platform.ANY]


@pytest.mark.parametrize("platform", EACH)
def test_what_is_free_of_every_platform_is_free_of_each(platform: Platform) -> None:
    everywhere = safe_area(Frame(1080, 1920, FPS))
    there = safe_area(Frame(1080, 1920, FPS, platform))
    assert there.left <= everywhere.left
    assert there.top <= everywhere.top
    assert there.right >= everywhere.right
    assert there.bottom >= everywhere.bottom
    assert there != everywhere


def test_plans_without_a_platform_keep_the_area_they_were_made_with() -> None:
    assert margins(Platform.ANY) == Margins(side=150, top=240, bottom=420)


@pytest.mark.parametrize("platform", EACH)
@pytest.mark.parametrize(("width", "height"), [(1080, 1080), (1080, 1350), (1920, 1080)])
def test_wider_frames_are_covered_by_none(platform: Platform, width: int, height: int) -> None:
    assert safe_area(Frame(width, height, FPS, platform)) == safe_area(Frame(width, height, FPS))
