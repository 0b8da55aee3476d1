"""Seek, lead and frame counts, in exact fractions."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.clips.scenes import FULL_HD, VERTICAL
from goviral.engine.clips.graph.cutting import cut_of, exact, picture_filters, sound_end
from goviral.engine.clips.plans.plan import ClipPlan, Layout, Shot, Source
from goviral.kit.timecode import Span, frame_start_ms

NTSC = Fraction(30000, 1001)


def plan_of(first: int, end: int, fps: Fraction, source: Source = FULL_HD) -> ClipPlan:
    offset_ms = source.start_offset_ms
    span = Span(offset_ms + frame_start_ms(first, fps), offset_ms + frame_start_ms(end, fps))
    shot = Shot(Span(0, span.duration_ms), Layout.FIT)
    return ClipPlan("clip", "", source, span, replace(VERTICAL, fps=fps), (shot,))


@given(
    first=st.integers(0, 400_000),
    count=st.integers(1, 6000),
    fps=st.sampled_from([Fraction(24000, 1001), Fraction(25), NTSC, Fraction(60)]),
    offset_ms=st.integers(0, 2000),
    uneven=st.booleans(),
)
def test_the_clip_starts_on_its_frame_whatever_the_rounding(
    first: int, count: int, fps: Fraction, offset_ms: int, uneven: bool
) -> None:
    source = replace(FULL_HD, start_offset_ms=offset_ms, variable_rate=uneven)
    cut = cut_of(plan_of(first, first + count, fps, source))
    starts_s = cut.seek + cut.lead + cut.warm_up / fps
    assert starts_s == Fraction(offset_ms, 1000) + first / fps
    assert cut.frames == count
    assert cut.seek >= 0
    assert cut.lead >= 0
    assert cut.read > cut.sound_lead + cut.duration


def test_a_source_without_an_index_is_read_from_ten_seconds_before() -> None:
    stream = replace(FULL_HD, container="mpegts")
    assert cut_of(plan_of(900, 1000, Fraction(30), stream)).warm_up == 300
    assert cut_of(plan_of(90, 1000, Fraction(30), stream)).warm_up == 90
    assert cut_of(plan_of(900, 1000, Fraction(30))).warm_up == 0


def test_sound_is_cut_to_the_millisecond_of_the_span() -> None:
    sound = replace(FULL_HD, video_stream=None)
    cut = cut_of(replace(plan_of(0, 30, Fraction(30)), source=sound, span=Span(1234, 5234)))
    assert (cut.seek, cut.lead, cut.frames) == (Fraction(1234, 1000), 0, 120)
    assert sound_end(cut) == "apad=whole_len=192000,atrim=end_sample=192000"


def test_frames_are_numbered_anew_only_after_a_warm_up() -> None:
    plain = picture_filters(cut_of(plan_of(900, 1000, NTSC)))
    assert "fps=fps=30000/1001" in plain
    assert "STARTPTS" not in plain
    uneven = replace(FULL_HD, variable_rate=True)
    assert "STARTPTS" in picture_filters(cut_of(plan_of(900, 1000, NTSC, uneven)))


def test_seconds_are_written_to_the_microsecond() -> None:
    assert exact(Fraction(1001, 30000)) == "0.033367"
