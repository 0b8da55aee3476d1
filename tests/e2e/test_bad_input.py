"""Bad input: one line that says what is wrong and what to do, exit 2, nothing half-written."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.films import film, said

pytestmark = pytest.mark.e2e
SHORT = ("--min", "5", "--max", "7", "--count", "1", "--captions", "none")


def no_such_file(folder: Path) -> list[object]:
    return [folder / "nothing.mp4"]


def a_folder(folder: Path) -> list[object]:
    return [folder]


def not_a_video(folder: Path) -> list[object]:
    path = folder / "notes.mp4"
    path.write_text("These are only words.")
    return [path]


def an_empty_file(folder: Path) -> list[object]:
    path = folder / "empty.mp4"
    path.touch()
    return [path]


def no_audio_track(folder: Path) -> list[object]:
    return [film(folder / "mute.mp4", sound=False, seconds=2)]


def no_speech(folder: Path) -> list[object]:
    return [film(folder / "noise.mp4", seconds=3)]


def an_empty_transcript(folder: Path) -> list[object]:
    path = folder / "words.json"
    path.write_text(json.dumps({"sentences": []}))
    return [film(folder / "a.mp4", seconds=2), "--transcript", path]


def a_transcript_that_is_none(folder: Path) -> list[object]:
    path = folder / "words.srt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    return [film(folder / "a.mp4", seconds=2), "--transcript", path]


def a_missing_transcript(folder: Path) -> list[object]:
    return [film(folder / "a.mp4", seconds=2), "--transcript", folder / "no.srt"]


def crossed_lengths(folder: Path) -> list[object]:
    return [film(folder / "a.mp4", seconds=2), "--min", "90", "--max", "40"]


def an_unknown_style(folder: Path) -> list[object]:
    path = film(folder / "a.mp4", seconds=9)
    return [path, "--transcript", said(folder / "a.json"), "--captions", "sparkles"]


def a_private_address(folder: Path) -> list[object]:
    return ["http://127.0.0.1:9/talk.mp4"]


def a_file_address(folder: Path) -> list[object]:
    return ["file:///etc/passwd"]


def no_network(folder: Path) -> list[object]:
    return ["https://no-such-host.invalid/talk.mp4"]


def a_model_that_is_not_there(folder: Path) -> list[object]:
    path = film(folder / "a.mp4", seconds=2)
    path.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello.\n")
    return [path, "--engine", "faster-whisper", "--model", folder / "nowhere"]


REFUSED = [
    (no_such_file, "no file"),
    (a_folder, "folder"),
    (not_a_video, "notes.mp4"),
    (an_empty_file, "empty"),
    (no_audio_track, "no audio"),
    (no_speech, "speech"),
    (an_empty_transcript, "no sentence|empty|nothing|no words"),
    (a_transcript_that_is_none, "transcript"),
    (a_missing_transcript, "no file"),
    (crossed_lengths, "--min"),
    (an_unknown_style, "sparkles"),
    (a_private_address, "private|loopback|not allowed|refused"),
    (a_file_address, "file"),
    (no_network, "reach|network|found|resolve"),
    (a_model_that_is_not_there, "nowhere|speak"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_it_is_refused_in_one_line(goviral, tmp_path, make, words):
    import re

    inputs = tmp_path / "in"
    inputs.mkdir()
    out = tmp_path / "out"
    ran = goviral("clip", *make(inputs), "--out", out)
    assert ran.code == 2
    assert re.search(words, ran.err, re.IGNORECASE), ran.err
    assert "Traceback" not in ran.err
    left = [path for path in out.rglob("*") if path.is_file() and path.name != "lock"]
    assert [path for path in left if ".goviral" not in path.parts] == []
    assert [path for path in left if ".part" in path.name] == []


def three_seconds(folder: Path) -> Path:
    return film(folder / "short.mp4", seconds=3)


def cut_off_in_the_middle(folder: Path) -> Path:
    whole = film(folder / "whole.mkv", seconds=14)
    path = folder / "cut.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 7 // 10])
    return path


def variable_rate(folder: Path) -> Path:
    drop = ("-vf", "select='not(mod(floor(n/10),3)*mod(n,2))'", "-fps_mode", "vfr")
    return film(folder / "vfr.mp4", extra=drop)


def rotated(folder: Path) -> Path:
    from e2e.films import ffmpeg

    upright = film(folder / "upright.mp4", size="180x320")
    ffmpeg("-display_rotation", "90", "-i", upright, "-c", "copy", folder / "rotated.mp4")
    return folder / "rotated.mp4"


def odd_size(folder: Path) -> Path:
    return film(folder / "odd.mkv", size="321x181", pixels="yuv444p")


def mono(folder: Path) -> Path:
    return film(folder / "mono.mp4", channels="mono")


def surround(folder: Path) -> Path:
    return film(folder / "surround.mp4", channels="5.1")


def four_four_four(folder: Path) -> Path:
    return film(folder / "full.mp4", pixels="yuv444p10le")


def high_dynamic_range(folder: Path) -> Path:
    tags = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    return film(folder / "hdr.mp4", pixels="yuv420p10le", extra=tags)


def spaces_quotes_emoji(folder: Path) -> Path:
    return film(folder / 'it\'s a "talk" 🔥 [x], part: 1.mp4')


def leading_dash(folder: Path) -> Path:
    return film(folder / "-talk.mp4")


def sound_only(folder: Path) -> Path:
    from e2e.films import ffmpeg

    ffmpeg("-i", film(folder / "with.mp4"), "-vn", "-c:a", "libmp3lame", folder / "talk.mp3")
    return folder / "talk.mp3"


TAKEN = [
    three_seconds,
    cut_off_in_the_middle,
    variable_rate,
    rotated,
    odd_size,
    mono,
    surround,
    four_four_four,
    high_dynamic_range,
    spaces_quotes_emoji,
    leading_dash,
    sound_only,
]


# At full size where the size of the frame could matter; the others are as odd in a small one.
WHOLE = (odd_size, high_dynamic_range, sound_only)


@pytest.mark.parametrize("make", TAKEN, ids=lambda make: make.__name__)
def test_it_is_odd_but_good_enough_for_a_clip(goviral, tmp_path, make):
    source = make(tmp_path)
    words = said(tmp_path / "said.json", seconds=3 if make is three_seconds else 9)
    small = () if make in WHOLE else ("--preview",)
    wanted = ("--out", tmp_path / "out", *SHORT, *small, "--transcript", words, "--", source)
    ran = goviral("clip", *wanted)
    assert ran.code == 0, ran.err
    (clip,) = (tmp_path / "out").glob("*/01-*.mp4")
    assert clip.stat().st_size > 5_000
    if make is cut_off_in_the_middle:
        assert "cut off" in ran.err


BROKEN_WORDS = {
    "overlapping": [("One and one is two.", 0, 5000), ("Two and two is four.", 3000, 8000)],
    "unsorted": [("Two and two is four.", 4500, 8000), ("One and one is two.", 0, 4000)],
    "of no length": [("One and one is two.", 0, 0), ("Two and two is four.", 4000, 8000)],
}


@pytest.mark.parametrize("kind", BROKEN_WORDS)
def test_a_transcript_with_broken_times_is_mended(goviral, tmp_path, kind):
    path = tmp_path / "said.json"
    sentences = [
        {"text": text, "start_ms": start, "end_ms": end} for text, start, end in BROKEN_WORDS[kind]
    ]
    path.write_text(json.dumps({"sentences": sentences}))
    ran = goviral("moments", path, "--min", "5", "--max", "9", "--json")
    assert ran.code == 0, ran.err
    (moment,) = json.loads(ran.out)["moments"]
    assert 0 <= moment["start_ms"] < moment["end_ms"] <= 9000


def test_a_full_disk_is_said_and_leaves_no_half_clip(tmp_path):
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-rm", "true"], check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount a small disk")
    source, words = film(tmp_path / "a.mp4"), said(tmp_path / "said.json")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [sys.executable, "-m", "goviral.entrypoints.cli.main", "clip", source]
    command += [*SHORT, "--transcript", words, "--out", disk]
    line = " ".join(f"'{part}'" for part in map(str, command))
    script = f"mount -t tmpfs -o size=200k tmpfs '{disk}' && {line}; code=$?; find '{disk}' -name '*.mp4'; exit $code"
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 2, ran.stderr
    assert "disk is full" in ran.stderr.lower()
    assert ran.stdout == ""
