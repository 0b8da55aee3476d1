"""Where clips begin and end, and their rate."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.planning.spoken import MEDIA, NTSC, VIDEO, said
from goviral.engine.clips.planning.ends import clip_rate, clip_span, without_glimpses
from goviral.engine.media.probe import MediaInfo
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.timecode import Span


class TestClipSpan:
    def test_it_leads_the_first_word_and_trails_the_last(self) -> None:
        words = said((1000, 1400), (5000, 5400), (5500, 9000), (12_000, 12_500))
        span = clip_span(Span(5000, 9000), words, MEDIA)
        assert span == Span(4800, 9367)

    def test_it_never_reaches_into_the_words_around_it(self) -> None:
        words = said((4000, 4950), (5000, 5400), (5500, 9000), (9040, 9500))
        span = clip_span(Span(5000, 9000), words, MEDIA)
        assert 4950 <= span.start_ms <= 5000
        assert 9000 <= span.end_ms <= 9040

    def test_it_ends_with_what_can_be_read(self) -> None:
        words = said((5000, 5400), (59_000, 59_990))
        assert clip_span(Span(5000, 59_990), words, MEDIA).end_ms == 60_000

    def test_without_words_the_moment_itself_counts(self) -> None:
        silent = Transcript((Sentence(0, "x", 0, 9000),))
        assert clip_span(Span(5000, 8000), silent, MEDIA).start_ms <= 5000

    def test_frames_are_counted_from_the_first_picture(self) -> None:
        late = replace(MEDIA, video=replace(VIDEO, start_ms=80))
        span = clip_span(Span(5000, 9000), said((5000, 5400), (5500, 9000)), late)
        assert (span.start_ms - 80) * 30 % 1000 < 30

    @given(
        start=st.integers(0, 30_000),
        lengths=st.lists(
            st.tuples(st.integers(0, 900), st.integers(40, 900)), min_size=3, max_size=12
        ),
        fps=st.sampled_from([Fraction(24), Fraction(25), NTSC, Fraction(60)]),
        chosen=st.tuples(st.integers(0, 5), st.integers(1, 6)),
    )
    def test_every_clip_holds_its_words_and_no_others(
        self,
        start: int,
        lengths: list[tuple[int, int]],
        fps: Fraction,
        chosen: tuple[int, int],
    ) -> None:
        times, at = [], start
        for pause, length in lengths:
            times.append((at + pause, at + pause + length))
            at += pause + length
        first = min(chosen[0], len(times) - 1)
        last = min(first + chosen[1], len(times)) - 1
        media = replace(MEDIA, video=replace(VIDEO, fps=fps))
        span = clip_span(Span(times[first][0], times[last][1]), said(*times), media)
        frame_ms = 1000 / fps
        assert times[first][0] - 300 <= span.start_ms <= times[first][0] + frame_ms
        assert times[last][1] <= span.end_ms <= times[last][1] + 350 + frame_ms + 1
        if first:
            assert span.start_ms >= times[first - 1][1]
        # On whole frames: cutting there again changes nothing.
        assert round(span.start_ms * fps / 1000) * frame_ms == pytest.approx(span.start_ms, abs=1)


@pytest.mark.parametrize(
    ("source", "variable", "clip"),
    [
        (Fraction(25), False, Fraction(25)),
        (NTSC, False, NTSC),
        (Fraction(60), False, Fraction(60)),
        (Fraction(120), False, Fraction(60)),
        (Fraction(100), False, Fraction(50)),
        (Fraction(12), False, Fraction(24)),
        (Fraction(1), False, Fraction(20)),
        (Fraction(2713, 100), True, Fraction(25)),
        (Fraction(2913, 100), True, NTSC),
        (Fraction(200), True, Fraction(60)),
    ],
)
def test_the_rate_is_the_sources_own_where_that_is_sensible(
    source: Fraction, variable: bool, clip: Fraction
) -> None:
    assert clip_rate(replace(VIDEO, fps=source, variable_rate=variable)) == clip


class TestWithoutGlimpses:
    """Words from 5000 to 9000; the clip shows 4800 to 9367."""

    @staticmethod
    def trimmed(*cuts_ms: int, media: MediaInfo = MEDIA) -> Span:
        words, moment = (
            said((1000, 1400), (5000, 5400), (5500, 9000), (12_000, 12_500)),
            Span(5000, 9000),
        )
        span = clip_span(moment, words, media)
        return without_glimpses(span, moment, words, media, cuts_ms)

    def test_it_begins_and_ends_with_the_shots_of_its_words(self) -> None:
        assert self.trimmed(4900, 9200) == Span(4900, 9200)

    def test_of_several_cuts_the_nearest_to_the_words_count(self) -> None:
        assert self.trimmed(4834, 4967, 9100, 9300) == Span(4967, 9100)

    def test_no_word_is_lost_for_the_picture(self) -> None:
        assert self.trimmed(5034, 7000, 8967) == Span(4800, 9367)

    def test_the_last_word_rings_on(self) -> None:
        assert self.trimmed(9034).end_ms == 9367

    def test_it_lies_on_the_very_frame_of_the_cut(self) -> None:
        late = replace(MEDIA, video=replace(VIDEO, fps=NTSC, start_ms=80))
        cut_ms = 80 + round(147 * 1001 / 30)
        span = self.trimmed(cut_ms, media=late)
        assert abs(span.start_ms - cut_ms) <= 1
        assert round((span.start_ms - 80) * NTSC / 1000) == 147
