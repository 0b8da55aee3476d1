"""Twelve clips of one hour: time over the bare renders, memory, and that memory does not grow."""

from pathlib import Path

from bench import sources
from bench.bare import bare_command
from bench.clip_cost import clip_command
from bench.figure import Figure
from bench.measure import Cost, cost_of

MINUTE = 60
CLIPS = 12


def measure(folder: Path) -> list[Figure]:
    """The bare renders run one after another, each on all cores."""
    minute, quarter, hour = (folder / f"{name}.mp4" for name in ("minute", "quarter", "hour"))
    sources.talking_head(minute, MINUTE)
    sources.looped(minute, quarter, 15)
    sources.looped(minute, hour, 60)
    short = _run(quarter, 15 * MINUTE, folder / "short")
    ours = _run(hour, 60 * MINUTE, folder / "long")
    plans = sorted((folder / "long").glob("*/*.plan.json"))
    bare_s = 0.0
    for plan in plans:
        command, environment = bare_command(plan, folder / "bare" / plan.stem)
        bare_s += cost_of(command, environment).wall_s
    return [
        Figure(f"{len(plans)} clips of an hour, wall", ours.wall_s, "s"),
        Figure(
            f"{len(plans)} clips of an hour, whole / bare, wall", ours.wall_s / bare_s, "x", 1.3
        ),
        Figure(f"{len(plans)} clips of an hour, peak memory", ours.peak_mb, "MB", 600),
        Figure("peak memory, an hour / a quarter", ours.peak_mb / short.peak_mb, "x", 1.1),
    ]


def _run(video: Path, seconds: int, out: Path) -> Cost:
    words = out.with_suffix(".transcript.json")
    sources.transcript(words, seconds)
    return cost_of(clip_command(video, words, out, count=CLIPS))
