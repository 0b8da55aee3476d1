"""OpenTimelineIO and CMX 3600, read back by OTIO's own adapters where they are installed."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import opentimelineio as oti
import pytest

from engine.clips.exports.plans import clip_plan, follow, split
from goviral.engine.clips.exports.cut_list import CutList, SourceFacts, cut_clip
from goviral.engine.clips.exports.edl import edl
from goviral.engine.clips.exports.fcpxml import fcpxml
from goviral.engine.clips.exports.otio import otio
from goviral.engine.clips.exports.smpte import frame_of, timecode
from goviral.engine.clips.plans.plan import Layout, Removal, Shot
from goviral.kit.timecode import Span

START = SourceFacts(Fraction(3600))


def cuts(facts: SourceFacts = SourceFacts()) -> CutList:
    """A clip cut in the middle, and one of two faces."""
    shots = (follow(0, 2500, 100), Shot(Span(2500, 4000), Layout.FIT))
    plans = [
        clip_plan(shots=shots, removals=(Removal(Span(1000, 2000), "silence"),)),
        clip_plan(name="02-how", title="How?", span=Span(100_000, 104_000), shots=(split(),)),
    ]
    return CutList(
        "The run", tuple(cut_clip(plan) for plan in plans), {plans[0].source.path: facts}
    )


def adapter(name: str) -> None:
    """Adapters other than OTIO's own JSON are packages of their own, of the extra `dev`."""
    assert name in oti.adapters.available_adapter_names()


class TestOtio:
    def read(self, facts: SourceFacts = SourceFacts()) -> Any:
        return oti.adapters.read_from_string(otio(cuts(facts)), "otio_json")

    def test_it_is_read_back_with_every_piece(self) -> None:
        line = self.read()
        assert isinstance(line, oti.schema.Timeline)
        assert line.duration() == oti.opentime.RationalTime(75 + 100, 25)
        video = line.video_tracks()[0]
        ranges = [(c.source_range.start_time.value, c.source_range.duration.value) for c in video]
        assert ranges == [(250, 25), (300, 12), (312, 38), (2500, 100)]
        assert [track.kind for track in line.tracks] == ["Video", "Video", "Audio"]

    def test_every_piece_lies_within_its_media(self) -> None:
        for clip in self.read(START).find_clips():
            assert clip.media_reference.available_range.contains(clip.source_range)
            assert clip.media_reference.target_url.startswith("file:///media/my%20talk")

    def test_tracks_are_equally_long(self) -> None:
        line = self.read()
        assert all(track.duration() == line.duration() for track in line.tracks)

    def test_the_crop_and_its_keys_come_along(self) -> None:
        lower = self.read().video_tracks()[1][-1]
        crop = lower.metadata["goviral"]["crop"]
        assert list(crop["place"]) == [0, 960, 1080, 960]
        assert crop["keys"][0]["frame"] == 0
        assert list(crop["keys"][-1]["crop"]) == [1000, 100, 720, 640]
        assert lower.effects[0].effect_name == "goviral.crop"

    def test_every_clip_is_marked_with_its_title(self) -> None:
        markers = self.read().tracks.markers
        assert [(m.name, m.marked_range.start_time.value) for m in markers] == [
            ("Why?", 0), ("How?", 75),
        ]  # fmt: skip

    def test_it_is_plain_json(self) -> None:
        assert json.loads(otio(cuts()))["OTIO_SCHEMA"].startswith("Timeline")


class TestEdl:
    def test_events_count_on_and_meet(self) -> None:
        events = [line.split() for line in edl(cuts()).splitlines() if line[:3].isdigit()]
        assert [event[0] for event in events] == ["001", "002", "003", "004"]
        assert events[0][4:] == ["00:00:10:00", "00:00:11:00", "01:00:00:00", "01:00:01:00"]
        for before, after in pairwise(events):
            assert before[-1] == after[-2]

    def test_source_time_is_the_camera_s_own(self) -> None:
        first = next(line for line in edl(cuts(START)).splitlines() if line.startswith("001"))
        assert "01:00:10:00 01:00:11:00" in first

    def test_crops_are_told_at_their_record_time(self) -> None:
        text = edl(cuts())
        assert "* CROP: 01:00:00:00 608x1080+100+0 TO 1080x1920+0+0" in text
        assert "TO 1080x960+0+960" in text

    def test_a_source_without_picture_or_sound_takes_only_its_tracks(self) -> None:
        plan = clip_plan()
        mute = replace(plan, source=replace(plan.source, audio_stream=None))
        deaf = replace(
            plan,
            source=replace(plan.source, video_stream=None),
            shots=(Shot(Span(0, 4000), Layout.CANVAS),),
        )
        lines = [edl(CutList("x", (cut_clip(one),), {})).splitlines()[3] for one in (mute, deaf)]
        assert [line.split()[2] for line in lines] == ["V", "AA"]

    def test_names_cannot_break_a_line(self) -> None:
        plan = clip_plan(name="01-a\nb")
        assert "01-a b" in edl(CutList("two\nlines", (cut_clip(plan),), {}))


class TestReadBackByOtio:
    def test_cmx_3600(self, tmp_path: Path) -> None:
        adapter("cmx_3600")
        (tmp_path / "clips.edl").write_text(edl(cuts()))
        line = oti.adapters.read_from_file(str(tmp_path / "clips.edl"), rate=25)
        clips = list(line.video_tracks()[0].find_clips())
        assert [c.source_range.duration.value for c in clips] == [25, 12, 38, 100]
        assert clips[0].name == "my talk & more.mp4"
        assert line.duration().value == 175

    def test_final_cut_xml(self, tmp_path: Path) -> None:
        adapter("fcpx_xml")
        (tmp_path / "clips.fcpxml").write_text(fcpxml(cuts()))
        read = oti.adapters.read_from_file(str(tmp_path / "clips.fcpxml"))
        lines = list(read.find_children(descended_from_type=oti.schema.Timeline))
        lengths = [line.duration().value for line in lines]
        assert lengths == [75, 100]


@pytest.mark.parametrize(
    ("text", "fps", "frame"),
    [
        ("00:00:00:00", Fraction(25), 0),
        ("01:00:00:00", Fraction(25), 90_000),
        ("00:01:00:02", Fraction(30000, 1001), 1802),
        ("00:01:00;02", Fraction(30000, 1001), 1800),
        ("00:10:00;00", Fraction(30000, 1001), 17_982),
        ("01:00:00;00", Fraction(60000, 1001), 215_784),
        ("no timecode", Fraction(25), 0),
    ],
)
def test_timecodes_name_frames(text: str, fps: Fraction, frame: int) -> None:
    assert frame_of(text, fps) == frame


def test_timecode_counts_frames_and_passes_midnight() -> None:
    assert timecode(90_000 + 26, Fraction(25)) == "01:00:01:01"
    assert timecode(1800, Fraction(30000, 1001)) == "00:01:00:00"
    assert timecode(24 * 90_000, Fraction(25)) == "00:00:00:00"
