"""Where clips begin and end, how large and fast they are, and what a plan says."""

from dataclasses import replace

import pytest

from engine.clips.planning.spoken import AUDIO_ONLY, MEDIA, said
from engine.clips.scenes import look_at
from goviral.engine.clips.captions.hook import hook_band
from goviral.engine.clips.captions.places import caption_bands
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.planning.planner import (
    ASPECTS,
    ClipWishes,
    frame_for,
    plan_clip,
)
from goviral.engine.clips.plans.plan import Layout, Loudness, Platform
from goviral.engine.clips.plans.plan_json import dump_plan, fault_of, load_plan
from goviral.engine.clips.plans.screen import faces_on_screen
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span


def moment(start_ms: int, end_ms: int) -> Moment:
    card = Scorecard(50, 50, 50, 50, 50, 50)
    return Moment(Span(start_ms, end_ms), 50, card, "Title", "hook", "quote", "insight")


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

    def test_captions_stand_between_the_faces_of_a_divided_shot_and_below_the_face_of_another(
        self,
    ) -> None:
        spoken = said(*((at_ms, at_ms + 460) for at_ms in range(5_000, 17_000, 500)))
        both = look_at(
            lambda _: (400, 420, 260),
            lambda s: (1500, 430, 260) if s < 4 else None,
            start_ms=5_000,
            seconds=12,
            cuts_ms=(9_000,),
        )
        plan = plan_clip(
            name="01-title",
            moment=moment(5_000, 17_000),
            media=MEDIA,
            transcript=spoken,
            look=both,
            loudness=None,
            wishes=ClipWishes(),
            span=both.span,
        )
        assert [shot.layout for shot in plan.shots] == [Layout.SPLIT, Layout.FOLLOW]
        for one in faces_on_screen(both, plan.shots, plan.frame, plan.span):
            assert plan.captions is not None
            for place in caption_bands(plan.captions, plan.frame, Span(one.at_ms, one.at_ms + 1)):
                for face in one.boxes:
                    chin = face.y + 0.9 * face.height
                    assert place[1] <= face.y or chin <= place[0], one.at_ms

    def test_an_opening_that_goes_on_and_on_is_no_title_of_a_still(self) -> None:
        made = plan_clip(
            name="01-title",
            moment=replace(moment(5000, 9000), hook="and then " * 40),
            media=MEDIA,
            transcript=self.words,
            look=None,
            loudness=None,
            wishes=ClipWishes(thumbnails=("S1",)),
        )
        assert made.thumbnail is not None
        assert {variant.title for variant in made.thumbnail.variants} == {"Title"}
        assert load_plan(dump_plan(made)) == made

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
