"""What a file holds, without decoding it: streams, size as shown, rate, length that can be read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.media import container as media_container
from goviral.engine.media.length import readable_length
from goviral.kit.errors import InputError
from goviral.kit.files import content_fingerprint

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream as AvVideoStream

_HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}
_STANDARD_RATES = tuple(
    Fraction(rate * 1000, 1001) if ntsc else Fraction(rate)
    for rate, ntsc in (
        *((24, True), (30, True), (60, True), (120, True)),
        *((rate, False) for rate in (12, 15, 24, 25, 30, 48, 50, 60, 100, 120)),
    )
)
_DEFAULT_RATE = Fraction(30)
_FASTEST_RATE = 240
_HEAD_PACKETS = 400
_UNEVEN_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class VideoStream:
    """Pictures. `width` and `height` are as displayed: rotation and pixel shape applied.

    `rotation` is clockwise, in degrees, already applied to the size. `fps` is the average rate, made
    sane; where `variable_rate` is set the pictures are not evenly spaced. `start_ms` and `end_ms` are
    source time: the picture may be over before the sound is. `interlaced`: two half pictures a frame.
    """

    index: int
    width: int
    height: int
    fps: Fraction
    rotation: int = 0
    pix_fmt: str = ""
    color_transfer: str = ""
    color_primaries: str = ""
    color_space: str = ""
    is_hdr: bool = False
    start_ms: int = 0
    end_ms: int = 0
    variable_rate: bool = False
    interlaced: bool = False


@dataclass(frozen=True, slots=True)
class AudioStream:
    """Sound. `start_ms` and `end_ms` are source time: above 0 where sound begins after the picture."""

    index: int
    channels: int
    sample_rate_hz: int
    start_ms: int = 0
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file that can be used. `duration_ms` is what can be read, not what the header promises.

    `container` is libav's name of the format, e.g. `mov,mp4,m4a,3gp,3g2,mj2` or `mpegts`.
    """

    path: Path
    fingerprint: str
    duration_ms: int
    video: VideoStream | None
    audio: AudioStream | None
    warnings: tuple[str, ...] = ()
    container: str = ""


def probe(path: Path) -> MediaInfo:
    """Look into a media file: about 30 ms, more only where its header cannot be trusted.

    Raises `NotFoundError` and `InputError` with what is wrong: a folder, empty, not media, a
    playlist, cut off before its index, no picture and no sound, nothing that can be read.
    """
    with media_container.open_media(path) as container:
        video = _video_stream(container)
        audio = _audio_stream(container)
        if video is None and audio is None:
            raise InputError(
                f"{path.name} holds neither picture nor sound.",
                remedy="Give a video or audio file.",
            )
        kind = container.format.name
        indexes = [stream.index for stream in (video, audio) if stream is not None]
        length = readable_length(container, indexes)
    if length.duration_ms <= 0:
        raise InputError(
            f"Nothing in {path.name} can be read.", remedy="Download or export it again."
        )
    return MediaInfo(
        path=path,
        fingerprint=content_fingerprint(path),
        duration_ms=length.duration_ms,
        video=video and replace(video, end_ms=length.ends_ms.get(video.index, 0)),
        audio=audio and replace(audio, end_ms=length.ends_ms.get(audio.index, 0)),
        warnings=length.warnings,
        container=kind,
    )


def even_rate(rate: Fraction | None, gaps: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """A sane frame rate and whether the pictures are unevenly spaced.

    `rate` is the header's average, `gaps` the seconds between successive pictures. A header rate that
    is missing or beyond 240 gives way to the median gap; an uneven or odd rate snaps to the nearest
    standard one when within 2 %.
    """
    positive = sorted(gap for gap in gaps if gap > 0)
    median = positive[len(positive) // 2] if positive else None
    uneven = median is not None and _is_uneven(positive, median)
    if rate is None or not 0 < rate <= _FASTEST_RATE:
        rate = 1 / median if median else _DEFAULT_RATE
    rate = min(max(rate, Fraction(1)), Fraction(_FASTEST_RATE))
    nearest = min(_STANDARD_RATES, key=lambda standard: abs(standard - rate))
    tolerance = Fraction(1, 50) if uneven else Fraction(1, 1000)
    return (nearest if abs(nearest - rate) <= nearest * tolerance else rate), uneven


def _is_uneven(gaps: Sequence[Fraction], median: Fraction) -> bool:
    # Milliseconds as a time base (Matroska) round 33.37 to 33 or 34: that much is still even.
    slack = max(median / 10, Fraction(2, 1000))
    odd = sum(abs(gap - median) > slack for gap in gaps)
    return odd > len(gaps) * _UNEVEN_SHARE


def _video_stream(container: "InputContainer") -> VideoStream | None:
    from av.stream import Disposition

    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)
        and media_container.has_decoder(stream)
        and stream.codec_context.width
    ]
    preferred = [s for s in streams if s.disposition & Disposition.default] or streams
    return _describe_video(container, preferred[0]) if preferred else None


