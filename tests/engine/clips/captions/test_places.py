"""Captions stand clear of the faces of every shot, and move only with a shot."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.clearance import hidden_share
from goviral.engine.clips.captions.hook import hook_band, plan_hook
from goviral.engine.clips.captions.places import caption_bands, stand_clear
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import Typesetter
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


def captions_over(*shots: Shot, style: str = "punch", one: ScreenBox = ALONE) -> Captions:
    return plan_captions(
        WORDS,
        clip_span=Span(0, shots[-1].span.end_ms) if shots else CLIP,
        style=load_style(style),
        frame=FRAME,
        shots=shots,
        seen=seen_in(*shots, one=one),
    )


def heights(captions: Captions, within: Span) -> set[float | None]:
    """Of the pages that are on screen only then."""
    return {
        page.center_y
        for page in captions.pages
        if within.start_ms <= page.span.start_ms and page.span.end_ms <= within.end_ms
    }


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_in_a_divided_shot_captions_stand_between_the_faces(style: str) -> None:
    captions = captions_over(alone(0, 18_000), divided(18_000, 24_000), alone(24_000, 30_000))
    (between,) = heights(captions, Span(18_000, 24_000))
    assert between is not None
    assert UPPER.y + UPPER.height < between * FRAME.height < LOWER.y
    assert heights(captions, Span(0, 18_000)) == heights(captions, Span(24_000, 30_000)) == {None}
    (place,) = caption_bands(captions, FRAME, Span(19_500, 22_500))
    assert hidden_share([Seen(0, (UPPER, LOWER))], *place) == 0


def test_nothing_moves_where_one_place_does_for_all() -> None:
    low = ScreenBox(300, 250, 480, 500)
    captions = captions_over(divided(0, 15_000), alone(15_000, 30_000), one=low)
    assert heights(captions, CLIP) == {None}
    assert caption_bands(captions, FRAME, CLIP) == caption_bands(captions, FRAME, Span(0, 1_000))


def test_all_shots_that_are_divided_alike_have_one_place() -> None:
    shots = [
        (divided if number % 2 else alone)(number * 3_000, (number + 1) * 3_000)
        for number in range(10)
    ]
    captions = captions_over(*shots)
    assert len({page.center_y for page in captions.pages}) == 2


def test_a_page_over_a_cut_stands_where_it_hides_less() -> None:
    captions = captions_over(alone(0, 18_250), divided(18_250, 30_000))
    crossing = [page for page in captions.pages if page.span.contains(18_250)]
    assert len(crossing) == 1
    setter = Typesetter(captions.style, FRAME)
    drawn = setter.place(crossing[0]).lines[0].baseline
    seen = seen_in(alone(0, 18_250), divided(18_250, 30_000))
    here = [one for one in seen if crossing[0].span.contains(one.at_ms)]
    (place,) = caption_bands(replace(captions, pages=tuple(crossing)), FRAME, CLIP)
    assert place[0] <= drawn <= place[1]
    others = caption_bands(captions, FRAME, CLIP)
    assert hidden_share(here, *place) == min(hidden_share(here, *other) for other in others)


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
    for shot in shots:
        assert len(heights(captions, shot.span)) <= 1
    cuts = [shot.span.start_ms for shot in shots[1:]]
    for before, after in pairwise(captions.pages):
        if before.center_y != after.center_y:
            assert any(before.span.start_ms < cut < after.span.end_ms for cut in cuts)


def test_the_title_stands_off_the_pages_shown_with_it() -> None:
    captions = captions_over(divided(0, 6_000), alone(6_000, 30_000))
    hook = plan_hook(
        "What nobody tells you",
        frame=FRAME,
        clip_ms=CLIP.duration_ms,
        captions=captions,
        seen=[Seen(0, (UPPER, LOWER))],
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
    assert stand_clear(captions, (), (), FRAME) == captions
    assert captions.style == load_style("punch")
