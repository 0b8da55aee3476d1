"""A crop set by hand."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.scenes import FULL_HD, VERTICAL, look_at, shots_of
from goviral.engine.clips.framing.framing_by_hand import with_crop
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Layout, Source
from goviral.engine.clips.plans.plan_json import fault_of
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

PLAN = ClipPlan(
    "clip",
    "",
    FULL_HD,
    Span(5000, 15_000),
    VERTICAL,
    shots_of(look_at(lambda at: (300 + 120 * at, 400, 200), cuts_ms=(4000,))),
)
FILLING = (100, 0, 608, 1080)


def test_it_holds_for_the_whole_clip_unless_a_time_is_given() -> None:
    (shot,) = with_crop(PLAN, FILLING).shots
    assert (shot.layout, shot.crop_width, shot.crop_height) == (Layout.FOLLOW, 608, 1080)
    assert shot.path == (CropKey(0, 100, 0),)
    assert shot.span == Span(0, 10_000)


def test_the_rest_of_the_clip_keeps_what_it_had() -> None:
    plan = with_crop(PLAN, FILLING, Span(3000, 6000))
    assert [shot.span for shot in plan.shots] == [
        Span(0, 3000),
        Span(3000, 6000),
        Span(6000, 10_000),
    ]
    assert plan.shots[0].path == PLAN.shots[0].path
    assert plan.shots[2].path == PLAN.shots[1].path


def test_a_crop_of_another_shape_is_shown_whole() -> None:
    (shot,) = with_crop(PLAN, (200, 100, 1001, 501)).shots
    assert (shot.layout, shot.crop_width, shot.crop_height) == (Layout.FIT, 1000, 500)


@pytest.mark.parametrize(
    "crop", [(0, 0, 608, 1081), (1500, 0, 608, 1080), (-1, 0, 608, 1000), (0, 0, 4, 1080)]
)
def test_a_crop_outside_the_source_is_refused(crop: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError):
        with_crop(PLAN, crop)


@pytest.mark.parametrize("span", [Span(-100, 500), Span(9000, 11_000), Span(500, 500)])
def test_a_time_outside_the_clip_is_refused(span: Span) -> None:
    with pytest.raises(InputError, match="outside the clip"):
        with_crop(PLAN, FILLING, span)


def test_there_is_nothing_to_crop_in_sound() -> None:
    sound = replace(PLAN, source=Source("/a.mp3", "f", 60_000))
    with pytest.raises(InputError, match="sound only"):
        with_crop(sound, FILLING)


@given(st.integers(0, 9999), st.integers(34, 10_000))
def test_shots_still_follow_each_other_on_whole_frames(start_ms: int, length_ms: int) -> None:
    span = Span(start_ms, min(10_000, start_ms + length_ms))
    if span.duration_ms < 34:
        return
    plan = with_crop(PLAN, FILLING, span)
    assert fault_of(plan) == ""
    assert plan.shots[0].span.start_ms == 0
    assert plan.shots[-1].span.end_ms == 10_000
    for one, other in pairwise(plan.shots):
        assert one.span.end_ms == other.span.start_ms
        frame = other.span.start_ms * Fraction(30) / 1000
        assert abs(frame - round(frame)) < Fraction(3, 100)
