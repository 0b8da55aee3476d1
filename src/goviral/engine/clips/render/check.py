"""Whether a finished clip is what its plan promised: looked at in the file, not believed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.graph.bumpers import around_frames
from goviral.engine.clips.graph.cutting import cut_of
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.render.check_pictures import judge, look_through
from goviral.engine.clips.render.check_whole import check_whole
from goviral.engine.clips.render.findings import Finding
from goviral.engine.media.container import open_media
from goviral.engine.media.ffmpeg import Ffmpeg
from goviral.engine.media.loudness import (
    MAX_GAIN_DB,
    SILENT_LUFS,
    TARGET_LUFS,
    TOLERANCE_LU,
    TRUE_PEAK_DBTP,
    LoudnessReading,
    measure_loudness,
)
from goviral.kit.errors import AppError
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

MAX_SKEW_MS = 40
_ROUNDING = 0.01
"""Loudness and peak are measured in tenths; as binary fractions those are not exact."""
_LEAST_SHARE = 0.5
_RATE_TOLERANCE = 0.005
_BT709 = 1
_LIMITED_RANGE = 1
_SEEN_BETTER = frozenset({"black", "frozen"})
"""What key frames show roughly and playing it all shows exactly."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a clip has to be. What is None is not known without its plan, and not checked."""

    size: tuple[int, int] | None = None
    fps: Fraction | None = None
    frames: int | None = None
    sound: bool | None = None
    target_lufs: float | None = TARGET_LUFS
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in a file, and what was measured on the way."""

    findings: tuple[Finding, ...]
    facts: dict[str, object] = field(default_factory=dict)
    heard: LoudnessReading | None = None

    @property
    def passed(self) -> bool:
        return all(finding.severity != "error" for finding in self.findings)


def promise_of(plan: ClipPlan) -> Promise:
    """What a plan promises of its clip."""
    cut, gain = cut_of(plan), plan.loudness
    sound = plan.source.audio_stream is not None
    audible = sound and gain is not None and gain.measured_lufs > SILENT_LUFS
    return Promise(
        size=(plan.frame.width, plan.frame.height),
        fps=cut.fps,
        frames=cut.frames + around_frames(plan),
        sound=sound,
        target_lufs=gain.target_lufs if gain and audible else None,
        gain_db=gain.gain_db if gain else 0.0,
    )


def check_clip(path: Path, plan: ClipPlan, *, ffmpeg: Ffmpeg | None = None) -> Examination:
    """Look at length, size, rate, streams, codecs, colours, index, sync and picture; loudness with
    `ffmpeg`.

    Costs about 0.2 s: packets are counted, only key frames are decoded.
    """
    return examine(path, promise_of(plan), ffmpeg=ffmpeg)


def examine(
    path: Path, promise: Promise, *, ffmpeg: Ffmpeg | None = None, whole: bool = False
) -> Examination:
    """As `check_clip`, with what was measured; `whole` plays every frame and sample too."""
    facts: dict[str, object] = {}
    try:
        with open_media(path) as container:
            findings = [*_streams(container, promise)]
            if not findings:
                findings += [*_pictures(container, promise), *_timing(container, promise, facts)]
    except AppError as error:
        return Examination((Finding("file", f"the file cannot be read ({error.message})"),))
    findings += _index(path)
    heard = _heard(path, promise, ffmpeg, facts) if facts and ffmpeg else None
    if heard:
        facts |= {"lufs": heard.integrated_lufs, "true_peak_dbtp": heard.true_peak_dbtp}
        findings += _loudness(heard, promise)
    if facts and ffmpeg and whole:
        findings = [found for found in findings if found.check not in _SEEN_BETTER]
        findings += check_whole(path, ffmpeg, _duration_s(facts))
    return Examination(tuple(findings), facts, heard)


def _heard(
    path: Path, promise: Promise, ffmpeg: Ffmpeg, facts: dict[str, object]
) -> LoudnessReading | None:
    if "skew_ms" not in facts or promise.target_lufs is None:
        return None
    return measure_loudness(ffmpeg, path, Span(0, round(_duration_s(facts) * 1000) + 1000))


def _duration_s(facts: dict[str, object]) -> float:
    return float(str(facts["duration_s"]))


def _streams(container: "InputContainer", promise: Promise) -> Iterator[Finding]:
    kinds = sorted(stream.type for stream in container.streams)
    sound = promise.sound if promise.sound is not None else "audio" in kinds
    wanted = ["audio", "video"] if sound else ["video"]
    if kinds != wanted:
        held = " and ".join(kinds) or "nothing"
        yield Finding("streams", f"it holds {held} instead of {' and '.join(wanted)}")


def _pictures(container: "InputContainer", promise: Promise) -> Iterator[Finding]:
    video = container.streams.video[0]
    context = video.codec_context
    size = (context.width, context.height)
    if promise.size is not None and size != promise.size:
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


def _timing(
    container: "InputContainer", promise: Promise, facts: dict[str, object]
) -> Iterator[Finding]:
    video = container.streams.video[0]
    audio = next(iter(container.streams.audio), None)
    seen = look_through(container, video)
    fps = promise.fps or Fraction(video.average_rate or 0)
    duration = seen.count / fps if fps else _length(video)
    facts |= _measured(video, seen.count, duration)
    yield from _length_findings(seen.count, promise)
    yield from _rate(video, fps)
    yield from judge(seen.stills)
    if audio is not None:
        yield from _sync(video, audio, promise, duration, facts)


def _measured(video: "VideoStream", frames: int, duration: Fraction) -> dict[str, object]:
    return {
        "width": video.codec_context.width,
        "height": video.codec_context.height,
        "fps": str(video.average_rate or 0),
        "frames": frames,
        "duration_s": round(float(duration), 3),
    }


def _length_findings(frames: int, promise: Promise) -> Iterator[Finding]:
    wanted = promise.frames
    if wanted is None:
        return
    if frames < wanted * _LEAST_SHARE:
        yield Finding("remnant", f"only {frames} of its {wanted} frames are there")
    elif abs(frames - wanted) > 1:
        yield Finding("duration", f"it has {frames} frames instead of {wanted}")


def _rate(video: "VideoStream", fps: Fraction) -> Iterator[Finding]:
    """Frames over the time they are shown. One frame has no rate."""
    shown = _length(video)
    if video.frames < 2 or not shown or not fps:
        return
    rate = video.frames / shown
    if abs(rate / fps - 1) > max(_RATE_TOLERANCE, 1 / video.frames):
        yield Finding("fps", f"it shows {float(rate):.3f} frames a second, not {float(fps):.3f}")


def _sync(
    video: "VideoStream",
    audio: "AudioStream",
    promise: Promise,
    duration: Fraction,
    facts: dict[str, object],
) -> Iterator[Finding]:
    skew_ms = round((_start(audio) - _start(video)) * 1000)
    facts["skew_ms"] = skew_ms
    if abs(skew_ms) > MAX_SKEW_MS:
        yield Finding("sync", f"sound and picture start {abs(skew_ms)} ms apart")
    fps = promise.fps or Fraction(25)
    planned = promise.frames / fps if promise.frames else duration
    short_ms = round((planned - _length(audio)) * 1000)
    if abs(short_ms) > max(float(MAX_SKEW_MS), float(1000 / fps)):
        word = "shorter" if short_ms > 0 else "longer"
        yield Finding("duration", f"its sound is {abs(short_ms)} ms {word} than its picture")


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


def _loudness(reading: LoudnessReading, promise: Promise) -> Iterator[Finding]:
    target_lufs = TARGET_LUFS if promise.target_lufs is None else promise.target_lufs
    heard = f"it is {reading.integrated_lufs:.1f} LUFS instead of"
    if abs(reading.integrated_lufs - target_lufs) > TOLERANCE_LU + _ROUNDING:
        yield Finding("loudness", f"{heard} {target_lufs:.1f}")
    elif promise.gain_db >= MAX_GAIN_DB and target_lufs < TARGET_LUFS - TOLERANCE_LU:
        told = (
            f"{heard} {TARGET_LUFS:.1f}: its source is so quiet that {MAX_GAIN_DB:g} dB do not do"
        )
        yield Finding("loudness", told, "warning")
    if reading.true_peak_dbtp > TRUE_PEAK_DBTP + _ROUNDING:
        yield Finding("peak", f"its true peak is {reading.true_peak_dbtp:.1f} dBTP")
