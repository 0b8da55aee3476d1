"""Where clips begin and end, how large and fast they are, and what a plan says."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.scenes import look_at
from goviral.engine.clips.captions.hook import hook_band
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.planning.planner import (
    ASPECTS,
    ClipWishes,
    clip_rate,
    clip_span,
    frame_for,
    plan_clip,
)
from goviral.engine.clips.plans.plan import Layout, Loudness, Platform
from goviral.engine.clips.plans.plan_json import dump_plan, fault_of, load_plan
from goviral.engine.media.probe import AudioStream, MediaInfo, VideoStream
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

NTSC = Fraction(30000, 1001)
VIDEO = VideoStream(0, 1920, 1080, Fraction(30), color_space="bt709")
MEDIA = MediaInfo(
    Path("/talk.mp4"), "f00", 60_000, VIDEO, AudioStream(1, 2, 48000), container="mov"
)
AUDIO_ONLY = replace(MEDIA, video=None)


def said(*times: tuple[int, int]) -> Transcript:
    words = tuple(Word(f"word{i}", start, end) for i, (start, end) in enumerate(times))
    return Transcript((Sentence(0, "x", times[0][0], times[-1][1]),), words, "en")


def moment(start_ms: int, end_ms: int) -> Moment:
    card = Scorecard(50, 50, 50, 50, 50, 50)
    return Moment(Span(start_ms, end_ms), 50, card, "Title", "hook", "quote", "insight")


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


def test_an_aspect_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="There is no aspect") as caught:
        frame_for("2:1", MEDIA)
    assert "9:16" in caught.value.remedy


class TestPlanClip:
    words = said((5000, 5400), (5500, 6000), (6100, 9000))
    loudness = Loudness(-14.0, 2.0, -1.7, -16.0)

    @pytest.mark.parametrize("aspect", ASPECTS)
    def test_it_is_complete_and_can_be_rendered(self, aspect: str) -> None:
        plan = plan_clip(
            name="01-title",
            moment=moment(5000, 9000),
            media=MEDIA,
            transcript=self.words,
            look=look_at(lambda _: (1300, 400, 220), start_ms=4800, seconds=4.6),
            loudness=self.loudness,
            wishes=ClipWishes(aspect=aspect),
        )
        assert fault_of(plan) == ""
        assert (plan.frame.width, plan.frame.height) == ASPECTS[aspect]
        assert plan.shots[0].span.start_ms == 0
        assert plan.shots[-1].span.end_ms == plan.span.duration_ms
        assert plan.captions is not None
        assert plan.captions.pages
        assert plan.thumbnail is not None
        assert (plan.source.color_space, plan.source.container) == ("bt709", "mov")

    @pytest.mark.parametrize("seen", [False, True])
    def test_half_pictures_seen_in_its_span_are_made_whole(self, seen: bool) -> None:
        look = look_at(lambda _: (1300, 400, 220), start_ms=4800, seconds=4.6)
        plan = plan_clip(
            name="01-title",
            moment=moment(5000, 9000),
            media=MEDIA,
            transcript=self.words,
            look=replace(look, interlaced=seen),
            loudness=self.loudness,
            wishes=ClipWishes(),
        )
        assert plan.source.interlaced is seen

    def test_sound_alone_gets_a_canvas(self) -> None:
        plan = plan_clip(
            name="01-title",
            moment=moment(5000, 9000),
            media=AUDIO_ONLY,
            transcript=self.words,
            look=None,
            loudness=self.loudness,
            wishes=ClipWishes(captions=None, layout="split"),
        )
        assert [shot.layout for shot in plan.shots] == [Layout.CANVAS]
        assert "no picture" in plan.notes[0]
        assert plan.captions is not None
        assert not plan.captions.drawn
        assert plan.hook is None
        assert plan.frame.fps == 30
        assert fault_of(plan) == ""

    def test_a_layout_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="no layout 'cinema'"):
            plan_clip(
                name="01-title",
                moment=moment(5000, 9000),
                media=AUDIO_ONLY,
                transcript=self.words,
                look=None,
                loudness=self.loudness,
                wishes=ClipWishes(captions=None, layout="cinema"),
            )

    def test_captions_keep_clear_of_the_face(self) -> None:
        high, low = (
            plan_clip(
                name="01-title",
                moment=moment(5000, 9000),
                media=MEDIA,
                transcript=self.words,
                look=look_at(lambda _, y=y: (1300, y, 160), start_ms=4800, seconds=4.6),
                loudness=None,
                wishes=ClipWishes(),
            )
            for y in (300, 740)
        )
        assert high.captions is not None
        assert low.captions is not None
        assert low.captions.style.center_y != high.captions.style.center_y

    @pytest.mark.parametrize("platform", [p for p in Platform if p is not Platform.ANY])
    def test_words_get_the_room_a_platform_leaves_them(self, platform: Platform) -> None:
        everywhere, there = (
            plan_clip(
                name="01-title",
                moment=replace(moment(5000, 9000), title="What nobody tells you"),
                media=MEDIA,
                transcript=self.words,
                look=None,
                loudness=None,
                wishes=ClipWishes(platform=one),
            )
            for one in (Platform.ANY, platform)
        )
        assert there.frame == replace(everywhere.frame, platform=platform)
        assert load_plan(dump_plan(there)) == there
        assert there.hook is not None
        assert everywhere.hook is not None
        assert hook_band(there.hook, there.frame)[0] >= safe_area(there.frame).top
        assert there.hook.center_y <= everywhere.hook.center_y

    @pytest.mark.parametrize("aspect", [name for name in ASPECTS if name != "9:16"])
    def test_a_shape_no_platform_covers_is_made_for_none(self, aspect: str) -> None:
        assert frame_for(aspect, MEDIA, Platform.TIKTOK) == frame_for(aspect, MEDIA)

    def test_an_unknown_style_is_refused(self) -> None:
        with pytest.raises(InputError):
            plan_clip(
                name="01-title",
                moment=moment(5000, 9000),
                media=AUDIO_ONLY,
                transcript=self.words,
                look=None,
                loudness=None,
                wishes=ClipWishes(captions="comic"),
            )

    def test_a_picture_nobody_looked_at_is_cut_in_its_middle(self) -> None:
        plan = plan_clip(
            name="01-title",
            moment=moment(5000, 9000),
            media=MEDIA,
            transcript=self.words,
            look=None,
            loudness=None,
            wishes=ClipWishes(captions=None),
        )
        (shot,) = plan.shots
        assert shot.layout is Layout.FOLLOW
        assert shot.path[0].x == 656
