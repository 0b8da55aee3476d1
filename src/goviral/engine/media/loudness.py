"""Loudness by ITU-R BS.1770 (ffmpeg's ebur128) and the fixed gain that reaches a target.

A fixed gain with a limiter, not loudnorm: the same loudness for half the CPU, dynamics kept, and the
same result every time.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from goviral.engine.media.channels import LEVELS, on_both_sides, only_side
from goviral.engine.media.ffmpeg import Ffmpeg, input_arguments, run_ffmpeg
from goviral.kit.timecode import Span, seconds

TARGET_LUFS = -14.0
TOLERANCE_LU = 0.5
TRUE_PEAK_DBTP = -1.0
SILENT_LUFS = -69.0

# Encoding to AAC raises the true peak by 0.3 to 0.6 dB.
_CODEC_ROOM_DB = 0.7
MAX_GAIN_DB = 40.0
"""More would lift the hiss of an empty room to the loudness of a voice."""
_STEREO = "aformat=sample_rates=48000:channel_layouts=stereo"
_ONE_OF_BOTH = "aformat=sample_rates=48000:channel_layouts=mono,volume=-3.0103dB"
"""Either side of the stereo that ffmpeg makes of mono."""
_CLOSE_ENOUGH_LU = 0.2
_BETWEEN_SAMPLES_DB = 3.01
"""A tone at a quarter of the rate may pass between its samples."""
_TRIES = 8
"""Two or three do for nearly every talk; a whisper with one loud knock takes more."""
_LEAST_SLOPE = 0.15


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """Integrated loudness and true peak; -70 LUFS and -inf dBTP for silence."""

    integrated_lufs: float
    true_peak_dbtp: float

    @property
    def is_silent(self) -> bool:
        return self.integrated_lufs <= SILENT_LUFS


class LoudnessGain(NamedTuple):
    """What brings a span to its target; `measured_lufs` is the span as it was.

    `reaches_lufs` is the target, or what is reached instead where no gain allowed brings the span there.
    `side` is the only side of stereo with sound, put on both before all this; empty: both as they are.
    """

    gain_db: float
    limit_dbfs: float
    measured_lufs: float
    reaches_lufs: float
    side: str = ""


def loudness_filters(gain_db: float, limit_dbfs: float) -> str:
    """The chain that was simulated when the gain was chosen; rendering must use the very same."""
    limit = 10 ** (limit_dbfs / 20)
    return f"{_STEREO},volume={gain_db:.2f}dB,alimiter=limit={limit:.4f}:attack=5:release=50:level=disabled:latency=1"


def measure_loudness(
    ffmpeg: Ffmpeg,
    path: Path,
    span: Span,
    filters: str = "anull",
    *,
    stream: int | None = None,
    mono: bool = False,
) -> LoudnessReading:
    """Loudness of a span after `filters`, of stream number `stream` or else of the first audio track.

    About 0.1 CPU-s for 30 s. Of a `mono` track the one channel alone is measured, for both.
    """
    return reading_of(_heard(ffmpeg, path, span, filters, stream, mono=mono))


def _heard(
    ffmpeg: Ffmpeg,
    path: Path,
    span: Span,
    filters: str,
    stream: int | None,
    *,
    mono: bool,
    peak: str = "true",
) -> str:
    """What ffmpeg wrote about a span's sound after `filters`; its `peak` between samples, or of the samples."""
    meter = f"ebur128=peak={peak}:framelog=quiet"
    if mono:
        filters, meter = filters.replace(_STEREO, _ONE_OF_BOTH), f"{meter}:dualmono=true"
    return run_ffmpeg(
        ffmpeg,
        [
            *("-vn", "-sn", "-dn", "-ss", seconds(span.start_ms), "-t", seconds(span.duration_ms)),
            *input_arguments(path),
            *("-map", "0:a:0" if stream is None else f"0:{stream}"),
            *("-af", f"{filters},{meter}"),
            *("-f", "null", "-"),
        ],
        timeout_s=120 + span.duration_ms / 1000,
        loglevel="info",
    ).log


