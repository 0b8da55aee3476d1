"""Frames of several parts: each face in its own cell, a screen over its speaker."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clips.scenes import FPS, FULL_HD, VERTICAL, WIDE, face, look_at, sighting
from goviral.engine.clips.framing.divided import places
from goviral.engine.clips.framing.reframe import LayoutWish, choose_framing
from goviral.engine.clips.plans.crop import crop_box
from goviral.engine.clips.plans.plan import Cell, Frame, Layout, Shot
from goviral.engine.media.look import Look
from goviral.kit.timecode import Span

SQUARE = Frame(1080, 1080, FPS)
PORTRAIT = Frame(1080, 1350, FPS)


def framed(
    look: Look, wish: LayoutWish = LayoutWish.AUTO, frame: Frame = VERTICAL
) -> tuple[Shot, ...]:
    return choose_framing(look, FULL_HD, frame, look.span, wish).shots


def seated(*places_and_heights: tuple[float, float, float]) -> Look:
    """Faces that sit still."""
    return look_at(*[lambda _, at=at: at for at in places_and_heights])


def faces_in(cell: Cell, people: Sequence[tuple[float, float, float]]) -> list[int]:
    """Which faces' middles a cell shows."""
    left, top, right, bottom = crop_box(cell, 0)
    return [
        number for number, (x, y, _) in enumerate(people) if left < x < right and top < y < bottom
    ]


@pytest.mark.parametrize("frame", [VERTICAL, WIDE, SQUARE, PORTRAIT])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_cells_cover_the_frame_without_overlapping(frame: Frame, count: int) -> None:
    cells = places(count, frame)
    assert len(cells) == count
    assert sum(width * height for _, _, width, height in cells) == frame.width * frame.height
    assert all(value % 2 == 0 for cell in cells for value in cell)
    covered = {(x, y) for x, y, _, _ in cells}
    assert len(covered) == count


def test_two_are_stacked_in_a_tall_frame_and_stand_side_by_side_in_a_wide_one() -> None:
    assert places(2, VERTICAL) == ((0, 0, 1080, 960), (0, 960, 1080, 960))
    assert places(2, WIDE) == ((0, 0, 960, 1080), (960, 0, 960, 1080))


def test_four_are_two_by_two() -> None:
    assert [place[:2] for place in places(4, VERTICAL)] == [(0, 0), (540, 0), (0, 960), (540, 960)]


class TestSplit:
    @pytest.mark.parametrize(
        "people",
        [
            [(400, 400, 180), (1500, 420, 170)],
            [(300, 400, 180), (960, 420, 190), (1620, 400, 170)],
            [(250, 400, 160), (720, 420, 170), (1200, 400, 165), (1680, 410, 170)],
            [(480, 270, 150), (1440, 270, 160), (480, 810, 150), (1440, 810, 155)],
        ],
    )
    def test_each_face_has_a_cell_to_itself(self, people: list[tuple[float, float, float]]) -> None:
        (shot,) = framed(seated(*people))
        assert shot.layout is Layout.SPLIT
        assert [faces_in(cell, people) for cell in shot.cells] == [[n] for n in range(len(people))]

    def test_faces_are_about_equally_large_and_whole(self) -> None:
        (shot,) = framed(seated((400, 400, 260), (1500, 420, 150)), LayoutWish.SPLIT)
        shares = [
            height / cell.crop_height for height, cell in zip((260, 150), shot.cells, strict=True)
        ]
        assert shares == pytest.approx([0.34, 0.34], abs=0.05)

    def test_a_crop_has_the_shape_of_its_cell(self) -> None:
        for frame in (VERTICAL, WIDE, SQUARE, PORTRAIT):
            (shot,) = framed(seated((300, 400, 180), (1600, 420, 170)), LayoutWish.SPLIT, frame)
            for cell in shot.cells:
                shape = cell.width / cell.height
                assert cell.crop_width / cell.crop_height == pytest.approx(shape, rel=0.02)

    def test_a_cell_follows_its_face(self) -> None:
        look = look_at(lambda at: (300 + 40 * at, 400, 180), lambda _: (1500, 420, 170))
        (shot,) = framed(look, LayoutWish.SPLIT)
        left, _, right, _ = crop_box(shot.cells[0], 9500)
        assert left < 680 - 72
        assert right > 680 + 72
        assert len(shot.cells[1].path) == 1

    def test_one_face_is_framed_as_usual_and_a_note_says_so(self) -> None:
        look = seated((600, 400, 200))
        framing = choose_framing(look, FULL_HD, VERTICAL, look.span, LayoutWish.SPLIT)
        assert [shot.layout for shot in framing.shots] == [Layout.FOLLOW]
        (note,) = framing.notes
        assert "split" in note

    def test_faces_cheek_to_cheek_cannot_be_set_apart(self) -> None:
        look = seated((800, 400, 300), (1040, 420, 300))
        framing = choose_framing(look, FULL_HD, VERTICAL, look.span, LayoutWish.SPLIT)
        assert framing.shots[0].layout is not Layout.SPLIT
        assert framing.notes

    def test_five_are_too_many(self) -> None:
        look = seated(*[(x, 400, 150) for x in (200, 560, 940, 1320, 1700)])
        (shot,) = framed(look, LayoutWish.SPLIT)
        assert shot.layout is Layout.FIT


