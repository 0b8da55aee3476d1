"""Hostile and broken media, each made by one function that is given a folder and returns the file."""

import os
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from e2e.films import ffmpeg
from e2e.films import film as whole_film
from hostile import samples
from hostile.surgery import at, avi, first_of, flipped, patched

SECONDS = 4
Maker = Callable[[Path], Path]

film = partial(whole_film, seconds=SECONDS, size="160x90", rate="20")
FAST = ("-movflags", "+faststart")


def copied(source: Path, out: Path, *options: object) -> Path:
    ffmpeg("-i", source, "-map", "0", "-c", "copy", *options, out)
    return out


# Cut off


def cut_right_after_its_index(folder: Path) -> Path:
    return first_of(0.12, film(folder / "whole.mp4", extra=FAST), folder / "cut.mp4")


def cut_in_half(folder: Path) -> Path:
    return first_of(0.5, film(folder / "whole.mp4", extra=FAST), folder / "cut.mp4")


def cut_a_little_before_its_end(folder: Path) -> Path:
    return first_of(0.985, film(folder / "whole.mp4", extra=FAST), folder / "cut.mp4")


def cut_before_its_index(folder: Path) -> Path:
    return first_of(0.9, film(folder / "whole.mp4"), folder / "cut.mp4")


def matroska_cut_in_its_head(folder: Path) -> Path:
    return first_of(0.01, film(folder / "whole.mkv"), folder / "cut.mkv")


