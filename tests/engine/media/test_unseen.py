"""Sightings of a stretch that was left out."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.media.boxes import FaceBox
from goviral.engine.media.unseen import are_elsewhere, faces_between, moments_between, went_on

FACE = FaceBox(100, 50, 40, 40, 0.9, ((110, 60), (130, 60)), (120, 80), eyes_open=1.0)


@given(st.integers(0, 10**6), st.integers(1, 20_000), st.integers(100, 2000))
@settings(max_examples=60)
def test_moments_are_about_a_step_apart_and_the_shares_fit(
    before_ms: int, gap_ms: int, step_ms: int
) -> None:
    found = list(moments_between(before_ms, before_ms + gap_ms, step_ms))
    times = [before_ms, *(at_ms for at_ms, _ in found), before_ms + gap_ms]
    assert times == sorted(set(times))
    if gap_ms > 1.5 * step_ms:
        assert max(b - a for a, b in itertools.pairwise(times)) <= 1.5 * step_ms + 1
    for at_ms, share in found:
        assert at_ms == pytest.approx(before_ms + share * gap_ms, abs=1)


def test_nothing_lies_between_two_that_are_as_near_as_ever() -> None:
    assert list(moments_between(1000, 1800, 666)) == []


def test_a_face_is_on_its_way_from_one_place_to_the_other() -> None:
    later = FaceBox(120, 58, 44, 44, 0.8, ((130, 68), (150, 68)), (140, 88))
    (face,) = faces_between([FACE], [later], 0.25)
    assert (face.x, face.y, face.width, face.score) == (105, 52, 41, 0.8)
    assert face.eyes == ((115, 62), (135, 62))
    assert face.mouth == (125, 82)
    assert face.eyes_open is None


def test_each_of_several_goes_to_its_own_place() -> None:
    other = FaceBox(300, 50, 40, 40, 0.9)
    moved = [FaceBox(310, 50, 40, 40, 0.9), FaceBox(90, 50, 40, 40, 0.9)]
    assert [face.x for face in faces_between([other, FACE], moved, 0.5)] == [95, 305]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="gone"),
        pytest.param([FaceBox(300, 50, 40, 40, 0.9)], id="somewhere else"),
        pytest.param([FACE, FaceBox(300, 50, 40, 40, 0.9)], id="another came"),
    ],
)
def test_where_the_next_sighting_has_others_it_stayed_as_it_was(after: list[FaceBox]) -> None:
    (face,) = faces_between([FACE], after, 0.5)
    assert (face.x, face.y, face.width) == (100, 50, 40)


@pytest.mark.parametrize(
    ("moved", "elsewhere"), [(0.0, False), (15.0, False), (21.0, True), (300.0, True)]
)
def test_a_face_that_moved_far_is_elsewhere(moved: float, elsewhere: bool) -> None:
    before, after = FaceBox(100, 50, 50, 50, 0.9), FaceBox(100 + moved, 50, 50, 50, 0.9)
    assert are_elsewhere([before], [after]) is elsewhere


def test_a_face_that_came_or_went_is_elsewhere() -> None:
    face = FaceBox(100, 50, 50, 50, 0.9)
    assert are_elsewhere([face], [])
    assert are_elsewhere([], [face])
    assert not are_elsewhere([], [])


@pytest.mark.parametrize(
    ("x", "went"), [(140.0, True), (149.0, True), (115.0, False), (175.0, False), (100.0, False)]
)
def test_a_face_that_moved_as_it_did_before_went_on(x: float, went: bool) -> None:
    """Ten pixels in a step, then four steps unseen: at 140, or some way off it."""
    earlier, before, after = (FaceBox(left, 50, 50, 50, 0.9) for left in (90, 100, x))
    assert went_on([earlier], [before], [after], 5) is went


def test_a_face_that_went_on_by_more_than_its_width_is_not_told_from_another() -> None:
    earlier, before, after = (FaceBox(left, 50, 50, 50, 0.9) for left in (80, 100, 180))
    assert not went_on([earlier], [before], [after], 5)


def test_who_comes_in_did_not_go_on() -> None:
    faces = [FaceBox(left, 50, 50, 50, 0.9) for left in (90, 100)]
    assert not went_on(faces[:1], faces[1:], faces, 5)
