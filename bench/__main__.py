"""`make bench`: what everything costs, as ratios within this run; also written as JSON.

`python -m bench [NAME ...]` runs only the named ones.
"""

import json
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench import (
    api,
    clip_cost,
    dedup,
    jobs,
    listeners,
    long_source,
    moments_scale,
    shapes,
    soak,
    startup,
    with_key,
)
from bench.figure import Figure

BENCHES = {
    "startup": startup.measure,
    "moments": moments_scale.measure,
    "dedup": dedup.measure,
    "model": with_key.measure,
    "clip": clip_cost.measure,
    "shapes": shapes.measure,
    "jobs": jobs.measure,
    "api": api.measure,
    "listeners": listeners.measure,
    "hour": long_source.measure,
}
ON_REQUEST = {"soak": soak.measure}
"""Only when named: they take as long as they are told to."""
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the benches, print the table, write the JSON; fails where an aim is missed."""
    names = sys.argv[1:] or list(BENCHES)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="goviral-bench-") as folder:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            own = Path(folder) / name
            own.mkdir()
            figures += (BENCHES | ON_REQUEST)[name](own)
    print_table(figures)
    RESULTS.mkdir(exist_ok=True)
    report = {"machine": platform.machine(), "figures": [asdict(figure) for figure in figures]}
    (RESULTS / "bench.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1


def print_table(figures: list[Figure]) -> None:
    """One row a figure: what, value, aim, and whether the aim is met."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        aim = f"<= {figure.aim:g}" if figure.aim is not None else ""
        mark = "" if figure.aim is None else ("ok" if figure.met else "MISSED")
        print(f"{figure.name:<{width}}  {figure.value:>9.3f} {figure.unit:<6} {aim:<9} {mark}")


if __name__ == "__main__":
    sys.exit(main())
