"""Broken and hostile files through the whole command: a clip, or one line that says what is wrong.

Each run is a process of its own, bounded in time and memory. No traceback, nothing half-written.
"""

from pathlib import Path

import pytest

from e2e.films import said
from hostile import makers
from hostile.child import Ended, run_cli

pytestmark = pytest.mark.e2e
LIMIT_S = 90
OWN_MB = 700
FFMPEG_MB = 1500
LARGE = {makers.eight_k, makers.picture_of_two_hundred_megapixels}
# Half a minute on a busy machine: many streams, many pixels.
SLOW = {*LARGE, makers.hundred_pictures, makers.hundred_sounds, makers.sixty_megabytes_attached}


def clipped(folder: Path, source: object, **more: object) -> Ended:
    words = said(folder / "said.json", seconds=makers.SECONDS)
    quick = ("--captions", "none", "--thumbnails", "none", "--preview")
    wishes = ("--min", 5, "--max", 7, "--count", 1, *quick, "--transcript", words)
    arguments = ("clip", "--out", folder / "out", *wishes, "--", source)
    return run_cli(arguments, folder, limit_s=LIMIT_S, **more)


def check_bounds(ended: Ended, out: Path) -> None:
    assert ended.code is not None, f"still running after {LIMIT_S} s"
    assert ended.code >= 0, f"ended by signal {-ended.code}: {ended.err}"
    assert ended.own_mb < OWN_MB
    assert ended.child_mb < FFMPEG_MB
    assert "Traceback" not in ended.err
    assert "[error]" not in ended.err.replace("failed", "")
    assert not any(" @ 0x" in line for line in ended.err.splitlines()), ended.err
    assert [path for path in out.rglob("*") if ".part" in path.name] == []


def clips_in(out: Path) -> list[Path]:
    return sorted(out.glob("*/[0-9][0-9]-*.mp4"))


def check_refusal(ended: Ended, out: Path) -> None:
    """Exit 2 and one line; or a clip reported as failed, of which nothing is left."""
    assert clips_in(out) == []
    if ended.code == 2:
        assert len(ended.complaints) == 1
    else:
        assert ended.code == 1
        assert sum(line.startswith("failed  ") for line in ended.err.splitlines()) == 1, ended.err


def slow(makers_: tuple[makers.Maker, ...]) -> list[object]:
    return [
        pytest.param(make, id=make.__name__, marks=[pytest.mark.slow] if make in SLOW else [])
        for make in makers_
    ]


@pytest.mark.parametrize("make", slow(makers.CLIPS))
def test_it_is_odd_and_gives_a_clip(tmp_path, make):
    ended = clipped(tmp_path, make(tmp_path))
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 0, ended.err
    (clip,) = clips_in(tmp_path / "out")
    assert clip.stat().st_size > 2_000


@pytest.mark.parametrize("make", slow(makers.REFUSED))
def test_there_is_nothing_in_it_and_one_line_says_so(tmp_path, make):
    ended = clipped(tmp_path, make(tmp_path))
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 2, ended.err
    check_refusal(ended, tmp_path / "out")


@pytest.mark.parametrize("make", slow(makers.EITHER))
def test_it_is_broken_and_gives_a_clip_or_one_line(tmp_path, make):
    ended = clipped(tmp_path, make(tmp_path))
    check_bounds(ended, tmp_path / "out")
    if ended.code != 0:
        check_refusal(ended, tmp_path / "out")
    else:
        assert len(clips_in(tmp_path / "out")) == 1
