"""How long `goviral --help` takes: people and shells wait for it."""

import sys
from pathlib import Path

from bench.figure import Figure
from bench.measure import cost_of, median_cost

RUNS = 7


def measure(folder: Path) -> list[Figure]:
    """Wall and CPU seconds of the help text, beside a bare interpreter."""
    goviral = Path(sys.executable).with_name("goviral")
    ours = median_cost(RUNS, lambda: cost_of([str(goviral), "--help"]))
    bare = median_cost(RUNS, lambda: cost_of([sys.executable, "-c", "pass"]))
    return [
        Figure("goviral --help, wall", ours.wall_s, "s", 0.3),
        Figure("goviral --help, CPU", ours.cpu_s, "s"),
        Figure("bare python, wall", bare.wall_s, "s"),
    ]
