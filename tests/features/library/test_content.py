"""The gate: hostile films, limits, the scanner."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.films import ffmpeg
from e2e.films import film as make_film
from goviral.features.library.content import MediaGate, TooMuchError, make_gate
from goviral.features.library.magic import NotMediaError
from goviral.kit.antivirus import InfectedError, ScannerError
from goviral.kit.server_settings import LibrarySettings

SECRET = "root:x:0:0"


@pytest.fixture
def gate() -> MediaGate:
    return make_gate(LibrarySettings())


def with_limits(**limits: object) -> MediaGate:
    return make_gate(LibrarySettings().model_copy(update=limits))


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def test_a_film_is_told_by_what_is_in_it(gate: MediaGate, film: bytes, tmp_path: Path) -> None:
    path = tmp_path / "holiday.txt"
    path.write_bytes(film)
    facts = gate.check(path)
    assert (facts.content_type, facts.extension) == ("video/mp4", ".mp4")
    assert (facts.width, facts.height, facts.has_audio) == (320, 180, True)
    assert facts.duration_ms == pytest.approx(3000, abs=60)


HOSTILE = {
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "list after an honest beginning": box(b"ftyp", b"isom\0\0\0\0isom") + b"#EXTM3U\n/etc/passwd",
    "only a head": box(b"ftyp", b"isom\0\0\0\0isom"),
    "empty index": box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", b""),
    "nested for ever": box(b"ftyp", b"isom\0\0\0\0isom") + struct.pack(">I4s", 8, b"moov") * 20_000,
    "size that wraps": box(b"ftyp", b"isom\0\0\0\0isom") + b"\x00\x00\x00\x01moov" + b"\xff" * 8,
    "matroska of nothing": b"\x1a\x45\xdf\xa3" + b"\xff" * 4000,
    "matroska that ends": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01",
    "transport stream of noise": (b"\x47" + bytes(range(187))) * 200,
    "avi without streams": b"RIFF\xff\xff\xff\xffAVI LIST" + bytes(4000),
    "endless ogg": b"OggS" + bytes(4000),
    "flv of zeros": b"FLV\x01\x05\0\0\0\x09" + bytes(4000),
    "mp3 of zeros": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(4000),
    "program stream of noise": b"\x00\x00\x01\xba" + b"\xaa" * 4000,
    "wav without sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(20),
    "zip in a film": box(b"ftyp", b"isom\0\0\0\0isom") + b"PK\x03\x04" * 100,
    "script in a film": box(b"ftyp", b"isom\0\0\0\0isom") + b"<script>alert(1)</script>" * 10,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_tells_nothing(
    gate: MediaGate, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(HOSTILE[name])
    with pytest.raises((NotMediaError, TooMuchError)) as refused:
        gate.check(path)
    told = str(refused.value)
    assert SECRET not in told
    assert str(tmp_path) not in told
    assert "bytes" not in told.split()


def test_a_film_that_names_another_file_does_not_make_us_read_it(
    gate: MediaGate, film: bytes, tmp_path: Path
) -> None:
    """QuickTime may keep its samples in another file: `dref` with an `alis` or `url ` entry."""
    moved = film.replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")
    assert moved != film
    path = tmp_path / "ref.mov"
    path.write_bytes(moved)
    facts = gate.check(path)  # the entry is ignored, its own samples are read
    assert facts.duration_ms > 0


def test_too_many_tracks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.mkv"
    maps = [option for _ in range(6) for option in ("-map", "0:a")]
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.3", *maps, "-c:a", "aac", path)
    with_limits(max_tracks=6).check(path)
    with pytest.raises(TooMuchError, match="6 tracks"):
        with_limits(max_tracks=5).check(path)


def test_a_picture_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.4, size="640x480")
    with pytest.raises(TooMuchError, match="640x480"):
        with_limits(max_pixels=640 * 480 - 1).check(path)


def test_a_film_too_long_is_refused(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=2, size="64x48")
    with pytest.raises(TooMuchError, match="longer"):
        with_limits(max_duration_ms=1500).check(path)


def test_a_look_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=0.4, size="64x48")
    with pytest.raises(NotMediaError, match="within the time"):
        with_limits(probe_timeout_s=0.01).check(path)


class _Scanner:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def scan(self, path: Path) -> None:
        raise self.error


@pytest.mark.parametrize("error", [InfectedError("a virus"), ScannerError("no answer")])
def test_what_the_scanner_does_not_pass_does_not_come_in(
    gate: MediaGate, film: bytes, tmp_path: Path, error: Exception
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    with pytest.raises(type(error)):
        replace(gate, scanner=_Scanner(error)).check(path)
