"""Captions stand clear of the faces of every shot, and move only with a shot."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.clearance import Ground, hidden_share
from goviral.engine.clips.captions.hook import hook_band, plan_hook
from goviral.engine.clips.captions.places import caption_bands, heights, stand_clear
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.plans.plan import Captions, Cell, CropKey, Frame, Layout, Shot
from goviral.engine.clips.plans.screen import ScreenBox, Seen
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span

FRAME = Frame(1080, 1920, Fraction(25))
CLIP = Span(0, 30_000)
WORDS = [Word(f"word{n}.", n * 500, n * 500 + 460) for n in range(60)]
HALVES = tuple(Cell(0, top, 1080, 960, 960, 854, (CropKey(0, 0, 0),)) for top in (0, 960))

ALONE = ScreenBox(300, 450, 480, 600)
UPPER, LOWER = ScreenBox(350, 150, 380, 460), ScreenBox(350, 1110, 380, 460)


def alone(start_ms: int, end_ms: int) -> Shot:
    return Shot(Span(start_ms, end_ms), Layout.FOLLOW, 608, 1080, (CropKey(start_ms, 0, 0),))


def divided(start_ms: int, end_ms: int) -> Shot:
    return Shot(Span(start_ms, end_ms), Layout.SPLIT, cells=HALVES)


def seen_in(*shots: Shot, one: ScreenBox = ALONE) -> list[Seen]:
    return [
        Seen(at_ms, (UPPER, LOWER) if shot.cells else (one,))
        for shot in shots
        for at_ms in range(shot.span.start_ms, shot.span.end_ms, 300)
    ]


def captions_over(
    *shots: Shot,
    style: str = "punch",
    one: ScreenBox = ALONE,
    seen: Sequence[Seen] | None = None,
) -> Captions:
    """Over these faces; without any given, over `one` in each shot that is not divided."""
    return plan_captions(
        WORDS,
        clip_span=Span(0, shots[-1].span.end_ms) if shots else CLIP,
        style=load_style(style),
        frame=FRAME,
        shots=shots,
        ground=Ground(seen_in(*shots, one=one) if seen is None else seen),
    )


def places(captions: Captions, within: Span = CLIP) -> list[float]:
    """Where they stand, piece by piece."""
    usual_y = captions.style.center_y
    return [usual_y if y is None else y for _, y in heights(captions, within)]


def hidden(captions: Captions, shot: Shot, faces: tuple[ScreenBox, ...]) -> float:
    """The most that captions hide of these faces during the shot."""
    bands = caption_bands(captions, FRAME, shot.span)
    return max(hidden_share([Seen(0, faces)], *place) for place in bands)


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_in_a_divided_shot_captions_stand_between_the_faces(style: str) -> None:
    shots = alone(0, 18_000), divided(18_000, 24_000), alone(24_000, 30_000)
    captions = captions_over(*shots, style=style)
    assert [move.at_ms for move in captions.moves] == [18_000, 24_000]
    usual, between, again = places(captions)
    assert usual == again
    assert UPPER.y + UPPER.height < between * FRAME.height < LOWER.y
    assert hidden(captions, shots[1], (UPPER, LOWER)) < 0.01


def test_a_smaller_face_lower_down_has_a_place_of_its_own_in_a_like_shot() -> None:
    small = ScreenBox(400, 1180, 300, 380)
    shots = alone(0, 15_000), alone(15_000, 30_000)
    seen = [*seen_in(shots[0]), *seen_in(shots[1], one=small)]
    captions = captions_over(*shots, seen=seen)
    assert [move.at_ms for move in captions.moves] == [15_000]
    assert hidden(captions, shots[0], (ALONE,)) < 0.2
    assert hidden(captions, shots[1], (small,)) < 0.2


def test_nothing_moves_where_one_place_does_for_all() -> None:
    low = ScreenBox(300, 250, 480, 500)
    captions = captions_over(divided(0, 15_000), alone(15_000, 30_000), one=low)
    assert captions.moves == ()


def test_all_shots_that_are_divided_alike_have_one_place() -> None:
    shots = [
        (divided if number % 2 else alone)(number * 3_000, (number + 1) * 3_000)
        for number in range(10)
    ]
    captions = captions_over(*shots)
    assert len(set(places(captions))) == 2


def test_a_glimpse_of_another_shot_moves_nothing() -> None:
    assert (
        captions_over(alone(0, 10_000), divided(10_000, 10_600), alone(10_600, 30_000)).moves == ()
    )


def test_a_shot_without_faces_keeps_the_place_of_the_one_before() -> None:
    empty = Shot(Span(12_000, 18_000), Layout.FOLLOW, 608, 1080, (CropKey(12_000, 0, 0),))
    shots = divided(0, 12_000), empty, alone(18_000, 30_000)
    seen = [*seen_in(shots[0]), *seen_in(shots[2])]
    captions = captions_over(*shots, seen=seen)
    assert [move.at_ms for move in captions.moves] == [18_000]


def test_a_page_over_a_cut_moves_on_the_cut() -> None:
    captions = captions_over(alone(0, 18_250), divided(18_250, 30_000))
    crossing = next(page for page in captions.pages if page.span.contains(18_250))
    before, after = heights(captions, crossing.span)
    assert before == (Span(crossing.span.start_ms, 18_250), None)
    assert after == (Span(18_250, crossing.span.end_ms), places(captions)[1])


@given(
    st.lists(st.tuples(st.booleans(), st.integers(800, 6_000)), min_size=1, max_size=8),
    st.integers(250, 1_100),
)
def test_within_a_shot_captions_never_jump(kinds: list[tuple[bool, int]], top: int) -> None:
    shots, at_ms = list[Shot](), 0
    for is_divided, length_ms in kinds:
        make = divided if is_divided else alone
        shots.append(make(at_ms, at_ms + length_ms))
        at_ms += length_ms
    captions = captions_over(*shots, one=ScreenBox(300, top, 480, 600))
    cuts = {shot.span.start_ms for shot in shots}
    assert {move.at_ms for move in captions.moves} <= cuts
    assert all(len(places(captions, shot.span)) == 1 for shot in shots)


def test_the_title_stands_off_the_pages_shown_with_it() -> None:
    captions = captions_over(divided(0, 6_000), alone(6_000, 30_000))
    hook = plan_hook(
        "What nobody tells you",
        frame=FRAME,
        clip_ms=CLIP.duration_ms,
        captions=captions,
        ground=Ground([Seen(0, (UPPER, LOWER))]),
    )
    assert hook is not None
    top, bottom = hook_band(hook, FRAME)
    for place in caption_bands(captions, FRAME, hook.span):
        assert bottom <= place[0] or place[1] <= top


def test_captions_that_are_not_drawn_take_no_room() -> None:
    captions = captions_over(alone(0, 30_000))
    assert caption_bands(replace(captions, drawn=False), FRAME, CLIP) == ()


def test_without_shots_and_faces_captions_stand_where_their_style_says() -> None:
    captions = captions_over()
    assert stand_clear(captions, (), Ground(), FRAME) == captions
    assert captions.style == load_style("punch")


def test_where_two_places_do_the_one_with_fewer_moves_is_taken() -> None:
    anywhere = ScreenBox(500, 1480, 60, 60)
    shots = alone(0, 4_000), alone(4_000, 10_000), alone(10_000, 30_000)
    low = ScreenBox(300, 1000, 480, 600)
    faces = (anywhere, ALONE, low)
    seen = [one for shot, face in zip(shots, faces, strict=True) for one in seen_in(shot, one=face)]
    captions = captions_over(*shots, seen=seen)
    assert [move.at_ms for move in captions.moves] in ([10_000], [0, 10_000])
