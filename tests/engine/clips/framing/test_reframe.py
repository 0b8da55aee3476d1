"""Shots against scenes whose truth is known."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.scenes import (
    FPS,
    FULL_HD,
    PORTRAIT,
    UHD,
    WIDE,
    Way,
    face,
    look_at,
    shots_of,
    sighting,
)
from goviral.engine.clips.plans.crop import crop_box, shot_at
from goviral.engine.clips.plans.plan import Layout, Shot
from goviral.engine.media.content import Box
from goviral.engine.media.look import Look
from goviral.kit.timecode import Span, frame_start_ms


def share_inside(shots: tuple[Shot, ...], way: Way, seconds: float) -> float:
    """Share of frames with the whole face in the crop."""
    inside, frames = 0, round(seconds * FPS)
    for number in range(frames):
        at_ms = frame_start_ms(number, FPS)
        place, shot = way(number / float(FPS)), shot_at(shots, at_ms)
        assert place is not None
        assert shot is not None
        left, top, right, bottom = crop_box(shot, at_ms)
        x, y, height = place
        half = height * 0.4
        inside += left <= x - half and x + half <= right
        assert top <= y <= bottom
    return inside / frames


def gapless(shots: tuple[Shot, ...], end_ms: int) -> bool:
    joined = all(one.span.end_ms == other.span.start_ms for one, other in pairwise(shots))
    return joined and shots[0].span.start_ms == 0 and shots[-1].span.end_ms == end_ms


def sitting(at: float) -> tuple[float, float, float]:
    return 1300 + 25 * math.sin(at * 5), 420 + 15 * math.sin(at * 3), 220


def walking(at: float) -> tuple[float, float, float]:
    return 300 + 130 * at, 400, 200


def pacing(at: float) -> tuple[float, float, float]:
    return 960 + 550 * math.sin(at * 2 * math.pi / 10), 400, 200


class TestOneFace:
    @pytest.mark.parametrize("way", [sitting, walking, pacing])
    def test_it_is_inside_the_crop_in_97_of_100_frames(self, way: Way) -> None:
        shots = shots_of(look_at(way, missed=lambda index: index % 5 == 3))
        assert share_inside(shots, way, 10) >= 0.97
        assert gapless(shots, 10_000)

    def test_a_seated_speaker_gets_one_resting_crop(self) -> None:
        (shot,) = shots_of(look_at(sitting))
        assert shot.layout is Layout.FOLLOW
        assert (shot.crop_width, shot.crop_height) == (608, 1080)
        assert len(shot.path) == 1
        assert shot.path[0].x == pytest.approx(1300 - 304, abs=20)

    def test_at_the_picture_s_edge_the_crop_stays_inside(self) -> None:
        (shot,) = shots_of(look_at(lambda _: (1850, 400, 200)))
        assert shot.path[-1].x == 1920 - 608

    def test_a_small_face_in_a_large_picture_is_brought_nearer(self) -> None:
        content = Box(0, 0, 3840, 2160)
        (shot,) = shots_of(look_at(lambda _: (2000, 900, 200), content=content), UHD)
        assert shot.crop_height == pytest.approx(200 / 0.17, abs=4)
        height_at = (900 - shot.path[0].y) / shot.crop_height
        assert 0.35 <= height_at <= 0.40

    def test_a_small_face_in_a_small_picture_is_not_blown_up(self) -> None:
        (shot,) = shots_of(look_at(lambda _: (960, 400, 80)))
        assert shot.crop_height >= 1920 / 2.4

    def test_a_face_seen_for_a_moment_only_does_not_decide(self) -> None:
        look = look_at(lambda at: (300, 400, 200) if 4 < at < 4.5 else None)
        (shot,) = shots_of(look)
        assert shot.path[0].x == pytest.approx(960 - 304, abs=40)

    def test_a_face_lost_and_found_elsewhere_is_gone_after(self) -> None:
        def way(at: float) -> tuple[float, float, float] | None:
            if 4 < at < 6:
                return None
            return (400, 400, 220) if at < 5 else (1500, 400, 220)

        (shot,) = shots_of(look_at(way))
        assert shot.path[0].x < 200
        assert shot.path[-1].x > 1100


class TestSeveralFaces:
    def test_two_that_fit_are_held_together(self) -> None:
        (shot,) = shots_of(look_at(lambda _: (800, 400, 180), lambda _: (1150, 420, 170)))
        left, _, right, _ = crop_box(shot, 0)
        assert shot.layout is Layout.FOLLOW
        assert left < 800 - 72
        assert right > 1150 + 68

    def test_two_alike_that_do_not_fit_are_set_apart(self) -> None:
        (shot,) = shots_of(look_at(lambda _: (400, 400, 180), lambda _: (1500, 420, 170)))
        assert shot.layout is Layout.SPLIT
        assert len(shot.cells) == 2

    def test_one_much_larger_than_the_other_is_followed(self) -> None:
        (shot,) = shots_of(look_at(lambda _: (1500, 400, 300), lambda _: (300, 500, 170)))
        assert shot.layout is Layout.FOLLOW
        assert shot.path[0].x > 1100

    def test_a_row_of_small_faces_is_shown_whole(self) -> None:
        row = [lambda _, x=x: (x, 500, 110) for x in range(200, 1900, 250)]
        (shot,) = shots_of(look_at(*row))
        assert shot.layout is Layout.FIT


class TestNobody:
    def test_the_crop_rests_on_the_centre_of_interest(self) -> None:
        look = Look(
            Span(0, 2000), 500, tuple(sighting(i * 500, focus=(0.8, 0.5)) for i in range(4))
        )
        (shot,) = shots_of(look)
        assert shot.layout is Layout.FOLLOW
        assert shot.path[0].x == pytest.approx(0.8 * 1920 - 304, abs=2)

    def test_a_slide_is_shown_whole(self) -> None:
        look = Look(Span(0, 2000), 500, tuple(sighting(i * 500, graphic=True) for i in range(4)))
        (shot,) = shots_of(look)
        assert (shot.layout, shot.crop_width, shot.crop_height) == (Layout.FIT, 1920, 1080)

    def test_a_slide_with_a_tiny_face_on_it_is_shown_whole(self) -> None:
        seen = [sighting(i * 500, [face(1700, 900, 50)], graphic=True) for i in range(4)]
        (shot,) = shots_of(Look(Span(0, 2000), 500, tuple(seen)))
        assert shot.layout is Layout.FIT

    def test_a_large_face_before_a_plain_wall_is_no_slide(self) -> None:
        seen = [sighting(i * 500, [face(900, 500, 520)], graphic=True) for i in range(4)]
        (shot,) = shots_of(Look(Span(0, 2000), 500, tuple(seen)))
        assert shot.layout is Layout.FOLLOW

    def test_nothing_seen_at_all_still_gives_a_shot(self) -> None:
        (shot,) = shots_of(Look(Span(0, 2000), 500))
        assert (shot.layout, shot.span) == (Layout.FOLLOW, Span(0, 2000))


class TestCuts:
    def test_the_crop_changes_on_the_frame_of_the_cut(self) -> None:
        cut_ms = 4000 + frame_start_ms(101, FPS)

        def way(at: float) -> tuple[float, float, float]:
            return (400, 400, 220) if at * 1000 < cut_ms - 4000 - 1 else (1500, 400, 220)

        one, other = shots_of(look_at(way, start_ms=4000, cuts_ms=[cut_ms]))
        assert one.span.end_ms == other.span.start_ms == frame_start_ms(101, FPS)
        assert (len(one.path), len(other.path)) == (1, 1)
        assert other.path[0].x - one.path[0].x > 1000

    def test_a_sighting_on_the_cut_belongs_to_the_new_shot_however_it_is_rounded(self) -> None:
        cut = 1401  # frame 42 at 30000/1001 begins at 1401.4 ms
        first = [sighting(at, [face(400, 400, 220, 0)]) for at in range(0, 1400, 200)]
        second = [sighting(at, [face(1500, 400, 220, 1)]) for at in range(cut, 3000, 200)]
        look = Look(Span(0, 3003), 200, (*first, *second), (cut,))
        one, other = shots_of(look)
        assert len(one.path) == len(other.path) == 1

    def test_a_cut_between_alike_pictures_does_not_move_the_crop(self) -> None:
        def way(at: float) -> tuple[float, float, float]:
            return (900 if at < 5 else 915, 400, 220)

        one, other = shots_of(look_at(way, cuts_ms=[5000]))
        assert one.path[-1].x == other.path[0].x

    def test_a_flash_of_two_frames_is_no_shot(self) -> None:
        shots = shots_of(look_at(sitting, cuts_ms=[5000, 5066]))
        assert [shot.span.start_ms for shot in shots] == [0, 5067]

    def test_cuts_outside_the_clip_are_none_of_its_business(self) -> None:
        look = look_at(sitting, start_ms=3000)
        look = Look(look.span, look.step_ms, look.sightings, (0, 2999, 3000, 12_990, 13_500))
        assert len(shots_of(look)) == 1


class TestBars:
    def test_bars_are_never_framed(self) -> None:
        pillar = Box(656, 0, 608, 1080)
        look = Look(Span(0, 2000), 500, tuple(sighting(i * 500, content=pillar) for i in range(4)))
        (shot,) = shots_of(look)
        left, top, right, bottom = crop_box(shot, 0)
        assert 656 < left < right < 656 + 608
        assert 0 <= top < bottom <= 1080

    def test_a_slide_between_bars_is_shown_without_them(self) -> None:
        letter = Box(0, 140, 1920, 800)
        seen = [sighting(i * 500, content=letter, graphic=True) for i in range(4)]
        (shot,) = shots_of(Look(Span(0, 2000), 500, tuple(seen)))
        assert shot.layout is Layout.FIT
        assert 140 < shot.path[0].y < 150
        assert shot.crop_height < 800

    def test_a_new_picture_between_bars_gets_a_crop_of_its_own(self) -> None:
        one = [sighting(at, content=Box(600, 0, 700, 1080)) for at in range(0, 1000, 250)]
        other = [sighting(at, content=Box(640, 0, 660, 1080)) for at in range(1000, 2000, 250)]
        shots = shots_of(Look(Span(0, 2000), 250, (*one, *other), (1000,)))
        assert shots[1].path[0].x > 640


class TestShapes:
    def test_a_portrait_source_stays_as_it_is(self) -> None:
        whole = Box(0, 0, 1080, 1920)
        (shot,) = shots_of(look_at(lambda _: (300, 800, 400), content=whole), PORTRAIT)
        assert (shot.crop_width, shot.crop_height) == (1080, 1920)
        assert [(key.x, key.y) for key in shot.path] == [(0, 0)]

    def test_a_portrait_source_in_a_wide_frame_is_shown_whole(self) -> None:
        whole = Box(0, 0, 1080, 1920)
        look = look_at(lambda _: (300, 800, 400), content=whole)
        (shot,) = shots_of(look, PORTRAIT, WIDE)
        assert (shot.layout, shot.crop_width, shot.crop_height) == (Layout.FIT, 1080, 1920)

    def test_a_wide_source_in_a_wide_frame_is_untouched(self) -> None:
        (shot,) = shots_of(look_at(sitting), FULL_HD, WIDE)
        assert (shot.crop_width, shot.crop_height) == (1920, 1080)


places = st.tuples(st.floats(0, 1920), st.floats(0, 1080), st.floats(20, 900))


@given(
    seen=st.lists(st.lists(places, max_size=4), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 4000), max_size=4, unique=True),
    content=st.builds(
        Box, st.integers(0, 800), st.integers(0, 400), st.integers(200, 1100), st.integers(100, 680)
    ),
)
def test_whatever_is_seen_the_shots_are_whole_and_inside_the_picture(
    seen: list[list[tuple[float, float, float]]], cuts: list[int], content: Box
) -> None:
    sightings = [
        sighting(
            index * 333, [face(*place, track=t) for t, place in enumerate(faces)], content=content
        )
        for index, faces in enumerate(seen)
    ]
    shots = shots_of(Look(Span(0, 4000), 333, tuple(sightings), tuple(sorted(cuts))))
    assert gapless(shots, 4000)
    for shot in shots:
        assert shot.crop_width >= 2
        assert shot.crop_width % 2 == shot.crop_height % 2 == 0
        for key in shot.path:
            assert content.x <= key.x
            assert key.x + shot.crop_width <= content.x + content.width
            assert content.y <= key.y
            assert key.y + shot.crop_height <= content.y + content.height


def test_someone_who_joins_later_is_taken_in_from_the_start() -> None:
    def later(at: float) -> tuple[float, float, float] | None:
        return (1150, 420, 170) if at > 4 else None

    (shot,) = shots_of(look_at(lambda _: (800, 400, 180), later))
    assert shot.layout is Layout.FOLLOW
    left, _, right, _ = crop_box(shot, 9000)
    assert left < 800 - 72
    assert right > 1150 + 68


def test_specks_are_no_faces() -> None:
    (shot,) = shots_of(look_at(lambda _: (1500, 400, 30)))
    assert shot.path[0].x == pytest.approx(960 - 304, abs=40)