class TestWhenAutoDivides:
    def test_people_who_sit_together_are_one_picture(self) -> None:
        (shot,) = framed(seated((500, 400, 220), (840, 420, 210), (1250, 400, 215)))
        assert shot.layout is Layout.FIT

    def test_a_glimpse_is_not_divided(self) -> None:
        look = look_at(lambda _: (400, 400, 180), lambda _: (1500, 420, 170), seconds=2)
        assert framed(look)[0].layout is Layout.FIT
        assert framed(look, LayoutWish.SPLIT)[0].layout is Layout.SPLIT


class TestScreen:
    def look(self, *faces: tuple[float, float, float], graphic: bool = True) -> Look:
        seen = [
            sighting(
                i * 500, [face(*each, track=n) for n, each in enumerate(faces)], graphic=graphic
            )
            for i in range(4)
        ]
        return Look(Span(0, 2000), 500, tuple(seen))

    def test_a_shared_screen_is_whole_above_and_its_speaker_below(self) -> None:
        (shot,) = framed(self.look((1700, 900, 150)))
        assert shot.layout is Layout.SCREEN
        upper, lower = shot.cells
        assert (upper.x, upper.y, upper.width, upper.height) == (0, 0, 1080, 608)
        assert (upper.crop_width, upper.crop_height) == (1920, 1080)
        assert (lower.y, lower.height) == (608, 1312)
        assert faces_in(lower, [(1700, 900, 150)]) == [0]
        assert 150 / lower.crop_height == pytest.approx(0.5, abs=0.06)

    def test_of_several_the_largest_is_below_and_alone(self) -> None:
        people = [(1480, 950, 150), (1800, 950, 170)]
        (shot,) = framed(self.look(*people))
        assert faces_in(shot.cells[1], people) == [1]
        left, _, _, _ = crop_box(shot.cells[1], 1000)
        assert left >= 1480 + 150 * 0.8 / 2

    def test_of_two_cheek_to_cheek_the_larger_is_still_shown(self) -> None:
        people = [(1500, 900, 150), (1640, 900, 170)]
        (shot,) = framed(self.look(*people))
        assert 1 in faces_in(shot.cells[1], people)

    def test_a_slide_without_a_face_is_shown_whole(self) -> None:
        (shot,) = framed(self.look())
        assert shot.layout is Layout.FIT

    def test_a_wide_frame_has_no_room_below(self) -> None:
        (shot,) = framed(self.look((1700, 900, 150)), frame=WIDE)
        assert shot.layout is Layout.FIT

    def test_it_can_be_asked_for_where_the_picture_is_no_slide(self) -> None:
        (shot,) = framed(self.look((600, 500, 200), graphic=False), LayoutWish.SCREEN)
        assert shot.layout is Layout.SCREEN

    def test_without_a_face_asking_for_it_is_noted(self) -> None:
        look = self.look(graphic=False)
        framing = choose_framing(look, FULL_HD, VERTICAL, look.span, LayoutWish.SCREEN)
        assert framing.shots[0].layout is Layout.FOLLOW
        assert "screen" in framing.notes[0]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 1920), st.integers(0, 1080), st.integers(45, 600)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(list(LayoutWish)),
    st.sampled_from([VERTICAL, WIDE, SQUARE, PORTRAIT]),
)
def test_whatever_is_asked_of_whatever_is_seen_can_be_rendered(
    people: list[tuple[float, float, float]], wish: LayoutWish, frame: Frame
) -> None:
    for shot in framed(seated(*people), wish, frame):
        for part in shot.cells or (shot,):
            for at_ms in (0, 5000, 9999):
                left, top, right, bottom = crop_box(part, at_ms)
                assert left >= 0
                assert top >= 0
                assert right <= 1920
                assert bottom <= 1080
                assert min(right - left, bottom - top) >= 2
