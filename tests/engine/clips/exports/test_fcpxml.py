"""Final Cut's XML: by the rules of its DTD, and true to the cut."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from engine.clips.exports.dtd import faults, seconds
from engine.clips.exports.plans import clip_plan, follow, split
from goviral.engine.clips.exports.cut_list import CutList, Rect, SourceFacts, cut_clip
from goviral.engine.clips.exports.fcpxml import fcpxml
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Insert, Layout, Removal, Shot
from goviral.kit.timecode import Span

NTSC = Fraction(30000, 1001)


def moving() -> Shot:
    path = (CropKey(0, 100, 0), CropKey(400, 100, 0), CropKey(1200, 700, 0))
    return Shot(Span(0, 4000), Layout.FOLLOW, 608, 1080, path)


def heard_only() -> ClipPlan:
    plan = clip_plan(shots=(Shot(Span(0, 4000), Layout.CANVAS),))
    source = replace(plan.source, video_stream=None, width=0, height=0)
    return replace(plan, source=source)


PLANS: dict[str, Callable[[], list[ClipPlan]]] = {
    "resting": lambda: [clip_plan()],
    "moving": lambda: [clip_plan(shots=(moving(),))],
    "split": lambda: [clip_plan(shots=(split(),))],
    "part shown whole": lambda: [
        clip_plan(shots=(Shot(Span(0, 4000), Layout.FIT, 800, 600, (CropKey(0, 50, 60),)),))
    ],
    "layouts and removals": lambda: [
        clip_plan(
            shots=(follow(0, 1500, 100), Shot(Span(1500, 2500), Layout.FIT), follow(2500, 4000, 9)),
            removals=(Removal(Span(1000, 2000), "silence"),),
            inserts=(Insert(Span(2200, 3000), "/media/a.mp4", "x"),),
        )
    ],
    "ntsc": lambda: [clip_plan(fps=NTSC, span=Span(10_010, 14_014))],
    "no sound": lambda: [
        replace(clip_plan(), source=replace(clip_plan().source, audio_stream=None))
    ],
    "sound only": lambda: [heard_only()],
    "no words": lambda: [clip_plan(captions=None)],
    "several": lambda: [
        clip_plan(),
        clip_plan(name="02-<how> & why", title='How "<&>"', shots=(split(),)),
        heard_only(),
    ],
}


def document(plans: list[ClipPlan], facts: SourceFacts = SourceFacts()) -> str:
    clips = tuple(cut_clip(plan) for plan in plans)
    return fcpxml(CutList("Run & <one>", clips, {plan.source.path: facts for plan in plans}))


def tree(plans: list[ClipPlan], facts: SourceFacts = SourceFacts()) -> ElementTree.Element:
    return ElementTree.fromstring(document(plans, facts))


@pytest.mark.parametrize("name", PLANS)
class TestEveryDocument:
    def test_keeps_the_rules_of_the_dtd(self, name: str) -> None:
        assert faults(document(PLANS[name](), SourceFacts(Fraction(3600)))) == []

    def test_has_every_time_on_a_frame(self, name: str) -> None:
        plans = PLANS[name]()
        fps = plans[0].frame.fps
        for element in tree(plans).iter():
            for key in ("offset", "start", "duration", "time"):
                at = seconds(element.get(key, "0s"))
                assert at is not None
                assert element.tag == "caption" or (at * fps).denominator == 1

    def test_fills_each_storyline_without_gap_or_overlap(self, name: str) -> None:
        for sequence in tree(PLANS[name]()).iter("sequence"):
            at = Fraction(0)
            for story in sequence.find("spine") or ():
                assert seconds(story.get("offset", "")) == at
                at += seconds(story.get("duration", "")) or 0
            assert seconds(sequence.get("duration", "")) == at

    def test_stays_inside_its_media(self, name: str) -> None:
        root = tree(PLANS[name](), SourceFacts(Fraction(3600)))
        for asset in root.iter("asset"):
            first = seconds(asset.get("start", "")) or Fraction(0)
            last = first + (seconds(asset.get("duration", "")) or 0)
            for clip in root.iter("asset-clip"):
                start = seconds(clip.get("start", "")) or Fraction(0)
                assert first <= start
                assert start + (seconds(clip.get("duration", "")) or 0) <= last


def test_the_rules_find_what_is_wrong() -> None:
    good = document([clip_plan(shots=(moving(),))])
    assert any("children" in fault for fault in faults(good.replace("adjust-volume", "gap", 1)))
    assert any("nowhere" in fault for fault in faults(good.replace('id="r3"', 'id="r9"')))
    assert any("twice" in fault for fault in faults(good.replace('id="r2"', 'id="r1"')))
    assert any("no time" in fault for fault in faults(good.replace('start="10s"', 'start="10.0"')))
    assert any("unknown" in fault for fault in faults(good.replace("srcEnable", "sourceEnable")))


def test_each_clip_is_a_project_of_its_own_shape() -> None:
    wide = replace(clip_plan().frame, width=1920, height=1080)
    plans = [clip_plan(), clip_plan(name="02-how", title="How?", frame=wide)]
    root = tree(plans)
    assert [project.get("name") for project in root.iter("project")] == ["Why?", "How?"]
    formats = {one.get("id"): one for one in root.iter("format")}
    shapes = [formats[sequence.get("format")] for sequence in root.iter("sequence")]
    assert [(shape.get("width"), shape.get("height")) for shape in shapes] == [
        ("1080", "1920"), ("1920", "1080"),
    ]  # fmt: skip
    assert len(list(root.iter("asset"))) == 1


def test_the_media_is_named_so_that_any_path_is_found() -> None:
    (media,) = tree([clip_plan()]).iter("media-rep")
    assert media.get("src") == "file:///media/my%20talk%20%26%20more.mp4"


def test_a_camera_s_own_timecode_is_where_its_media_starts() -> None:
    root = tree([clip_plan()], SourceFacts(Fraction(3600), 6, 44_100))
    (asset,) = root.iter("asset")
    assert (asset.get("start"), asset.get("audioChannels")) == ("3600s", "6")
    (clip,) = root.iter("asset-clip")
    assert clip.get("start") == "3610s"


@pytest.mark.parametrize("shot", [follow(0, 4000, 100), moving(), split()])
def test_the_transform_puts_the_crop_into_its_place(shot: Shot) -> None:
    """What Final Cut does with scale, position and trim, done here: the crop's edges land where they must."""
    plan = clip_plan(shots=(shot,))
    clip = cut_clip(plan)
    stories = list(tree([plan]).iter("asset-clip"))
    for layer, story in zip(clip.pieces[0].layers, stories, strict=True):
        transform = story.find("adjust-transform")
        assert transform is not None
        keys = transform.findall(".//keyframe")
        positions = [k.get("value", "") for k in keys] or [transform.get("position", "")]
        enlarged = float(transform.get("scale", "").split()[0])
        for key, position in zip(layer.keys, positions, strict=True):
            seen = _shown(key.crop, enlarged, position)
            for at, wanted in zip(seen, _edges(layer.place), strict=True):
                assert at == pytest.approx(wanted, abs=1.0)