def _describe_video(container: "InputContainer", stream: "AvVideoStream") -> VideoStream | None:
    gaps, frame, first_ms = _head(container, stream)
    if frame is None:
        return None
    fps, uneven = even_rate(stream.average_rate or stream.guessed_rate, gaps)
    width, height = displayed_size(
        frame.width, frame.height, stream.sample_aspect_ratio, frame.rotation
    )
    transfer = _name(frame.color_trc, _TRANSFERS)
    return VideoStream(
        index=stream.index,
        width=width,
        height=height,
        fps=fps,
        rotation=-frame.rotation % 360,
        pix_fmt=frame.format.name,
        color_transfer=transfer,
        color_primaries=_name(frame.color_primaries, _PRIMARIES),
        color_space=_name(frame.colorspace, _SPACES),
        is_hdr=transfer in _HDR_TRANSFERS,
        # Matroska knows no start of a stream: libav says 0 for a picture that begins minutes later.
        start_ms=max(_start_ms(container, stream.start_time, stream.time_base), first_ms),
        variable_rate=uneven,
        interlaced=frame.interlaced_frame,
    )


def displayed_size(
    width: int, height: int, pixel_shape: Fraction | None, rotation: int
) -> tuple[int, int]:
    """Size on screen: pixels made square by widening, then turned."""
    if pixel_shape and pixel_shape != 1 and Fraction(1, 8) < pixel_shape < 8:
        width = max(1, round(width * pixel_shape))
    return (height, width) if rotation % 180 else (width, height)


def _head(
    container: "InputContainer", stream: "AvVideoStream"
) -> "tuple[list[Fraction], VideoFrame | None, int]":
    """Gaps between the first pictures, the first one that decodes, the earliest source time."""
    times: list[Fraction] = []
    frame: VideoFrame | None = None
    for packet in media_container.packets(container, stream):
        pts = packet.dts if packet.pts is None else packet.pts
        if pts is not None and packet.time_base is not None:
            times.append(pts * packet.time_base)
        if frame is None:
            frame = next(iter(media_container.decoded(packet)), None)
        if len(times) >= _HEAD_PACKETS:
            break
    media_container.seek(container, 0)
    # Packets come in decoding order: the last few wait for ones that were not read.
    times = sorted(times)[:-8] if len(times) >= _HEAD_PACKETS else sorted(times)
    start_ms = round(times[0] * 1000 - Fraction(container.start_time or 0, 1000)) if times else 0
    return [later - earlier for earlier, later in pairwise(times)], frame, start_ms


def _audio_stream(container: "InputContainer") -> AudioStream | None:
    from av.stream import Disposition

    streams = [
        stream
        for stream in container.streams.audio
        if media_container.has_decoder(stream) and stream.codec_context.sample_rate
    ]
    preferred = [s for s in streams if s.disposition & Disposition.default] or streams
    if not preferred:
        return None
    stream = preferred[0]
    return AudioStream(
        index=stream.index,
        channels=stream.codec_context.channels,
        sample_rate_hz=stream.codec_context.sample_rate,
        start_ms=_start_ms(container, stream.start_time, stream.time_base),
    )


def _start_ms(container: "InputContainer", pts: int | None, time_base: Fraction | None) -> int:
    if pts is None or time_base is None:
        return 0
    return round(pts * time_base * 1000 - Fraction(container.start_time or 0, 1000))


_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear",
    13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67",
}  # fmt: skip
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020",
    11: "smpte431", 12: "smpte432",
}  # fmt: skip
_SPACES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc",
    10: "bt2020c", 14: "ictcp",
}  # fmt: skip


def _name(code: int, names: dict[int, str]) -> str:
    """ffmpeg's word for a colour code; empty where the file does not say."""
    return names.get(int(code), "")
