"""`goviral moments` on transcripts from one to ten hours: seconds, memory and how it grows."""

import math
import sys
from pathlib import Path

from bench import sources
from bench.figure import Figure
from bench.measure import cost_of, median_cost

HOURS = (1, 2, 5, 10)
RUNS = 3


def measure(folder: Path) -> list[Figure]:
    """Growth is the exponent `b` of `cost = a (n log n)^b`, fitted over the start-up cost."""
    goviral = str(Path(sys.executable).with_name("goviral"))
    figures, points = [], []
    idle = median_cost(RUNS, lambda: cost_of([goviral, "--version"]))
    for hours in HOURS:
        path = folder / f"talk-{hours}h.json"
        words = sources.transcript(path, hours * 3600)
        cost = median_cost(
            RUNS, lambda path=path: cost_of([goviral, "moments", str(path), "--json"])
        )
        aim = 3.0 if hours == max(HOURS) else None
        figures.append(Figure(f"moments, {hours} h, {words} words, wall", cost.wall_s, "s", aim))
        if hours == max(HOURS):
            figures.append(Figure(f"moments, {hours} h, peak memory", cost.peak_mb, "MB", 400))
        points.append((words * math.log(words), max(0.01, cost.cpu_s - idle.cpu_s)))
    figures.append(Figure("moments, growth against n log n", _exponent(points), "", 1.1))
    return figures


def _exponent(points: list[tuple[float, float]]) -> float:
    """Slope of the least-squares line through the points in log-log."""
    xs = [math.log(x) for x, _ in points]
    ys = [math.log(y) for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
