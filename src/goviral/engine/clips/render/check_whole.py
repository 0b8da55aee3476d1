"""Every frame and sample of a clip decoded once: what key frames and packets cannot tell.

Costs as much as playing the clip, which is why a run does not do it and `goviral check` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from goviral.engine.clips.render.findings import Finding, stretch
from goviral.engine.media.ffmpeg import Ffmpeg, input_arguments, run_ffmpeg
from goviral.kit.errors import AppError

_BLACK = "blackdetect=d=0.5:pix_th=0.08"
_FROZEN = "freezedetect=n=0.001:d=2"
_COMPLAINT = re.compile(r"\[(?:error|fatal)\]\s*(.*)")
_BLACK_LINE = re.compile(r"black_start:([\d.]+) black_end:([\d.]+)")
_FROZEN_LINE = re.compile(r"freeze_(start|end): ([\d.]+)")
_MOST_COMPLAINTS = 3


def check_whole(path: Path, ffmpeg: Ffmpeg, duration_s: float) -> tuple[Finding, ...]:
    """ffmpeg's complaints are errors; black for half a second and still for two are told."""
    try:
        output = run_ffmpeg(
            ffmpeg,
            [
                *input_arguments(path),
                *("-map", "0:v:0", "-vf", f"{_BLACK},{_FROZEN}", "-map", "0:a?", "-f", "null", "-"),
            ],
            timeout_s=120 + 10 * duration_s,
            loglevel="level+info",
        )
    except AppError as error:
        return (Finding("decode", f"it cannot be played to its end: {error.message}"),)
    dark = [(float(start), float(end)) for start, end in _BLACK_LINE.findall(output.log)]
    return (*_complaints(output.log), *_black(dark), *_frozen(output.log, dark, duration_s))


def _complaints(log: str) -> Iterator[Finding]:
    lines = [match.group(1) for match in map(_COMPLAINT.search, log.splitlines()) if match]
    for line in lines[:_MOST_COMPLAINTS]:
        yield Finding("decode", f"ffmpeg complains: {line.strip()}")


def _black(dark: "list[tuple[float, float]]") -> Iterator[Finding]:
    for start, end in dark:
        yield Finding("black", f"its picture is black {stretch(start, end)}", "warning")


def _frozen(log: str, dark: "list[tuple[float, float]]", duration_s: float) -> Iterator[Finding]:
    """A stretch that lasts to the end has no end in the log; black, of course, stands still."""
    begun: float | None = None
    for edge, at in [*_FROZEN_LINE.findall(log), ("end", str(duration_s))]:
        if edge == "start":
            begun = float(at)
        elif begun is not None:
            if not any(start - 0.1 <= begun <= end for start, end in dark):
                where = stretch(begun, float(at))
                yield Finding("frozen", f"its picture stands still {where}", "warning")
            begun = None
