"""Measuring whole processes: CPU seconds by the system's own accounts, memory of the whole tree."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_S = 0.1

# As on a user's machine, where modules are compiled once and kept.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took. `peak_mb` is the memory of the process and its children together.

    Proportional set size: pages that several share are counted once.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


def cost_of(command: Sequence[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises `CalledProcessError` when it fails."""
    started = time.monotonic()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **COMPILED, **(environment or {})},
    )
    watch = _MemoryWatch(child.pid)
    assert child.stderr is not None
    log = child.stderr.read()
    child.stderr.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, stderr=log[-2000:])
    return Cost(
        usage.ru_utime + usage.ru_stime, time.monotonic() - started, watch.peak_bytes / 2**20
    )


def median_cost(runs: int, measure: Callable[[], Cost]) -> Cost:
    """Each figure's median over several runs."""
    return median_of([measure() for _ in range(runs)])


def median_of(costs: Sequence[Cost]) -> Cost:
    """Each figure's median; of memory the most."""
    return Cost(
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.wall_s for cost in costs),
        max(cost.peak_mb for cost in costs),
    )


class _MemoryWatch(threading.Thread):
    """Samples the memory of a process tree until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak_bytes = 0
        self.start()

    def run(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, tree_bytes(self._pid))

    def stop(self) -> None:
        self._over.set()
        self.join()


def tree_bytes(pid: int) -> int:
    """Bytes held by a process and all below it; what has ended counts nothing."""
    return sum(_held_bytes(member) for member in _tree(pid))


def _tree(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        for task in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                members += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return members


def _held_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    pss = next((line for line in rollup.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
    return int(pss.split()[1]) * 1024
