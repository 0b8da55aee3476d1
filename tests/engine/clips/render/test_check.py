"""What the check finds in clips that are wrong in one way each."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.clips.slates import QUIET, ffmpeg, slate_film, slates
from engine.media.reels import Encoding, speechlike, tone, write_film
from engine.media.reels import ffmpeg as run_tool
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout, Loudness, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.check import (
    Promise,
    check_clip,
    examine,
    promise_of,
    starts_at_once,
)
from goviral.engine.media.loudness import MAX_GAIN_DB, TARGET_LUFS, measure_loudness
from goviral.engine.media.probe import MediaInfo
from goviral.kit.timecode import Span

BT709 = "colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
TAGS = ["-bsf:v", f"h264_metadata={BT709}:video_full_range_flag=0"]
PICTURE = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *TAGS]
SOUND = ["-c:a", "aac", "-ar", "48000", "-ac", "2"]
START = ["-movflags", "+faststart"]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return slate_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=50)


def box(kind: bytes, *, wide: bool = False) -> bytes:
    """An MP4 box with twelve bytes in it, its size in 32 or in 64 bits."""
    if wide:
        return b"\0\0\0\1" + kind + (28).to_bytes(8, "big") + bytes(12)
    return (20).to_bytes(4, "big") + kind + bytes(12)


def promised(media: MediaInfo) -> ClipPlan:
    span = Span(0, 2000)
    return ClipPlan(
        "clip", "", source_of(media), span, Frame(320, 180, Fraction(25)),
        (Shot(span, Layout.FIT),), loudness=QUIET,
    )  # fmt: skip


def made(media: MediaInfo, folder: Path, arguments: Sequence[str], name: str = "clip.mp4") -> Path:
    run_tool("-i", media.path, *arguments, folder / name)
    return folder / name


def found(path: Path, plan: ClipPlan) -> set[str]:
    return {finding.check for finding in check_clip(path, plan).findings}


def test_a_clip_as_promised_has_nothing_to_be_found(media: MediaInfo, tmp_path: Path) -> None:
    assert (
        check_clip(made(media, tmp_path, [*PICTURE, *SOUND, *START]), promised(media)).findings
        == ()
    )


@pytest.mark.parametrize(
    ("arguments", "check"),
    [
        ([*PICTURE, *SOUND], "faststart"),
        ([*PICTURE, *START, "-an"], "streams"),
        ([*PICTURE, *SOUND, *START, "-map", "0", "-map", "0:a"], "streams"),
        ([*PICTURE, *SOUND, *START, "-vf", "scale=160:90"], "size"),
        ([*PICTURE, *SOUND, *START, "-pix_fmt", "yuv444p"], "codec"),
        (["-c:v", "libx265", "-x265-params", "log-level=0", *SOUND, *START], "codec"),
        ([*PICTURE, "-c:a", "aac", "-ar", "96000", *START], "codec"),
        ([*PICTURE, "-c:a", "aac", "-ac", "1", *START], "codec"),
        (["-c:v", "libx264", "-pix_fmt", "yuv420p", *SOUND, *START], "colors"),
        ([*PICTURE, *SOUND, *START, "-t", "1.8"], "duration"),
        ([*PICTURE, *SOUND, *START, "-t", "0.8"], "remnant"),
        ([*PICTURE, *SOUND, *START, "-af", "atrim=end=1.5"], "duration"),
        ([*PICTURE, *SOUND, *START, "-af", "asetpts=PTS+0.1/TB"], "sync"),
        ([*PICTURE, *SOUND, *START, "-vf", "lutyuv=y=16:u=128:v=128"], "picture"),
    ],
)
def test_one_fault_is_found_by_its_check(
    media: MediaInfo, tmp_path: Path, arguments: list[str], check: str
) -> None:
    assert check in found(made(media, tmp_path, arguments), promised(media))


def test_one_frame_more_or_less_is_within_the_promise(media: MediaInfo, tmp_path: Path) -> None:
    clip = made(media, tmp_path, [*PICTURE, *SOUND, *START])
    plan = replace(promised(media), span=Span(0, 2040))
    assert check_clip(clip, plan).findings == ()


def test_a_file_that_is_no_clip_is_one_finding(media: MediaInfo, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"not a clip")
    assert found(tmp_path / "clip.mp4", promised(media)) == {"file"}
    assert not starts_at_once(tmp_path / "clip.mp4")


def test_a_clip_without_sound_is_right_where_the_source_has_none(tmp_path: Path) -> None:
    mute = write_film(tmp_path / "mute.mp4", slates(50), encoding=Encoding(Fraction(25)))
    from goviral.engine.media.probe import probe

    media = probe(mute)
    clip = made(media, tmp_path, [*PICTURE, *START])
    assert check_clip(clip, replace(promised(media), loudness=None)).findings == ()


class TestLoudness:
    @pytest.fixture
    def clip(self, media: MediaInfo, tmp_path: Path) -> Path:
        loud = write_film(tmp_path / "loud.mp4", slates(150), speechlike(6, level=0.1))
        return made(replace(media, path=loud), tmp_path, [*PICTURE, *SOUND, *START])

    @pytest.fixture
    def heard_lufs(self, clip: Path) -> float:
        return measure_loudness(ffmpeg(), clip, Span(0, 7000)).integrated_lufs

    @pytest.mark.parametrize("off", [-0.6, 0.6, 5])
    def test_more_than_half_a_unit_off_is_an_error(
        self, media: MediaInfo, clip: Path, heard_lufs: float, off: float
    ) -> None:
        assert severities(media, clip, Loudness(heard_lufs + off, 0, -1, -20)) == {
            "loudness": "error"
        }

    @pytest.mark.parametrize("off", [-0.5, 0.0, 0.5])
    def test_half_a_unit_off_is_as_promised(
        self, media: MediaInfo, clip: Path, heard_lufs: float, off: float
    ) -> None:
        assert severities(media, clip, Loudness(heard_lufs + off, 0, -1, -20)) == {}

    def test_a_source_too_quiet_for_the_usual_loudness_is_told(
        self, media: MediaInfo, clip: Path, heard_lufs: float
    ) -> None:
        assert heard_lufs < TARGET_LUFS - 1
        quiet = Loudness(heard_lufs, MAX_GAIN_DB, -1, -60)
        assert severities(media, clip, quiet) == {"loudness": "warning"}

    def test_a_true_peak_above_the_limit_is_an_error(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        hot = write_film(tmp_path / "hot.mp4", slates(50), tone(2, level=0.999))
        clip = made(replace(media, path=hot), tmp_path, [*PICTURE, *SOUND, *START])
        assert severities(media, clip, Loudness(-3.0, 0, -1, -20))["peak"] == "error"


def severities(media: MediaInfo, clip: Path, gain: Loudness) -> dict[str, str]:
    """What of its loudness and peak is found."""
    findings = check_clip(clip, replace(promised(media), loudness=gain), ffmpeg=ffmpeg()).findings
    heard = {"loudness", "peak"}
    return {finding.check: finding.severity for finding in findings if finding.check in heard}


@pytest.mark.parametrize(
    ("content", "at_once"),
    [
        (box(b"ftyp") + box(b"moov") + box(b"mdat"), True),
        (box(b"ftyp") + box(b"mdat", wide=True) + box(b"moov"), False),
        (box(b"ftyp", wide=True) + box(b"moov"), True),
        (box(b"ftyp") + b"\0\0\0\3free" + box(b"moov"), False),
        (b"", False),
    ],
)
def test_the_index_is_looked_for_box_by_box(tmp_path: Path, content: bytes, at_once: bool) -> None:
    (tmp_path / "boxes.mp4").write_bytes(content)
    assert starts_at_once(tmp_path / "boxes.mp4") is at_once


def test_another_rate_than_planned_is_found(media: MediaInfo, tmp_path: Path) -> None:
    slow = made(media, tmp_path, [*PICTURE, *SOUND, *START, "-vf", "setpts=PTS*1.1"])
    assert "fps" in found(slow, promised(media))


def film_of(pictures: Sequence[str], folder: Path) -> Path:
    """A clip as promised but for its picture: lavfi sources one after another."""
    inputs = [word for source in pictures for word in ("-f", "lavfi", "-i", source)]
    joined = "".join(f"[{at}:v]" for at in range(len(pictures)))
    run_tool(
        *inputs, "-f", "lavfi", "-i", "sine=f=300:d=20", "-filter_complex",
        f"{joined}concat=n={len(pictures)}[v]", "-map", "[v]", "-map", f"{len(pictures)}:a",
        "-shortest", "-g", "50", *PICTURE, *SOUND, *START, folder / "shown.mp4",
    )  # fmt: skip
    return folder / "shown.mp4"


MOVING = "testsrc2=s=320x180:r=25"
BLACK = "color=c=black:s=320x180:r=25"


@pytest.mark.parametrize("whole", [False, True])
def test_a_black_stretch_is_told(tmp_path: Path, whole: bool) -> None:
    path = film_of([f"{MOVING}:d=6", f"{BLACK}:d=6", f"{MOVING}:d=2"], tmp_path)
    findings = examine(path, Promise(target_lufs=None), ffmpeg=ffmpeg(), whole=whole).findings
    (black,) = {f.message for f in findings if f.check == "black"} or {""}
    assert "from 6.0 to 1" in black
    assert all(f.severity == "warning" for f in findings)


def test_half_a_second_of_black_is_seen_only_by_playing_it_all(tmp_path: Path) -> None:
    path = film_of([f"{MOVING}:d=4.2", f"{BLACK}:d=0.8", f"{MOVING}:d=3"], tmp_path)
    promise = Promise(target_lufs=None)
    assert examine(path, promise, ffmpeg=ffmpeg()).findings == ()
    checks = {f.check for f in examine(path, promise, ffmpeg=ffmpeg(), whole=True).findings}
    assert checks == {"black"}


@pytest.mark.parametrize("whole", [False, True])
def test_a_picture_that_stands_still_is_told(tmp_path: Path, whole: bool) -> None:
    still = "testsrc2=s=320x180:r=25:d=0.04,loop=-1:1:0,setpts=N/25/TB,trim=end=12"
    path = film_of([f"{MOVING}:d=4", still], tmp_path)
    findings = examine(path, Promise(target_lufs=None), ffmpeg=ffmpeg(), whole=whole).findings
    assert [f.check for f in findings] == ["frozen"]
    # The encoder takes a while to settle after a cut.
    starts = findings[0].message.removeprefix("its picture stands still from ").split()[0]
    assert 4.0 <= float(starts) <= 6.0


def test_a_damaged_clip_is_found_by_playing_it_all(media: MediaInfo, tmp_path: Path) -> None:
    clip = made(media, tmp_path, [*PICTURE, *SOUND, *START])
    content = bytearray(clip.read_bytes())
    middle = content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 2
    content[middle : middle + 4000] = bytes(4000)
    clip.write_bytes(content)
    examination = examine(clip, promise_of(promised(media)), ffmpeg=ffmpeg(), whole=True)
    assert not examination.passed
    assert "decode" in {f.check for f in examination.findings if f.severity == "error"}


def test_without_a_plan_everything_but_size_and_length_is_checked(
    media: MediaInfo, tmp_path: Path
) -> None:
    clip = made(media, tmp_path, [*PICTURE, *SOUND, *START])
    assert examine(clip, Promise()).findings == ()
    bare = made(media, tmp_path, ["-c:v", "libx264", "-pix_fmt", "yuv420p", *SOUND], "bare.mp4")
    assert {f.check for f in examine(bare, Promise()).findings} == {"colors", "faststart"}


def test_what_was_measured_is_told(media: MediaInfo, tmp_path: Path) -> None:
    clip = made(media, tmp_path, [*PICTURE, *SOUND, *START])
    facts = examine(clip, Promise(), ffmpeg=ffmpeg()).facts
    assert (facts["width"], facts["height"], facts["fps"], facts["frames"]) == (320, 180, "25", 50)
    assert facts["duration_s"] == 2.0
    assert facts["skew_ms"] == 0
    assert {"lufs", "true_peak_dbtp"} <= facts.keys()