def transport_stream_cut_at_both_ends(folder: Path) -> Path:
    data = film(folder / "whole.ts").read_bytes()
    (folder / "cut.ts").write_bytes(data[len(data) // 3 + 77 : len(data) * 9 // 10])
    return folder / "cut.ts"


def avi_cut_before_its_index(folder: Path) -> Path:
    return first_of(0.8, avi(folder / "whole.avi"), folder / "cut.avi")


# Headers that lie


def says_it_lasts_a_thousand_times_longer(folder: Path) -> Path:
    long = struct.pack(">I", SECONDS * 1000 * 1000)
    return patched(film(folder / "a.mp4"), folder / "long.mp4", b"mvhd", at(16, long))


def says_it_lasts_no_time(folder: Path) -> Path:
    path = patched(film(folder / "a.mp4"), folder / "b.mp4", b"mvhd", at(16, bytes(4)))
    return patched(path, folder / "zero.mp4", b"mdhd", at(16, bytes(4)))


def matroska_that_lasts_for_years(folder: Path) -> Path:
    data = bytearray(film(folder / "a.mkv").read_bytes())
    place = data.index(b"\x44\x89\x88")  # Duration, eight bytes of float
    data[place + 3 : place + 11] = struct.pack(">d", 1e14)
    (folder / "years.mkv").write_bytes(data)
    return folder / "years.mkv"


def matroska_of_endless_duration(folder: Path) -> Path:
    data = bytearray(film(folder / "a.mkv").read_bytes())
    place = data.index(b"\x44\x89\x88")
    data[place + 3 : place + 11] = struct.pack(">d", float("nan"))
    (folder / "nan.mkv").write_bytes(data)
    return folder / "nan.mkv"


def edit_list(*entries: tuple[int, int]) -> Callable[[bytes], bytes]:
    """Duration and start of each entry, in units of the film and of its track."""
    packed = b"".join(struct.pack(">Iii", duration, start, 1 << 16) for duration, start in entries)
    return lambda _: struct.pack(">II", 0, len(entries)) + packed


def edit_list_that_starts_before_the_start(folder: Path) -> Path:
    change = edit_list((SECONDS * 1000, -5000))
    return patched(film(folder / "a.mp4"), folder / "edits.mp4", b"elst", change)


def edit_list_that_waits_an_hour(folder: Path) -> Path:
    change = edit_list((3_600_000, -1), (SECONDS * 1000, 0))
    return patched(film(folder / "a.mp4"), folder / "waits.mp4", b"elst", change)


def edit_list_with_a_thousand_pieces(folder: Path) -> Path:
    change = edit_list(*((5, number * 7 % 40_000) for number in range(1000)))
    return patched(film(folder / "a.mp4"), folder / "pieces.mp4", b"elst", change)


def clock_of_one_tick_a_second(folder: Path) -> Path:
    return patched(
        film(folder / "a.mp4"), folder / "slow.mp4", b"mdhd", at(12, struct.pack(">I", 1))
    )


def clock_of_four_billion_ticks_a_second(folder: Path) -> Path:
    fast = struct.pack(">I", 0xFFFFFFFF)
    return patched(film(folder / "a.mp4"), folder / "fast.mp4", b"mdhd", at(12, fast))


def clock_that_stands(folder: Path) -> Path:
    return patched(film(folder / "a.mp4"), folder / "stands.mp4", b"mdhd", at(12, bytes(4)))


def samples_that_lie_beyond_the_file(folder: Path) -> Path:
    far = lambda content: content[:8] + b"\x7f\xff\xff\xf0" * ((len(content) - 8) // 4)  # noqa: E731
    return patched(film(folder / "a.mp4"), folder / "far.mp4", b"stco", far)


def four_billion_samples(folder: Path) -> Path:
    many = struct.pack(">I", 0xFFFFFFF0)
    return patched(film(folder / "a.mp4"), folder / "many.mp4", b"stsz", at(8, many))


def text_that_is_no_text_in_its_tags(folder: Path) -> Path:
    path = film(folder / "a.mp4", extra=("-metadata", "title=AAAAAAAAAAAAAAAA"))
    bad = path.read_bytes().replace(b"A" * 16, b"\xff\xfe\x00\x1b[31m\n%s\xc3\x28\xed\xa0\x80")
    (folder / "tags.mp4").write_bytes(bad[: path.stat().st_size])
    return folder / "tags.mp4"


# Pictures


def one_key_frame_only(folder: Path) -> Path:
    return film(folder / "a.mp4", extra=("-g", "100000", "-sc_threshold", "0"))


def no_key_frame_at_all(folder: Path) -> Path:
    still = ("-g", "100000", "-sc_threshold", "0", "-bf", "0")
    data = film(folder / "a.ts", extra=still, sound=True).read_bytes()
    (folder / "headless.ts").write_bytes(data[len(data) // 2 // 188 * 188 :])
    return folder / "headless.ts"


def one_pixel(folder: Path) -> Path:
    return film(folder / "a.mkv", pixels="yuv444p", extra=("-vf", "scale=1:1", "-c:v", "ffv1"))


def one_line(folder: Path) -> Path:
    return film(folder / "a.mkv", size="640x2", rate="5")


def one_column(folder: Path) -> Path:
    return film(folder / "a.mkv", size="2x640", rate="5")


def eight_k(folder: Path) -> Path:
    return film(
        folder / "a.mkv", size="7680x4320", rate="1/2", extra=("-c:v", "mjpeg", "-q:v", "31")
    )


def no_frames_a_second(folder: Path) -> Path:
    return avi(folder / "a.avi", fps=(0, 1))


def no_rate_at_all(folder: Path) -> Path:
    return avi(folder / "a.avi", fps=(0, 0))


def four_billion_frames_a_second(folder: Path) -> Path:
    return avi(folder / "a.avi", fps=(0xFFFFFFFF, 1))


def a_thousand_frames_a_second(folder: Path) -> Path:
    return film(folder / "a.mp4", size="64x36", rate="1000", extra=("-g", "1000"))


def a_frame_in_two_seconds(folder: Path) -> Path:
    return film(folder / "a.mp4", rate="1/2")


def one_frame(folder: Path) -> Path:
    return film(folder / "a.mp4", extra=("-frames:v", "1"))


def sounded(folder: Path, picture: Path, seconds: float) -> Path:
    """The picture as it is, with noise of another length."""
    noise = ("-f", "lavfi", "-i", f"anoisesrc=amplitude=0.3:d={seconds}")
    ffmpeg(
        "-i", picture, *noise, "-map", "0:v", "-map", "1:a", "-c:v", "copy", folder / "sounded.mp4"
    )
    return folder / "sounded.mp4"


def one_frame_then_only_sound(folder: Path) -> Path:
    return sounded(folder, one_frame(folder), SECONDS)


def picture_that_ends_in_the_middle(folder: Path) -> Path:
    return sounded(folder, film(folder / "a.mp4", seconds=SECONDS / 2), SECONDS)


def times_before_zero(folder: Path) -> Path:
    early = ("-output_ts_offset", "-3", "-avoid_negative_ts", "disabled")
    return film(folder / "a.mkv", extra=early)


def turned_by_an_odd_angle(folder: Path) -> Path:
    path = film(folder / "a.mp4")
    ffmpeg("-display_rotation", "33", "-i", path, "-c", "copy", folder / "turned.mp4")
    return folder / "turned.mp4"


def pixels_a_thousand_times_as_wide(folder: Path) -> Path:
    return copied(film(folder / "a.mp4"), folder / "b.mkv", "-aspect", "16000:1")


def pixels_three_times_as_high(folder: Path) -> Path:
    return film(folder / "a.mp4", extra=("-vf", "setsar=1/3"))


def size_that_changes_midway(folder: Path) -> Path:
    parts = [
        film(folder / f"{size}.ts", size=size, seconds=3)
        for size in ("160x90", "90x160", "322x182")
    ]
    (folder / "sizes.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    return folder / "sizes.ts"


def codec_that_changes_midway(folder: Path) -> Path:
    first = film(folder / "a.ts", seconds=2)
    second = film(
        folder / "b.ts",
        seconds=3,
        extra=("-c:v", "mpeg2video", "-c:a", "mp2", "-ar", "32000", "-r", "25"),
    )
    (folder / "codecs.ts").write_bytes(first.read_bytes() + second.read_bytes())
    return folder / "codecs.ts"


def twelve_bits_of_everything(folder: Path) -> Path:
    return film(folder / "a.mkv", pixels="yuv444p12le", extra=("-c:v", "ffv1"))


def see_through(folder: Path) -> Path:
    return film(folder / "a.mkv", pixels="yuva420p", extra=("-c:v", "ffv1"))


def floats_for_pixels(folder: Path) -> Path:
    return film(folder / "a.mkv", pixels="gbrp16le", extra=("-c:v", "ffv1"))


def hundred_pictures(folder: Path) -> Path:
    return copied(film(folder / "a.mkv"), folder / "b.mkv", *(("-map", "0:v") * 99))


# Sound


def sound_three_minutes_late(folder: Path) -> Path:
    path = film(folder / "a.mp4")
    ffmpeg(
        "-i",
        path,
        "-itsoffset",
        180,
        "-i",
        path,
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c",
        "copy",
        folder / "late.mkv",
    )
    return folder / "late.mkv"


def picture_three_minutes_late(folder: Path) -> Path:
    path = film(folder / "a.mp4")
    ffmpeg(
        "-itsoffset",
        180,
        "-i",
        path,
        "-i",
        path,
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c",
        "copy",
        folder / "late.mkv",
    )
    return folder / "late.mkv"


def sound_ten_times_as_long(folder: Path) -> Path:
    return sounded(folder, film(folder / "a.mp4"), 10 * SECONDS)


def sound_of_half_a_second(folder: Path) -> Path:
    return sounded(folder, film(folder / "a.mp4"), 0.5)


def hundred_sounds(folder: Path) -> Path:
    return copied(film(folder / "a.mkv"), folder / "b.mkv", *(("-map", "0:a") * 99))


def sound_of_no_channels(folder: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:r=8000", folder / "a.wav")
    data = bytearray((folder / "a.wav").read_bytes())
    place = data.index(b"fmt ") + 8
    data[place + 2 : place + 4] = bytes(2)
    (folder / "none.wav").write_bytes(data)
    return folder / "none.wav"


def sound_of_sixty_channels(folder: Path) -> Path:
    """No codec here takes so many: the header of a WAV file says so."""
    ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:r=48000", "-ac", "2", folder / "a.wav")
    data = bytearray((folder / "a.wav").read_bytes())
    place = data.index(b"fmt ") + 8
    data[place + 2 : place + 14] = struct.pack("<HIIH", 60, 1600, 1600 * 120, 120)
    (folder / "sixty.wav").write_bytes(data)
    return folder / "sixty.wav"


def telephone_sound(folder: Path) -> Path:
    return film(folder / "a.mp4", channels="mono", extra=("-ar", "8000"))


def sound_for_bats(folder: Path) -> Path:
    return film(folder / "a.mkv", extra=("-ar", "192000", "-c:a", "pcm_s32le"))


def sound_at_one_sample_a_second(folder: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=1:r=8000", folder / "a.wav")
    data = bytearray((folder / "a.wav").read_bytes())
    place = data.index(b"fmt ") + 8
    data[place + 4 : place + 8] = struct.pack("<I", 1)
    (folder / "slow.wav").write_bytes(data)
    return folder / "slow.wav"


def holes_of_nine_minutes(folder: Path) -> Path:
    """Packets of sound nine minutes apart: little to read, half a day of nothing."""
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=1.5:r=48000:amplitude=0.4", folder / "a.mka")
    # Nobody but a muxer's own filter can stretch packets so far.
    ffmpeg(
        "-i", folder / "a.mka", "-c", "copy", "-bsf:a", "setts=ts=N*540/TB", folder / "holes.mka"
    )
    return folder / "holes.mka"


# Damage


def damaged(rate: float, suffix: str, *, spare: int = 0) -> Maker:
    def make(folder: Path) -> Path:
        options = FAST if suffix == "mp4" else ()
        whole = film(folder / f"whole.{suffix}", extra=options)
        return flipped(whole, folder / f"damaged.{suffix}", rate, spare=spare)

    make.__name__ = f"{suffix}_with_a_bit_in_{round(1 / rate)}_bytes_turned"
    return make


def noise_with_a_good_beginning(folder: Path) -> Path:
    whole = film(folder / "whole.mkv")
    (folder / "noise.mkv").write_bytes(whole.read_bytes()[:3000] + os.urandom(200_000))
    return folder / "noise.mkv"


# Bombs


def sixty_megabytes_attached(folder: Path) -> Path:
    bomb = folder / "bomb.ttf"
    with bomb.open("wb") as stream:
        stream.truncate(60 << 20)
    path, out = film(folder / "a.mkv"), folder / "bomb.mkv"
    ffmpeg("-i", path, "-attach", bomb, "-metadata:s:t", "mimetype=font/ttf", "-c", "copy", out)
    return out


def attachment_that_claims_to_be_huge(folder: Path) -> Path:
    (folder / "small.ttf").write_bytes(b"Q" * 5000)
    path, out = film(folder / "a.mkv"), folder / "b.mkv"
    ffmpeg(
        "-i",
        path,
        "-attach",
        folder / "small.ttf",
        "-metadata:s:t",
        "mimetype=font/ttf",
        "-c",
        "copy",
        out,
    )
    data = bytearray(out.read_bytes())
    place = data.rindex(b"\x46\x5c", 0, data.index(b"Q" * 100))  # FileData and its size
    data[place + 2 : place + 4] = b"\x08\x7f"  # one that takes five bytes: far beyond the file
    (folder / "claims.mkv").write_bytes(data)
    return folder / "claims.mkv"


def ten_thousand_boxes_in_each_other(folder: Path) -> Path:
    whole = film(folder / "whole.mp4", extra=FAST).read_bytes()
    (folder / "nested.mp4").write_bytes(
        whole[:32] + struct.pack(">I4s", 8, b"moov") * 10_000 + whole[32:]
    )
    return folder / "nested.mp4"


def picture_of_two_hundred_megapixels(folder: Path) -> Path:
    return film(
        folder / "a.mkv",
        size="16384x12288",
        rate="1/3",
        sound=True,
        extra=("-c:v", "mjpeg", "-q:v", "31"),
    )


# Nothing to see or hear


def only_subtitles(folder: Path) -> Path:
    (folder / "a.srt").write_text("1\n00:00:00,000 --> 00:00:05,000\nHello.\n")
    ffmpeg("-i", folder / "a.srt", folder / "only.mkv")
    return folder / "only.mkv"


def only_a_time_code(folder: Path) -> Path:
    ffmpeg(
        "-i",
        film(folder / "a.mov", extra=("-timecode", "01:00:00:00")),
        "-map",
        "0:d",
        "-c",
        "copy",
        folder / "code.mov",
    )
    return folder / "code.mov"


def only_a_picture(folder: Path) -> Path:
    ffmpeg("-i", film(folder / "a.mp4"), "-frames:v", "1", "-update", 1, folder / "a.png")
    return (folder / "a.png").rename(folder / "picture.mp4")


def a_zip_called_film(folder: Path) -> Path:
    (folder / "zip.mkv").write_bytes(b"PK\x03\x04" + bytes(40_000))
    return folder / "zip.mkv"


CLIPS: tuple[Maker, ...] = (
    cut_in_half, cut_a_little_before_its_end, transport_stream_cut_at_both_ends, avi_cut_before_its_index,
    says_it_lasts_a_thousand_times_longer, says_it_lasts_no_time, matroska_that_lasts_for_years,
    matroska_of_endless_duration, edit_list_that_starts_before_the_start, text_that_is_no_text_in_its_tags,
    one_key_frame_only, eight_k, a_thousand_frames_a_second,
    a_frame_in_two_seconds, one_frame_then_only_sound, picture_three_minutes_late, picture_that_ends_in_the_middle, turned_by_an_odd_angle,
    pixels_a_thousand_times_as_wide, pixels_three_times_as_high, size_that_changes_midway,
    twelve_bits_of_everything, see_through, floats_for_pixels, hundred_pictures,
    sound_three_minutes_late, sound_ten_times_as_long, sound_of_half_a_second, hundred_sounds,
    telephone_sound, sound_for_bats, damaged(1e-5, "mp4", spare=8000), damaged(1e-4, "mkv"),
    damaged(1e-3, "ts"), sixty_megabytes_attached, samples.far_above_full_scale, samples.an_odd_length_of_sound,
    samples.no_numbers_now_and_then, samples.a_packet_for_every_sample,
)  # fmt: skip
REFUSED: tuple[Maker, ...] = (
    cut_before_its_index, matroska_cut_in_its_head, only_subtitles, only_a_time_code, only_a_picture,
    a_zip_called_film,
)  # fmt: skip
EITHER: tuple[Maker, ...] = (
    cut_right_after_its_index,
    one_pixel, one_frame, one_line, one_column, times_before_zero, codec_that_changes_midway, edit_list_that_waits_an_hour, edit_list_with_a_thousand_pieces,
    clock_of_one_tick_a_second, clock_of_four_billion_ticks_a_second, clock_that_stands,
    samples_that_lie_beyond_the_file, four_billion_samples, no_key_frame_at_all, no_frames_a_second,
    no_rate_at_all, four_billion_frames_a_second, sound_of_no_channels, samples.channels_that_change_midway,
    sound_of_sixty_channels, sound_at_one_sample_a_second, holes_of_nine_minutes, damaged(1e-2, "mp4"),
    damaged(1e-2, "mkv"), damaged(1e-1, "ts"), noise_with_a_good_beginning,
    attachment_that_claims_to_be_huge, ten_thousand_boxes_in_each_other, picture_of_two_hundred_megapixels,
)  # fmt: skip
