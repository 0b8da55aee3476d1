"""The time mapping: whole frames out, every moment where its frame is."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout, Removal, Shot, Source
from goviral.engine.clips.plans.played import (
    from_played_ms,
    played_ms,
    played_spans,
    timeline_of,
    to_played_ms,
)
from goviral.kit.timecode import Span, frame_at, frame_count, frame_start_ms

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)]
SOURCE = Source("talk.mp4", "f", 3_600_000, 1920, 1080, Fraction(25), 0, 1)


def plan_of(
    duration_ms: int, *removed: tuple[int, int], fps: Fraction = Fraction(25), start_ms: int = 0
) -> ClipPlan:
    span = Span(start_ms, start_ms + duration_ms)
    cuts = tuple(Removal(Span(*each), "hand") for each in removed)
    shot = Shot(Span(0, duration_ms), Layout.FIT)
    return ClipPlan("clip", "", SOURCE, span, Frame(1080, 1920, fps), (shot,), removals=cuts)


removals = st.lists(
    st.tuples(st.integers(0, 9_000), st.integers(1, 3_000)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=8,
)


def test_without_removals_everything_stays_where_it_is() -> None:
    plan = plan_of(4000)
    assert played_spans(plan) == (Span(0, 4000),)
    assert [to_played_ms(plan, at) for at in (0, 1, 39, 1234, 4000)] == [0, 1, 39, 1234, 4000]
    assert played_ms(plan) == 4000


def test_what_comes_after_a_removal_moves_up_by_it() -> None:
    plan = plan_of(4000, (1000, 1600), start_ms=10_000)
    assert played_spans(plan) == (Span(10_000, 11_000), Span(11_600, 14_000))
    assert [to_played_ms(plan, at) for at in (999, 1000, 1300, 1600, 1601)] == [
        999,
        1000,
        1000,
        1000,
        1001,
    ]
    assert from_played_ms(plan, 1000) == 1600
    assert played_ms(plan) == 3400


def test_removals_may_overlap_stand_in_any_order_and_reach_beyond_the_clip() -> None:
    plan = plan_of(4000, (3800, 9000), (1200, 1600), (1000, 1400), (0, 200))
    assert played_spans(plan) == (Span(200, 1000), Span(1600, 3800))


def test_a_removal_shorter_than_half_a_frame_takes_nothing_out() -> None:
    assert played_spans(plan_of(4000, (1001, 1010))) == (Span(0, 4000),)


def test_a_source_whose_picture_starts_late_is_counted_on_its_own_frames() -> None:
    fps = Fraction(30000, 1001)
    plan = plan_of(4004, (1001, 2002), fps=fps)
    source = replace(SOURCE, start_offset_ms=70)
    starts_ms = 70 + frame_start_ms(100, fps)
    plan = replace(plan, source=source, span=Span(starts_ms, starts_ms + 4004))
    first, second = played_spans(plan)
    assert first == Span(starts_ms, 70 + frame_start_ms(130, fps))
    assert second.start_ms == 70 + frame_start_ms(160, fps)


@settings(max_examples=60, deadline=None)
@given(removals, st.sampled_from(RATES), st.integers(0, 10_000))
def test_a_moment_stays_on_its_frame(
    removed: list[tuple[int, int]], fps: Fraction, at_ms: int
) -> None:
    plan = plan_of(10_000, *removed, fps=fps)
    line = timeline_of(plan)
    frame, played = frame_at(at_ms, fps), to_played_ms(plan, at_ms)
    assert frame_at(played, fps) == line.frame(frame)
    if line.shows(frame):
        assert line.clip_frame(frame_at(played, fps)) == frame
        assert abs(from_played_ms(plan, played) - at_ms) <= 1


@settings(max_examples=60, deadline=None)
@given(removals, st.sampled_from(RATES), st.lists(st.integers(0, 10_000), min_size=2, max_size=20))
def test_order_is_kept(removed: list[tuple[int, int]], fps: Fraction, times: list[int]) -> None:
    plan = plan_of(10_000, *removed, fps=fps)
    mapped = [to_played_ms(plan, at) for at in sorted(times)]
    assert mapped == sorted(mapped)
    assert all(0 <= at <= played_ms(plan) for at in mapped)


@settings(max_examples=60, deadline=None)
@given(removals, st.sampled_from(RATES), st.integers(0, 100_000))
def test_spans_hold_exactly_the_frames_that_are_played(
    removed: list[tuple[int, int]], fps: Fraction, first: int
) -> None:
    start_ms = frame_start_ms(first, fps)
    plan = plan_of(10_000, *removed, fps=fps, start_ms=start_ms)
    line = timeline_of(plan)
    spans = played_spans(plan)
    assert [
        (frame_at(span.start_ms, fps) - first, frame_at(span.end_ms, fps) - first) for span in spans
    ] == list(line.kept)
    assert frame_count(line.duration_ms, fps) == max(1, line.frames)


@settings(max_examples=40, deadline=None)
@given(removals, st.sampled_from(RATES))
def test_deleting_every_entry_gives_the_whole_clip_back(
    removed: list[tuple[int, int]], fps: Fraction
) -> None:
    plan = plan_of(10_000, *removed, fps=fps)
    assert timeline_of(replace(plan, removals=())) == timeline_of(plan_of(10_000, fps=fps))
