"""What a file is by its first bytes."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.films import ffmpeg
from goviral.features.library.magic import NotMediaError, kind_of

NO_MEDIA = [
    b"",
    b"\x00",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n",
    b"ffconcat version 1.0\nfile /etc/passwd\n",
    b"file '/etc/passwd'\n",
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
    b"<?xml version='1.0'?><MPD/>",
    b"<!doctype html><video>",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"GIF89a",
    b"BM\x00\x00",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\x7fELF",
    b"MZ\x90\x00",
    b"%PDF-1.7",
    b"%!PS-Adobe",
    b"#!/bin/sh\n",
    b"RIFF\x00\x00\x00\x00WEBP",
    b"RIFF\x00\x00\x00\x00ACON",
    b"FORM\x00\x00\x00\x00ILBM",
    b"\x00\x00\x00\x18ftypheic",
    b"\x00\x00\x00\x18ftypavif",
    b"\x00\x00\x00\x18ftypmif1",
    b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
    b"WEBVTT\n\n",
    b"G" + bytes(187) + b"X" + bytes(187),
    b"\xff\xfb\xf0\x00",
    b"\xff\xff\xff\xff",
]


@pytest.mark.parametrize("head", NO_MEDIA, ids=lambda head: repr(head[:12]))
def test_what_is_no_film_is_refused(head: bytes) -> None:
    with pytest.raises(NotMediaError):
        kind_of(head + bytes(100 if len(head) < 300 and head[:1] != b"G" else 0))


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("a.mp4", ["-c:v", "mpeg4"], "video/mp4"),
        ("a.mov", ["-c:v", "mpeg4"], "video/quicktime"),
        ("a.mkv", ["-c:v", "mpeg4"], "video/x-matroska"),
        ("a.webm", ["-c:v", "libvpx", "-c:a", "libopus"], "video/webm"),
        ("a.avi", ["-c:v", "mpeg4"], "video/x-msvideo"),
        ("a.ts", ["-c:v", "mpeg2video"], "video/mp2t"),
        ("a.mpg", ["-c:v", "mpeg2video"], "video/mpeg"),
        ("a.flv", ["-c:v", "flv"], "video/x-flv"),
        ("a.wmv", [], "video/x-ms-wmv"),
        ("a.mxf", ["-c:v", "mpeg2video", "-ar", "48000"], "application/mxf"),
        ("a.wav", ["-vn"], "audio/wav"),
        ("a.mp3", ["-vn"], "audio/mpeg"),
        ("b.mp3", ["-vn", "-id3v2_version", "0", "-write_xing", "0"], "audio/mpeg"),
        ("a.aac", ["-vn"], "audio/aac"),
        ("a.flac", ["-vn"], "audio/flac"),
        ("a.ogg", ["-vn", "-c:a", "libopus"], "application/ogg"),
        ("a.aiff", ["-vn"], "audio/aiff"),
        ("a.caf", ["-vn"], "audio/x-caf"),
    ],
)
def test_what_a_recorder_writes_is_known_whatever_it_is_called(
    tmp_path: Path, name: str, options: list[str], kind: str
) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=25:duration=0.4"]
    sound = ["-f", "lavfi", "-i", "sine=duration=0.4:sample_rate=44100"]
    ffmpeg(*picture, *sound, *options, tmp_path / name)
    assert kind_of((tmp_path / name).read_bytes()[:4096]).content_type == kind


@given(st.binary(max_size=600))
def test_no_bytes_break_it(head: bytes) -> None:
    with contextlib.suppress(NotMediaError):
        assert kind_of(head).extension.startswith(".")
