"""Probing films made for the purpose: what is in them is known."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.media.reels import (
    Encoding,
    ffmpeg,
    hush,
    numbered,
    texture,
    tone,
    write_film,
)
from goviral.engine.media.probe import displayed_size, even_rate, probe
from goviral.kit.errors import InputError, NotFoundError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    """Three seconds with sound, 320x180, 25 fps, index at the front."""
    pictures = [texture(i // 10, 320, 180) for i in range(75)]
    encoding = Encoding(container={"movflags": "+faststart"})
    return write_film(folder / "plain.mp4", pictures, tone(3), encoding)


class TestAPlainFilm:
    def test_its_streams_are_described(self, film):
        media = probe(film)
        assert media.duration_ms == pytest.approx(3000, abs=40)
        assert media.warnings == ()
        assert media.video is not None
        assert (media.video.width, media.video.height) == (320, 180)
        assert media.video.fps == 25
        assert media.video.pix_fmt == "yuv420p"
        assert not media.video.variable_rate
        assert not media.video.is_hdr
        assert media.audio is not None
        assert (media.audio.channels, media.audio.sample_rate_hz) == (2, 48000)

    def test_its_fingerprint_follows_the_content_not_the_name(self, film, tmp_path):
        again = shutil.copy(film, tmp_path / "copy.mp4")
        assert probe(Path(again)).fingerprint == probe(film).fingerprint

    @pytest.mark.parametrize(
        "name",
        [
            "-i evil.mp4",
            'it\'s "quoted".mp4',
            "with space & ünïcode 🎬.mp4",
            "concat:a|b.mp4",
            "http:__x.mp4",
            "100%d.mp4",
            "a,b;c[d].mp4",
        ],
    )
    def test_any_name_will_do(self, film, tmp_path, name, monkeypatch):
        shutil.copy(film, tmp_path / name)
        monkeypatch.chdir(tmp_path)
        assert probe(Path(name)).duration_ms > 2900


class TestShape:
    @pytest.mark.parametrize(
        ("counterclockwise", "size", "clockwise"),
        [(90, (180, 320), 270), (-90, (180, 320), 90), (180, (320, 180), 180)],
    )
    def test_rotation_is_applied_to_the_size(
        self, film, tmp_path, counterclockwise, size, clockwise
    ):
        turned = tmp_path / "turned.mp4"
        ffmpeg("-display_rotation", counterclockwise, "-i", film, "-c", "copy", turned)
        video = probe(turned).video
        assert video is not None
        assert (video.width, video.height) == size
        assert video.rotation == clockwise

    def test_pixels_that_are_not_square_widen_the_picture(self, tmp_path):
        encoding = Encoding(pixel_shape=Fraction(16, 11))
        path = write_film(tmp_path / "pal.mp4", [texture(1, 176, 144)] * 5, None, encoding)
        video = probe(path).video
        assert video is not None
        assert (video.width, video.height) == (256, 144)

    def test_odd_sizes_are_kept(self, tmp_path):
        encoding = Encoding(pix_fmt="yuv444p")
        path = write_film(tmp_path / "odd.mp4", [texture(1, 161, 91)] * 5, None, encoding)
        video = probe(path).video
        assert video is not None
        assert (video.width, video.height, video.pix_fmt) == (161, 91, "yuv444p")

    @given(st.integers(1, 8192), st.integers(1, 8192), st.sampled_from([0, 90, -90, 180]))
    def test_a_displayed_size_is_never_empty(self, width, height, rotation):
        for shape in (None, Fraction(0), Fraction(1, 7), Fraction(16, 11), Fraction(500)):
            assert min(displayed_size(width, height, shape, rotation)) >= 1


class TestColour:
    @pytest.mark.parametrize(
        ("transfer", "name", "is_hdr"),
        [(16, "smpte2084", True), (18, "arib-std-b67", True), (1, "bt709", False)],
    )
    def test_hdr_is_told_by_its_transfer(self, tmp_path, transfer, name, is_hdr):
        primaries, space = (9, 9) if is_hdr else (1, 1)
        encoding = Encoding(
            pix_fmt="yuv420p10le",
            color={"color_trc": transfer, "color_primaries": primaries, "colorspace": space},
        )
        path = write_film(tmp_path / "c.mp4", [texture(1)] * 5, None, encoding)
        video = probe(path).video
        assert video is not None
        assert (video.color_transfer, video.is_hdr) == (name, is_hdr)
        assert video.color_primaries == ("bt2020" if is_hdr else "bt709")
        assert video.color_space == ("bt2020nc" if is_hdr else "bt709")


class TestRate:
    def test_ntsc_is_exact(self, tmp_path):
        encoding = Encoding(fps=Fraction(30000, 1001))
        video = probe(write_film(tmp_path / "n.mp4", numbered(40), None, encoding)).video
        assert video is not None
        assert video.fps == Fraction(30000, 1001)

    def test_rounded_milliseconds_of_matroska_are_still_even(self, tmp_path):
        encoding = Encoding(fps=Fraction(30000, 1001))
        video = probe(write_film(tmp_path / "n.mkv", numbered(60), None, encoding)).video
        assert video is not None
        assert (video.fps, video.variable_rate) == (Fraction(30000, 1001), False)

    def test_a_phone_with_uneven_frames_is_variable(self, tmp_path):
        times = [i * 33 + (140 if i > 20 else 0) + (i % 3) * 11 for i in range(60)]
        path = write_film(tmp_path / "v.mp4", numbered(60), None, Encoding(times_ms=times))
        video = probe(path).video
        assert video is not None
        assert video.variable_rate
        assert 24 <= video.fps <= 30

    def test_a_header_rate_beyond_reason_gives_way_to_the_frames(self):
        gaps = [Fraction(1, 25)] * 50
        assert even_rate(Fraction(90000), gaps) == (25, False)
        assert even_rate(None, gaps) == (25, False)
        assert even_rate(None, []) == (30, False)

    @given(
        st.none() | st.fractions(min_value=0, max_value=100_000),
        st.lists(st.fractions(min_value=0, max_value=100, max_denominator=90_000), max_size=30),
    )
    def test_a_rate_is_always_usable(self, rate, gaps):
        fps, _ = even_rate(rate, gaps)
        assert 1 <= fps <= 240


class TestSound:
    @pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("5.1", 6)])
    def test_channels_are_counted(self, tmp_path, layout, channels):
        encoding = Encoding(layout=layout)
        path = write_film(tmp_path / "s.m4a", (), tone(1, channels=channels), encoding)
        media = probe(path)
        assert media.video is None
        assert media.audio is not None
        assert media.audio.channels == channels

    def test_no_sound_is_no_error_here(self, tmp_path):
        media = probe(write_film(tmp_path / "mute.mp4", numbered(30)))
        assert media.audio is None
        assert media.video is not None

    def test_cover_art_is_not_video(self, tmp_path):
        song, cover, both = (tmp_path / name for name in ("a.mp3", "c.png", "b.mp3"))
        write_film(song, (), tone(2), Encoding(audio_codec="libmp3lame"))
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", 1, cover)
        ffmpeg("-i", song, "-i", cover, "-map", 0, "-map", 1, "-c", "copy", both)
        media = probe(both)
        assert media.video is None
        assert media.audio is not None

    def test_a_late_sound_is_told(self, tmp_path):
        encoding = Encoding(sound_starts_ms=500)
        media = probe(write_film(tmp_path / "l.mkv", numbered(50), tone(1.5), encoding))
        assert media.audio is not None
        assert media.audio.start_ms == pytest.approx(500, abs=25)

    @pytest.mark.parametrize(("name", "duration_ms"), [("e.mp4", 2500), ("e.ts", 3000)])
    def test_negative_timestamps_do_not_move_source_time(self, film, tmp_path, name, duration_ms):
        early = tmp_path / name
        ffmpeg(
            *("-itsoffset", "-0.5", "-i", film, "-c", "copy", "-copyts"),
            *("-avoid_negative_ts", "disabled", early),
        )
        media = probe(early)
        assert media.video is not None
        assert media.video.start_ms == pytest.approx(0, abs=45)
        assert media.duration_ms == pytest.approx(duration_ms, abs=60)


class TestLength:
    @pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.ts"])
    def test_a_file_cut_off_in_the_middle_has_what_can_be_read(self, tmp_path, name):
        pictures = [texture(i, 320, 180) for i in range(150)]
        encoding = Encoding(
            gop=10, container={"movflags": "+faststart"} if name.endswith("mp4") else {}
        )
        whole = write_film(tmp_path / f"whole-{name}", pictures, tone(6), encoding)
        cut = tmp_path / name
        content = whole.read_bytes()
        cut.write_bytes(content[: len(content) // 2])
        media = probe(cut)
        assert 1500 < media.duration_ms < 4500
        if name != "cut.ts":  # nothing in a transport stream promises a length
            assert "can be read" in media.warnings[0]

    def test_a_header_without_a_length_is_measured(self, tmp_path):
        path = tmp_path / "live.webm"
        encoding = Encoding(container={"live": "1"})
        write_film(tmp_path / "a.mkv", numbered(50), None, encoding)
        shutil.move(tmp_path / "a.mkv", path)
        assert probe(path).duration_ms == pytest.approx(2000, abs=50)

    def test_a_header_that_promises_too_little_is_not_believed(self, film, tmp_path):
        content = bytearray(film.read_bytes())
        _set_movie_duration(content, 0.5)
        path = tmp_path / "short.mp4"
        path.write_bytes(content)
        assert probe(path).duration_ms == pytest.approx(3000, abs=60)

    def test_a_header_that_promises_too_much_is_not_believed(self, tmp_path):
        path = tmp_path / "long.flv"
        write_film(path, numbered(50), None, Encoding(codec="flv1"))
        content = bytearray(path.read_bytes())
        at = content.index(b"duration") + 9
        import struct

        content[at : at + 8] = struct.pack(">d", 36000.0)
        path.write_bytes(content)
        media = probe(path)
        assert media.duration_ms == pytest.approx(2000, abs=60)
        assert "cut off" in media.warnings[0]

    @pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
    def test_a_picture_that_ends_before_the_sound_tells_so(self, tmp_path, name):
        media = probe(write_film(tmp_path / name, numbered(50), tone(9)))
        assert media.duration_ms == pytest.approx(9000, abs=60)
        assert media.video is not None
        assert media.audio is not None
        assert media.audio.end_ms == pytest.approx(9000, abs=60)
        if name == "a.mp4":  # Matroska does not say how long a stream is
            assert media.video.end_ms == pytest.approx(2000, abs=60)

    def test_a_clock_that_wraps_at_the_start_does_not_make_a_day(self, tmp_path):
        path = write_film(tmp_path / "w.ts", numbered(50), tone(2))
        assert probe(path).duration_ms < 2500

    def test_avi_without_presentation_times_is_read(self, tmp_path):
        path = write_film(tmp_path / "a.avi", numbered(50), None, Encoding(codec="mpeg4"))
        assert probe(path).duration_ms == pytest.approx(2000, abs=60)


def _set_movie_duration(content: bytearray, factor: float) -> None:
    """Scale the duration in mvhd and tkhd (version 0 boxes)."""
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24)):
        start = 0
        while (found := content.find(box, start)) >= 0:
            at = found - 4 + offset + 4
            value = int.from_bytes(content[at : at + 4], "big")
            content[at : at + 4] = int(value * factor).to_bytes(4, "big")
            start = found + 4


def _text(folder: Path) -> Path:
    path = folder / "notes.mp4"
    path.write_text("These are only words.\n" * 200)
    return path


def _empty(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def _no_index(folder: Path) -> Path:
    whole = write_film(folder / "whole.mp4", numbered(60), hush(2))
    path = folder / "half.mp4"
    path.write_bytes(whole.read_bytes()[:3000])
    return path


def _subtitles_only(folder: Path) -> Path:
    srt, path = folder / "a.srt", folder / "subs.mkv"
    srt.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    ffmpeg("-i", srt, path)
    return path


def _playlist(folder: Path) -> Path:
    write_film(folder / "secret.ts", numbered(30), tone(1))
    path = folder / "list.m3u8"
    path.write_text(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\nsecret.ts\n#EXT-X-ENDLIST\n"
    )
    return path


def _playlist_named_as_film(folder: Path) -> Path:
    return _playlist(folder).rename(folder / "film.mp4")


def _concat(folder: Path) -> Path:
    write_film(folder / "secret.mp4", numbered(30), tone(1))
    path = folder / "list.ffconcat"
    path.write_text("ffconcat version 1.0\nfile secret.mp4\n")
    return path


def _picture(folder: Path) -> Path:
    path = folder / "photo.png"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", 1, path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "nothing.mp4", "no file"),
        (lambda folder: folder, "is a folder"),
        (lambda _: Path("/dev/zero"), "not a regular file"),
        (_empty, "is empty"),
        (_text, "not a video or audio file"),
        (_picture, "not a video or audio file"),
        (_no_index, "index is missing"),
        (_subtitles_only, "neither picture nor sound"),
        (_playlist, "playlist"),
        (_playlist_named_as_film, "playlist"),
        (_concat, "playlist"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path, make, words):
    with pytest.raises(InputError, match=words) as failed:
        probe(make(tmp_path))
    assert failed.value.remedy
    assert "\n" not in str(failed.value)


def test_a_missing_file_is_not_found():
    with pytest.raises(NotFoundError):
        probe(Path("/nowhere/talk.mp4"))
