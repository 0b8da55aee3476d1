"""Names of files that look like something else: options, patterns, protocols, devices."""

import os
import shutil
from pathlib import Path

import pytest

from hostile.makers import film
from hostile.test_hostile_media import check_bounds, check_refusal, clipped, clips_in

pytestmark = pytest.mark.e2e

NAMES = [
    "new\nline.mp4",
    "-i.mp4",
    "film-%03d.mp4",
    "concat:a.mp4|b.mp4",
    "subfile,,start,0,end,0,,:x.mp4",
    "http:film.mp4",
    "pipe:0",
    "data:video,base64.mp4",
    "file:film.mp4",
    "[v]'; drawtext=text=x,\\:.mp4",
    "\x1b[31mred\u202e4pm.exe",
    "$(touch pwned).mp4",
    "a" * 250 + ".mp4",
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("plain") / "plain.mp4")


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_only_a_name(tmp_path, plain, name):
    """Given as it is, from the folder it lies in."""
    shutil.copy(plain, tmp_path / name)
    ended = clipped(tmp_path, name, cwd=tmp_path)
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 0, ended.err
    assert len(clips_in(tmp_path / "out")) == 1
    assert not (tmp_path / "pwned").exists()
    assert "\x1b" not in ended.out


def test_a_link_to_a_film_is_that_film(tmp_path, plain):
    (tmp_path / "link.mp4").symlink_to(plain)
    ended = clipped(tmp_path, tmp_path / "link.mp4")
    assert ended.code == 0, ended.err


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4"


def link(to: str):
    def make(folder: Path) -> Path:
        (folder / "link.mp4").symlink_to(to)
        return folder / "link.mp4"

    make.__name__ = f"link_to_{to.strip('/').replace('/', '_')}"
    return make


def loop(folder: Path) -> Path:
    (folder / "loop.mp4").symlink_to("loop.mp4")
    return folder / "loop.mp4"


def too_long(folder: Path) -> Path:
    return folder / ("a" * 300)


def no_character(folder: Path) -> str:
    return "a\0b.mp4"


ODD = [
    fifo,
    link("/dev/zero"),
    link("/dev/stdin"),
    link("/"),
    link("nothing"),
    loop,
    too_long,
    no_character,
]


@pytest.mark.parametrize("make", ODD, ids=lambda make: make.__name__)
def test_what_is_no_regular_file_is_not_opened(tmp_path, make):
    ended = clipped(tmp_path, make(tmp_path))
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 2, ended.err
    check_refusal(ended, tmp_path / "out")
    assert ended.wall_s < 60


ADDRESSES = [
    "concat:///etc/passwd|x",
    "subfile://,,start,0,end,9,,:/etc/passwd",
    "file:///etc/passwd",
    "data://text/plain;base64,AAAA",
    "rtmp://127.0.0.1/x",
    "tcp://127.0.0.1:9/x",
    "crypto://file:/etc/passwd",
    "FILE:///etc/passwd",
    "http://127.0.0.1:9/a.m3u8",
    "http://[::1]/a.mp4",
    "http://169.254.169.254/latest/meta-data",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_another_kind_is_refused(tmp_path, address):
    ended = clipped(tmp_path, address)
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 2, ended.err
    assert len(ended.complaints) == 1