def loudness_gain(
    ffmpeg: Ffmpeg,
    path: Path,
    span: Span,
    *,
    stream: int | None = None,
    mono: bool = False,
    target_lufs: float = TARGET_LUFS,
    true_peak_dbtp: float = TRUE_PEAK_DBTP,
) -> LoudnessGain:
    """The gain and limit whose result, after encoding, is within ±0.5 LU and below the true peak.

    Simulates `loudness_filters` on the span's sound and corrects. Silence is left alone. `mono`: the
    track is known to have one channel.
    """
    whole = _STEREO if mono else f"{LEVELS},{_STEREO}"
    log = _heard(ffmpeg, path, span, whole, stream, mono=mono, peak="sample")
    side = only_side(log)

    def measure(filters: str) -> LoudnessReading:
        if filters == _STEREO and not side:
            return _at_most(reading_of(log))  # heard already, with the levels of its channels
        both = f"{on_both_sides(side)},{filters}" if side else filters
        return measure_loudness(ffmpeg, path, span, both, stream=stream, mono=mono)

    found = gain_for(measure, target_lufs=target_lufs, true_peak_dbtp=true_peak_dbtp)
    return found._replace(side=side)


def _at_most(heard: LoudnessReading) -> LoudnessReading:
    """A bound for the true peak by that of the samples. To find it between them costs as much as all else,
    and nearly every talk has to be limited anyway."""
    return replace(heard, true_peak_dbtp=heard.true_peak_dbtp + _BETWEEN_SAMPLES_DB)


def gain_for(
    measure: Callable[[str], LoudnessReading],
    *,
    target_lufs: float = TARGET_LUFS,
    true_peak_dbtp: float = TRUE_PEAK_DBTP,
) -> LoudnessGain:
    """The same for any sound: `measure` tells what it is like after filters. Asked once to nine times."""
    room = true_peak_dbtp - _CODEC_ROOM_DB
    # Without the limiter: floats may lie far above full scale.
    measured = measure(_STEREO)
    if measured.is_silent:
        return LoudnessGain(0.0, room, measured.integrated_lufs, target_lufs)
    gain = min(target_lufs - measured.integrated_lufs, MAX_GAIN_DB)
    if gain < MAX_GAIN_DB and measured.true_peak_dbtp + gain <= room:
        # Without limiting, the result is exact already; with it, every dB of gain gives a little less.
        return _found(gain, room, measured, target_lufs)
    limit, tried, reached = room, 0.0, measured.integrated_lufs
    for _ in range(_TRIES):
        result = measure(loudness_filters(gain, limit))
        over = max(0.0, result.true_peak_dbtp - room)
        limit -= over
        slope = _slope(gain - tried, result.integrated_lufs - reached)
        tried, reached = gain, result.integrated_lufs
        missing = target_lufs - reached
        gain = min(gain + missing / slope, MAX_GAIN_DB)
        # A peak far above the samples, which are all that is limited, is not lower by as much as the limit is.
        if over > _CODEC_ROOM_DB:
            continue
        if abs(missing) <= _CLOSE_ENOUGH_LU:
            return _found(gain, limit, measured, target_lufs)
        if gain == tried:
            break
    return _found(tried, limit, measured, reached)


def _found(
    gain_db: float, limit_dbfs: float, measured: LoudnessReading, reaches_lufs: float
) -> LoudnessGain:
    gain, limit, reaches = round(gain_db, 2), round(limit_dbfs, 2), round(reaches_lufs, 1)
    return LoudnessGain(gain, limit, measured.integrated_lufs, reaches)


def _slope(gained_db: float, louder_lu: float) -> float:
    """LU for each dB of gain, as the last step showed."""
    return min(1.0, max(_LEAST_SLOPE, louder_lu / gained_db)) if abs(gained_db) > 0.1 else 1.0


def reading_of(log: str) -> LoudnessReading:
    """What ebur128 wrote at its end; silence where it wrote nothing."""
    summary = log.rpartition("Summary:")[2]
    return LoudnessReading(
        integrated_lufs=_last_number(r"I:\s*(-?[\d.]+|-?inf|nan) LUFS", summary, -70.0),
        true_peak_dbtp=_last_number(r"Peak:\s*(-?[\d.]+|-?inf|nan) dBFS", summary, -math.inf),
    )


def _last_number(pattern: str, text: str, missing: float) -> float:
    found: Sequence[str] = re.findall(pattern, text)
    value = float(found[-1]) if found else missing
    return missing if math.isnan(value) or value == -math.inf else value