def _shown(crop: Rect, enlarged: float, position: str) -> tuple[float, ...]:
    """The crop's edges in a 1080x1920 frame: 1080p fitted, scaled about the middle, moved in per cent."""
    fitted = 1080 / 1920 * enlarged
    x, y = (float(part) for part in position.split())
    left = 540 + x * 19.2 + (crop.x - 960) * fitted
    top = 960 - y * 19.2 + (crop.y - 540) * fitted
    return left, top, left + crop.width * fitted, top + crop.height * fitted


def _edges(place: Rect) -> tuple[float, ...]:
    return place.x, place.y, place.x + place.width, place.y + place.height


def test_what_lies_outside_a_cell_is_trimmed_away() -> None:
    stories = list(tree([clip_plan(shots=(split(),))]).iter("asset-clip"))
    rect = stories[0].find("adjust-crop/trim-rect")
    assert rect is not None
    sides = {side: float(rect.get(side, "")) for side in ("left", "top", "right", "bottom")}
    assert sides == pytest.approx(
        {"left": 100 / 10.8, "top": 50 / 10.8, "right": 1100 / 10.8, "bottom": 390 / 10.8},
        abs=0.001,
    )
    moving_rect = stories[1].find("adjust-crop/trim-rect")
    assert moving_rect is not None
    assert [param.get("name") for param in moving_rect] == ["left", "top", "right", "bottom"]


def test_further_faces_are_connected_without_their_sound() -> None:
    main, other = tree([clip_plan(shots=(split(),))]).iter("asset-clip")
    assert other in list(main)
    assert (main.get("srcEnable"), main.get("lane")) == ("all", None)
    assert (other.get("srcEnable"), other.get("lane"), other.get("offset")) == ("video", "1", "10s")
    assert other.find("adjust-volume") is None


def test_words_are_captions_in_their_language_at_their_time() -> None:
    captions = list(tree([clip_plan()]).iter("caption"))
    assert [caption.findtext("text/text-style") for caption in captions] == [
        "That is why.", "Nobody knows <this> & that.",
    ]  # fmt: skip
    assert {caption.get("role") for caption in captions} == {"SRT?captionFormat=SRT.en"}
    starts = [seconds(caption.get("offset", "")) for caption in captions]
    assert starts == [10 + Fraction(2, 25), 12]


def test_the_gain_is_the_clip_s() -> None:
    (volume,) = tree([clip_plan()]).iter("adjust-volume")
    assert volume.get("amount") == "3.25dB"
