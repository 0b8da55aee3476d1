"""Whether a finished clip is what its plan promised: looked at in the file, not believed."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from goviral.engine.clips.cutting import cut_of
from goviral.engine.clips.plan import ClipPlan
from goviral.engine.media.container import decoded, open_media, packets
from goviral.engine.media.ffmpeg import Ffmpeg
from goviral.engine.media.loudness import SILENT_LUFS, LoudnessReading, measure_loudness
from goviral.kit.errors import AppError
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_SKEW_MS = 40
LOUDNESS_TOLERANCE_LU = 0.5
_LOUDNESS_FAILURE_LU = 3.0
_MAX_TRUE_PEAK_DBTP = -0.9
_LEAST_SHARE = 0.5
_LOOKED_AT = 6
_FLAT = 3
_BT709 = 1
_LIMITED_RANGE = 1

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a clip. An `error` makes it unfit to be delivered."""

    check: str
    message: str
    severity: Severity = "error"


def check_clip(path: Path, plan: ClipPlan, *, ffmpeg: Ffmpeg | None = None) -> tuple[Finding, ...]:
    """Look at length, size, streams, codecs, colours, index, sync and picture; loudness with `ffmpeg`.

    Costs about 0.1 s: packets are counted, only a few key frames are decoded. Empty where all is well.
    """
    try:
        with open_media(path) as container:
            findings = [*_streams(container, plan)]
            if not findings:
                findings += [*_pictures(container, plan), *_timing(container, plan)]
    except AppError as error:
        return (Finding("file", f"the file cannot be read ({error.message})"),)
    findings += _index(path)
    if ffmpeg and plan.loudness and plan.source.audio_stream is not None:
        findings += _loudness(measure_loudness(ffmpeg, path, _whole(plan)), plan)
    return tuple(findings)


def _whole(plan: ClipPlan) -> Span:
    return Span(0, plan.span.duration_ms + 1000)


def _streams(container: "InputContainer", plan: ClipPlan) -> Iterator[Finding]:
    kinds = sorted(stream.type for stream in container.streams)
    wanted = ["video"] if plan.source.audio_stream is None else ["audio", "video"]
    if kinds != wanted:
        yield Finding(
            "streams", f"it holds {' and '.join(kinds)} instead of {' and '.join(wanted)}"
        )


def _pictures(container: "InputContainer", plan: ClipPlan) -> Iterator[Finding]:
    video = container.streams.video[0]
    context = video.codec_context
    size = (context.width, context.height)
    if size != (plan.frame.width, plan.frame.height):
        yield Finding("size", f"it is {size[0]}x{size[1]}")
    if (context.name, context.pix_fmt) != ("h264", "yuv420p"):
        yield Finding("codec", f"its picture is {context.name} {context.pix_fmt}")
    tags = (context.colorspace, context.color_primaries, context.color_trc)
    if {int(tag) for tag in tags} != {_BT709} or int(context.color_range) != _LIMITED_RANGE:
        yield Finding("colors", "its colours are not tagged BT.709, limited range")
    if container.streams.audio:
        yield from _sound(container.streams.audio[0])


def _sound(audio: "AudioStream") -> Iterator[Finding]:
    context = audio.codec_context
    found = (context.name, context.sample_rate, context.channels)
    if found != ("aac", 48000, 2):
        yield Finding("codec", f"its sound is {found[0]}, {found[1]} Hz, {found[2]} channels")


def _timing(container: "InputContainer", plan: ClipPlan) -> Iterator[Finding]:
    """Counts packets, which needs no decoding, and looks at a few key frames on the way."""
    video = container.streams.video[0]
    audio = next(iter(container.streams.audio), None)
    frames, flat = _count(container, video)
    cut = cut_of(plan)
    if frames < cut.frames * _LEAST_SHARE:
        yield Finding("remnant", f"only {frames} of its {cut.frames} frames are there")
    elif abs(frames - cut.frames) > 1:
        yield Finding("duration", f"it has {frames} frames instead of {cut.frames}")
    if flat:
        yield Finding("picture", "nothing is to be seen: every picture looked at is one colour")
    if audio is not None:
        skew_ms = round((_start(audio) - _start(video)) * 1000)
        if abs(skew_ms) > MAX_SKEW_MS:
            yield Finding("sync", f"sound and picture start {abs(skew_ms)} ms apart")
        short_ms = round((cut.duration - _length(audio)) * 1000)
        if abs(short_ms) > max(float(MAX_SKEW_MS), float(1000 / cut.fps)):
            yield Finding("duration", f"its sound is {short_ms} ms shorter than its picture")


def _count(container: "InputContainer", video: "VideoStream") -> tuple[int, bool]:
    """Pictures in the file, and whether the first key frames show nothing but one colour.

    The decoder may hold a key frame back until the next packet: what it holds at the end is looked at
    too, so that a clip with a single key frame is judged by it.
    """
    count, asked = 0, 0
    shown: list[VideoFrame] = []
    for packet in packets(container, video):
        if not packet.size:
            continue
        count += 1
        if packet.is_keyframe and asked < _LOOKED_AT and all(map(_is_flat, shown)):
            asked += 1
            shown += decoded(packet)
    shown = shown or list(video.codec_context.decode(None))
    return count, bool(shown) and all(map(_is_flat, shown))


def _is_flat(frame: "VideoFrame") -> bool:
    small = frame.reformat(96, 96, format="gray").to_ndarray()
    darkest, brightest = int(small.min()), int(small.max())
    return brightest - darkest <= _FLAT


def _start(stream: "VideoStream | AudioStream") -> Fraction:
    return Fraction(stream.start_time or 0) * (stream.time_base or Fraction(0))


def _length(stream: "VideoStream | AudioStream") -> Fraction:
    return Fraction(stream.duration or 0) * (stream.time_base or Fraction(0))


def _index(path: Path) -> Iterator[Finding]:
    if not starts_at_once(path):
        yield Finding("faststart", "its index is at the end: it would not start while loading")


def starts_at_once(path: Path) -> bool:
    """Whether `moov` comes before `mdat` among the top-level boxes of an MP4."""
    with path.open("rb") as stream:
        while len(header := stream.read(8)) == 8:
            size, kind = int.from_bytes(header[:4], "big"), header[4:]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if size == 1:
                size = int.from_bytes(stream.read(8), "big") - 8
            if size < 8:
                return False
            stream.seek(size - 8, 1)
    return False


def _loudness(reading: LoudnessReading, plan: ClipPlan) -> Iterator[Finding]:
    wanted = plan.loudness
    if wanted is None or wanted.measured_lufs <= SILENT_LUFS:
        return
    off = reading.integrated_lufs - wanted.target_lufs
    if abs(off) > LOUDNESS_TOLERANCE_LU:
        severity: Severity = "error" if abs(off) > _LOUDNESS_FAILURE_LU else "warning"
        yield Finding(
            "loudness",
            f"it is {reading.integrated_lufs:.1f} LUFS instead of {wanted.target_lufs:.1f}",
            severity,
        )
    if reading.true_peak_dbtp > _MAX_TRUE_PEAK_DBTP:
        yield Finding("peak", f"its true peak is {reading.true_peak_dbtp:.1f} dBTP", "warning")
