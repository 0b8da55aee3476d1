"""`make chaos`: 200 jobs and a few pipelines under blows, on both sizes; the seed makes it again.

`python -m chaos [--size one|many|both] [--jobs N] [--blows N] [--runs N] [--seed N] [--only KIND] [--lease S]`
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from chaos.effects import observing
from chaos.ground import prepare, start_runs
from chaos.place import standing
from chaos.storm import Outcome, Storm
from servers import postgres_programs

LEASE_S = 10.0
_STEPS = 24
_CALM_S = 420.0


def storm(
    size: str,
    seed: int,
    *,
    jobs: int,
    blows: int,
    runs: int,
    lease_s: float = LEASE_S,
    steps: int = _STEPS,
    pause_s: float = 0.3,
    only: str | None = None,
) -> Outcome:
    """One storm; where `only` is named, no other kind of blow falls.

    Raises `FileNotFoundError` where PostgreSQL or Redis is missing for `many`.
    """
    programs, redis = _servers() if size == "many" else (None, None)
    with (
        observing() as (effects, port),
        tempfile.TemporaryDirectory() as own,
        standing(
            port, lease_s=lease_s, steps=steps, programs=programs, redis_program=redis
        ) as place,
    ):
        try:
            videos = prepare(place, runs, Path(own))
            place.start()
            started = start_runs(place, videos)
            raging = Storm(place, effects, seed, jobs=jobs, blows=blows, only=only)
            return raging.rage(started, pause_s=pause_s, within_s=_CALM_S)
        finally:
            _keep_logs(place.folder, size)


def table(out: Outcome) -> str:
    """The outcome for a person."""
    lines = [
        ("size", "one machine" if out.size == "one" else "many machines"),
        ("seed", out.seed),
        ("ordered, accepted, job rows", f"{out.ordered}, {out.accepted}, {out.rows}"),
        ("orders sent again", out.repeated_orders),
        ("blows", _counts(out.blows)),
        ("jobs by state", _counts(out.states)),
        ("jobs by tries", _counts(out.attempts)),
        ("replayed by the administrator", f"{out.replayed} ({_counts(out.died)})"),
        ("pipeline runs by state", _counts(out.runs)),
        ("looks at the rows", out.looks),
        ("longest time without a lease, s", f"{max(0.0, out.longest_without_lease_s):.1f}"),
        ("took, s", f"{out.took_s:.0f}"),
        ("LOST", _few(out.lost)),
        ("TWICE", _few(out.twice)),
        ("UNTRUE", _few(out.lies)),
    ]
    return "\n".join(f"  {name:<34}{value}" for name, value in lines)


def _counts(found: object) -> str:
    assert isinstance(found, dict)
    return ", ".join(f"{name} {count}" for name, count in sorted(found.items())) or "none"


def _few(found: list[str]) -> str:
    return f"{len(found)}" + (f": {'; '.join(found[:5])}" if found else "")


def _servers() -> tuple[Path, str]:
    programs, redis = postgres_programs(), shutil.which("redis-server")
    if programs is None or redis is None:
        raise FileNotFoundError("PostgreSQL and redis-server are not installed")
    return programs, redis


def _keep_logs(folder: Path, size: str) -> None:
    kept = Path(tempfile.gettempdir()) / f"goviral-chaos-{size}-logs"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)


def main() -> int:
    """Run it and print the table; fails where anything was lost, twice or untrue."""
    wanted = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    wanted.add_argument("--size", choices=("one", "many", "both"), default="both")
    wanted.add_argument("--jobs", type=int, default=200)
    wanted.add_argument("--blows", type=int, default=40)
    wanted.add_argument("--runs", type=int, default=6)
    wanted.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    wanted.add_argument("--only", help='one kind of blow, e.g. "disk full"')
    wanted.add_argument("--lease", type=float, default=LEASE_S, help="JOBS_LEASE_S of the place")
    given = wanted.parse_args()
    well = True
    for size in ("one", "many") if given.size == "both" else (given.size,):
        print(f"chaos: {size}, seed {given.seed}", flush=True)
        out = storm(
            size,
            given.seed,
            jobs=given.jobs,
            blows=given.blows,
            runs=given.runs,
            lease_s=given.lease,
            only=given.only,
        )
        print(table(out), flush=True)
        well = well and out.is_well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
