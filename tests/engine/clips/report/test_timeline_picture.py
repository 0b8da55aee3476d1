"""The timeline's geometry: everything inside, nothing hidden, small for long talks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.report.timeline_picture import draw_timeline, mark
from goviral.engine.media.signals import SILENT, Signals
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.transcripts.document import Transcript, Word
from goviral.kit.timecode import Span

HOUR_MS = 3_600_000
NOTHING = Transcript(())


def moment(start_ms: int, end_ms: int) -> Moment:
    card = Scorecard(50, 50, 50, 50, 50, 50)
    return Moment(Span(start_ms, end_ms), 50, card, "t", "h", "q", "insight")


def words(*turns: tuple[str, int, int]) -> Transcript:
    return Transcript((), tuple(Word("w", start, end, None, who) for who, start, end in turns))


def test_a_mark_says_where_a_span_lies() -> None:
    assert mark(Span(25, 50), 100) == mark(Span(250, 500), 1000)
    assert (mark(Span(25, 50), 100).x, mark(Span(25, 50), 100).width) == (25, 25)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 900))
def test_a_mark_never_leaves_the_picture(start: int, length: int, total: int) -> None:
    place = mark(Span(start, start + length), total, least=1.0)
    assert place.x >= 0
    assert place.x + place.width <= 100.001
    assert place.width >= 1


def test_moments_keep_their_rank_and_stand_apart() -> None:
    moments = [(moment(100_000, 160_000), False), (moment(130_000, 190_000), True)]
    one, other = draw_timeline(HOUR_MS, SILENT, NOTHING, moments).moments
    assert (one.rank, other.rank) == (1, 2)
    assert (one.row, other.row) == (0, 1)
    assert (one.failed, other.failed) == (False, True)


def test_moments_far_apart_share_a_row() -> None:
    moments = [(moment(0, 60_000), False), (moment(1_800_000, 1_860_000), False)]
    timeline = draw_timeline(HOUR_MS, SILENT, NOTHING, moments)
    assert timeline.rows == 1
    assert timeline.moments[0].badge_x >= 4


def test_a_single_speaker_needs_no_lane() -> None:
    assert draw_timeline(1000, SILENT, words(("A", 0, 500)), []).lanes == ()


def test_speakers_stand_in_order_of_appearance_with_their_turns_joined() -> None:
    transcript = words(("A", 0, 100), ("B", 5000, 5100), ("A", 300, 400), ("A", 9000, 9100))
    one, other = draw_timeline(10_000, SILENT, transcript, []).lanes
    assert (one.speaker, other.speaker) == ("A", "B")
    assert [place.x for place in one.marks] == [0, 90]


def test_a_long_talk_stays_a_small_picture() -> None:
    turns = [("AB"[index % 2], index * 4000, index * 4000 + 100) for index in range(9000)]
    signals = Signals(100, tuple(-20.0 for _ in range(360_000)))
    timeline = draw_timeline(10 * HOUR_MS, signals, words(*turns), [])
    assert all(len(lane.marks) <= 400 for lane in timeline.lanes)
    assert len(timeline.wave) < 20_000


@pytest.mark.parametrize("total_ms", [800, 20_000, 61_000, 2_530_000, HOUR_MS, 36 * HOUR_MS])
def test_the_axis_has_a_few_round_labels(total_ms: int) -> None:
    ticks = draw_timeline(total_ms, SILENT, NOTHING, []).ticks
    assert 1 <= len(ticks) <= 10
    assert ticks[0].label == "0:00"
    assert all(tick.x <= 97 for tick in ticks)


def test_silence_draws_no_wave() -> None:
    assert draw_timeline(1000, SILENT, NOTHING, []).wave == ""


def test_loud_stretches_stand_higher() -> None:
    signals = Signals(100, (-50.0, -50.0, -10.0, -10.0))
    wave = draw_timeline(400, signals, NOTHING, []).wave
    heights = [50 - float(y) for y in re.findall(r",(\d+\.\d)", wave)[:4]]
    assert heights[2] == pytest.approx(50)
    assert heights[0] < 10


@given(st.lists(st.floats(-90, 0), min_size=1, max_size=60))
def test_a_wave_stays_in_its_box(levels: list[float]) -> None:
    wave = draw_timeline(100 * len(levels), Signals(100, tuple(levels)), NOTHING, []).wave
    numbers = [float(n) for n in re.findall(r"\d+\.\d", wave)]
    assert all(0 <= x <= 1000 for x in numbers[::2])
    assert all(0 <= y <= 100 for y in numbers[1::2])


def test_an_empty_source_is_a_picture_too() -> None:
    assert draw_timeline(0, SILENT, NOTHING, []).moments == ()
