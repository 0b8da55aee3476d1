"""Ends moved by hand: what is seen and said stays at its own place of the source."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.worded import CLIP, said, transcript, worded
from goviral.engine.clips.planning.editing import page_text
from goviral.engine.clips.planning.nudging import with_ends_moved
from goviral.engine.clips.plans.plan import CaptionMove, ClipPlan, Removal, ThumbnailPlan, Zoom
from goviral.engine.clips.plans.plan_json import fault_of
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

PLAN = worded(
    removals=(Removal(Span(5_000, 5_800), "silence"),),
    zooms=(Zoom(Span(200, 900), 1.1),),
    thumbnail=ThumbnailPlan(2_000),
)


def in_source(plan: ClipPlan) -> dict[int, str]:
    """Every word by when it is said in the source."""
    assert plan.captions is not None
    return {
        plan.span.start_ms + word.start_ms: word.text
        for page in plan.captions.pages
        for line in page.lines
        for word in line
    }


def test_a_later_start_takes_words_shots_and_the_rest_along() -> None:
    done = with_ends_moved(PLAN, 1_520, 0)
    assert done.span == Span(11_520, 20_000)
    assert said(done)[0].startswith("LOST")
    assert done.shots[0].span == Span(0, 2_480)
    assert done.shots[0].path[-1].at_ms == 1_480
    assert done.shots[1].span == Span(2_480, 8_480)
    assert done.removals[0].span == Span(3_480, 4_280)
    assert done.zooms == ()
    assert done.thumbnail == ThumbnailPlan(480)
    assert done.hook is not None
    assert done.hook.span.start_ms == 0


def test_a_start_beyond_a_shot_drops_it() -> None:
    done = with_ends_moved(PLAN, 4_400, 0)
    assert [shot.span for shot in done.shots] == [Span(0, 5_600)]
    assert fault_of(done) == ""


def test_an_earlier_start_and_a_later_end_bring_the_words_heard_there() -> None:
    done = with_ends_moved(PLAN, -2_000, 1_000, transcript())
    assert done.span == Span(8_000, 21_000)
    assert done.captions is not None
    texts = " ".join(map(page_text, done.captions.pages))
    assert texts.startswith("Long ago there was. Nobody told me.")
    assert texts.endswith("And after that nothing.")
    assert done.shots[0].span == Span(0, 6_000)
    assert done.shots[-1].span.end_ms == 13_000
    assert {**in_source(PLAN), **in_source(done)} == in_source(done)
    assert fault_of(done) == ""


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "moves"),
    [
        (0, 0, ((0, 0.5), (2_000, None), (4_000, 0.4))),
        (-2_000, 0, ((0, 0.5), (4_000, None), (6_000, 0.4))),
        (1_000, 0, ((0, 0.5), (1_000, None), (3_000, 0.4))),
        (2_400, 0, ((0, None), (1_600, 0.4))),
        (0, -6_400, ((0, 0.5), (2_000, None))),
    ],
)
def test_captions_move_with_the_shots_they_moved_for(
    start_ms: int, end_ms: int, moves: tuple[tuple[int, float | None], ...]
) -> None:
    assert PLAN.captions is not None
    given = (CaptionMove(0, 0.5), CaptionMove(2_000), CaptionMove(4_000, 0.4))
    plan = replace(PLAN, captions=replace(PLAN.captions, moves=given))
    done = with_ends_moved(plan, start_ms, end_ms)
    assert done.captions is not None
    assert done.captions.moves == tuple(CaptionMove(*move) for move in moves)
    assert fault_of(done) == ""


def test_without_a_transcript_a_longer_clip_has_the_words_it_had() -> None:
    done = with_ends_moved(PLAN, -2_000, 1_000)
    assert in_source(done) == in_source(PLAN)


def test_ends_move_by_whole_frames() -> None:
    done = with_ends_moved(PLAN, 210, -90)
    assert (done.span.start_ms - CLIP.start_ms) % 40 == 0
    assert (done.span.end_ms - CLIP.start_ms) % 40 == 0


@pytest.mark.parametrize(("start", "end"), [(-11_000, 0), (0, 45_000), (9_500, 0), (0, -9_600)])
def test_ends_beyond_the_source_or_each_other_are_refused(start: int, end: int) -> None:
    with pytest.raises(InputError):
        with_ends_moved(PLAN, start, end)


@given(st.integers(-3_000, 6_000), st.integers(-2_900, 3_000))
def test_a_plan_moved_can_always_be_rendered(start: int, end: int) -> None:
    done = with_ends_moved(PLAN, start, end, transcript())
    assert fault_of(done) == ""
    assert done.captions is not None
    spans = [page.span for page in done.captions.pages]
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(spans))
    assert all(0 <= s.start_ms < s.end_ms <= done.span.duration_ms for s in spans)
    kept = replace(done, removals=())
    for at_ms, text in in_source(kept).items():
        assert in_source(PLAN).get(at_ms, text).strip(",.") == text.strip(",.")
