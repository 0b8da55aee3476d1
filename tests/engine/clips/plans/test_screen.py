"""Faces and pictures where the viewer sees them."""

from fractions import Fraction

import pytest

from engine.clips.scenes import VERTICAL, face, look_at, sighting
from goviral.engine.clips.plans.plan import Cell, CropKey, Frame, Layout, Shot
from goviral.engine.clips.plans.screen import (
    Box,
    Seen,
    cover_part,
    faces_on_screen,
    picture_place,
    picture_places,
)
from goviral.engine.media.look import Look
from goviral.kit.timecode import Span

FOLLOW = Shot(Span(0, 2000), Layout.FOLLOW, 540, 960, (CropKey(0, 700, 60),))
FIT = Shot(Span(0, 2000), Layout.FIT, 1920, 1080, (CropKey(0, 0, 0),))
SPAN = Span(5000, 7000)


def seen(*faces_: tuple[float, float, float]) -> Look:
    return Look(SPAN, 500, (sighting(5500, [face(*one) for one in faces_]),))


def only(seen: tuple[Seen, ...]) -> Box:
    (one,) = seen
    (box,) = one.boxes
    return box


def test_a_face_in_the_crop_is_as_much_larger_as_the_crop() -> None:
    box = only(faces_on_screen(seen((970, 400, 200)), (FOLLOW,), VERTICAL, SPAN))
    assert box.x + box.width / 2 == pytest.approx((970 - 700) * 2)
    assert (box.y, box.height) == (pytest.approx((300 - 60) * 2), pytest.approx(400))


def test_a_face_outside_the_crop_is_not_on_screen() -> None:
    assert faces_on_screen(seen((300, 400, 200)), (FOLLOW,), VERTICAL, SPAN) == (Seen(500, ()),)


def test_a_face_in_a_fitted_picture_is_where_the_picture_is() -> None:
    box = only(faces_on_screen(seen((960, 540, 320)), (FIT,), VERTICAL, SPAN))
    assert box.x + box.width / 2 == pytest.approx(540, abs=1)
    assert box.y + box.height / 2 == pytest.approx(0.42 * 1920, abs=2)
    assert box.height == pytest.approx(320 * 1080 / 1920, abs=1)


def test_a_face_that_is_in_two_cells_stands_in_both() -> None:
    halves = tuple(Cell(0, top, 1080, 960, 960, 854, (CropKey(0, 400, 60),)) for top in (0, 960))
    divided = Shot(Span(0, 2000), Layout.SPLIT, cells=halves)
    (one,) = faces_on_screen(seen((970, 400, 200)), (divided,), VERTICAL, SPAN)
    upper, lower = one.boxes
    assert (upper.x, upper.y + 960, upper.height) == (lower.x, lower.y, lower.height)
    assert picture_places(divided, VERTICAL) == ((0, 0, 1080, 960), (0, 960, 1080, 960))


def test_what_is_outside_the_clip_does_not_count() -> None:
    look = look_at(lambda _: (970, 400, 200), start_ms=0)
    assert faces_on_screen(look, (FOLLOW,), VERTICAL, Span(20_000, 22_000)) == ()
    canvas = (Shot(Span(0, 2000), Layout.CANVAS),)
    assert all(one.boxes == () for one in faces_on_screen(look, canvas, VERTICAL, Span(0, 2000)))
    assert picture_places(canvas[0], VERTICAL) == ()


@pytest.mark.parametrize(
    ("shot", "frame", "place"),
    [
        (FIT, VERTICAL, (0, 502, 1080, 608)),
        (
            Shot(Span(0, 1), Layout.FIT, 1080, 1920),
            Frame(1920, 1080, Fraction(30)),
            (656, 0, 608, 1080),
        ),
        (
            Shot(Span(0, 1), Layout.FIT, 1080, 1080),
            Frame(1080, 1080, Fraction(30)),
            (0, 0, 1080, 1080),
        ),
    ],
)
def test_a_fitted_picture_is_as_large_as_can_be_with_room_for_captions(
    shot: Shot, frame: Frame, place: tuple[int, int, int, int]
) -> None:
    assert picture_place(shot, frame) == place


def test_what_fills_the_frame_behind_it_is_the_middle_of_the_same_picture() -> None:
    width, height, x, y = cover_part(FIT, VERTICAL)
    assert (width, height, y) == (607, 1080, 0)
    assert x + width / 2 == pytest.approx(960, abs=1)
