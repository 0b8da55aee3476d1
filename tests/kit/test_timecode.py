from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.timecode import Span, clock, frame_at, frame_count, frame_start_ms, seconds

RATES = st.sampled_from(
    [Fraction(24), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(60000, 1001)]
)


class TestSpan:
    def test_overlap_is_the_common_part(self):
        assert Span(0, 1000).overlap_ms(Span(600, 2000)) == 400

    def test_spans_that_touch_do_not_overlap(self):
        assert Span(0, 1000).overlap_ms(Span(1000, 2000)) == 0

    def test_the_end_does_not_belong_to_it(self):
        assert Span(0, 1000).contains(0)
        assert not Span(0, 1000).contains(1000)

    def test_shifting_keeps_the_duration(self):
        assert Span(100, 350).shifted(-100) == Span(0, 250)


class TestFrames:
    @given(frame=st.integers(0, 5_000_000), fps=RATES)
    def test_the_start_of_a_frame_lies_on_that_frame(self, frame, fps):
        start_ms = frame_start_ms(frame, fps)
        assert frame_at(start_ms, fps) == frame
        assert start_ms == 0 or frame_at(start_ms - 1, fps) == frame - 1

    def test_ntsc_does_not_drift_over_ten_hours(self):
        fps = Fraction(30000, 1001)
        assert frame_at(36_000_000, fps) == 1_078_921

    def test_a_clip_has_at_least_one_frame(self):
        assert frame_count(1, Fraction(25)) == 1
        assert frame_count(2000, Fraction(25)) == 50


class TestText:
    @pytest.mark.parametrize(
        ("at_ms", "text"), [(0, "0.000"), (12_345, "12.345"), (-50, "-0.050"), (7, "0.007")]
    )
    def test_seconds_are_written_without_rounding(self, at_ms, text):
        assert seconds(at_ms) == text

    @pytest.mark.parametrize(
        ("at_ms", "text"),
        [(0, "0:00"), (65_000, "1:05"), (5_999_999, "1:39:59"), (36_000_000, "10:00:00")],
    )
    def test_the_clock_shows_hours_only_when_there_are_any(self, at_ms, text):
        assert clock(at_ms) == text
