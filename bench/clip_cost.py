"""One 30-second clip from 1080p: everything we do, over the bare ffmpeg command for the same picture."""

import statistics
import sys
from pathlib import Path

from bench import sources
from bench.bare import bare_command
from bench.figure import Figure
from bench.measure import Cost, cost_of, median_of

RUNS = 5
SECONDS = 40


def measure(folder: Path) -> list[Figure]:
    """The whole `goviral clip`, start-up, analysis, thumbnail and report included."""
    video, words = folder / "head.mp4", folder / "head.transcript.json"
    sources.talking_head(video, SECONDS)
    sources.transcript(words, SECONDS)
    out = folder / "clips"

    def whole() -> Cost:
        return cost_of(clip_command(video, words, out, count=1))

    whole()  # modules are compiled, files are in memory
    (plan,) = out.glob("*/*.plan.json")
    command, environment = bare_command(plan, folder / "bare")
    # In turns: what else the machine does meets both.
    pairs = [(whole(), cost_of(command, environment)) for _ in range(RUNS)]
    ours, bare = (median_of(costs) for costs in zip(*pairs, strict=True))
    # A shared machine is faster in one minute than in the next, which neighbours have in common.
    ratio = statistics.median(whole.cpu_s / alone.cpu_s for whole, alone in pairs)
    return [
        Figure("30 s clip, whole command, CPU", ours.cpu_s, "s"),
        Figure("30 s clip, bare ffmpeg, CPU", bare.cpu_s, "s"),
        Figure("30 s clip, whole / bare, CPU", ratio, "x", 1.15),
        Figure("30 s clip, peak memory", ours.peak_mb, "MB", 600),
    ]


def clip_command(video: Path, words: Path, out: Path, *, count: int) -> list[str]:
    """`goviral clip` for clips of about 30 s."""
    goviral = str(Path(sys.executable).with_name("goviral"))
    options = f"--count {count} --min 25 --max 32 --fresh".split()
    return [goviral, "clip", str(video), "--transcript", str(words), "--out", str(out), *options]
