"""Child processes that stay: started, listened to, told to stop, started again when they die.

A child's standard input is a pipe that we hold open: when we are gone, killed or not, it reads the end of it
and stops too (`entrypoints.running.stopping.stop_with_parent`).
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from goviral.kit.process import kill_group
from goviral.kit.retry import Backoff
from goviral.kit.settings import own_environment

OnLine = Callable[[str, str], None]
"""Called with a child's name and a line it wrote, from a thread of its own."""

AGAIN = Backoff(attempts=1_000_000, base_s=0.5, factor=2, max_delay_s=30)
STEADY_S = 30.0
"""A child that lived so long has started well: its next death counts as the first."""
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs. `environment` is added to ours, secrets included: it is the same program.

    Those of a lower `rank` are stopped before those of a higher one, equals at the same time.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0


class Child:
    """One running program."""

    def __init__(self, program: Program, on_line: OnLine) -> None:
        self.program = program
        self._process = subprocess.Popen(
            list(program.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=own_environment(program.environment),
            # Ctrl-C on the terminal is for us: we stop the children, in order.
            start_new_session=True,
        )
        self._readers = [
            _reading(stream, program.name, on_line)
            for stream in (self._process.stdout, self._process.stderr)
            if stream is not None
        ]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send it SIGTERM."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, within_s: float) -> int:
        """Its exit code, after it ended or was killed because it did not, and what it started too."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        return self.close()

    def close(self) -> int:
        """Kill what may be left of it, and read its last lines."""
        kill_group(self._process)
        for reader in self._readers:
            reader.join(1.0)
        if self._process.stdin is not None:
            self._process.stdin.close()
        return self._process.returncode


class Supervisor:
    """Keeps programs running until it is told to stop; then ends them by rank."""

    def __init__(
        self,
        programs: Sequence[Program],
        on_line: OnLine,
        *,
        stop_s: float = 60.0,
        again: Backoff = AGAIN,
        on_death: Callable[[str, int, float], None] = lambda _name, _code, _wait_s: None,
    ) -> None:
        self._programs = programs
        self._on_line = on_line
        self._stop_s = stop_s
        self._again = again
        self._on_death = on_death
        self._children: dict[str, Child] = {}
        self._failures: dict[str, int] = {}
        self._due_s: dict[str, float] = {}
        self._born_s: dict[str, float] = {}

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set."""
        try:
            while not stopping.is_set():
                for program in self._programs:
                    self._look_after(program)
                stopping.wait(_LOOK_S)
        finally:
            for rank in sorted({program.rank for program in self._programs}):
                self._stop_rank(rank)

    def pids(self) -> dict[str, int]:
        """Who runs now."""
        return {name: child.pid for name, child in self._children.items()}

    def _stop_rank(self, rank: int) -> None:
        names = [program.name for program in self._programs if program.rank == rank]
        children = [self._children.pop(name) for name in names if name in self._children]
        for child in children:
            child.ask_to_stop()
        until_s = time.monotonic() + self._stop_s
        for child in children:
            child.wait(max(0.1, until_s - time.monotonic()))

    def _look_after(self, program: Program) -> None:
        now_s, name = time.monotonic(), program.name
        child = self._children.get(name)
        if child is None:
            if now_s >= self._due_s.get(name, 0.0):
                self._children[name] = Child(program, self._on_line)
                self._born_s[name] = now_s
            return
        code = child.ended()
        if code is None:
            return
        child.close()
        del self._children[name]
        lived_long = now_s - self._born_s[name] > STEADY_S
        self._failures[name] = 1 if lived_long else self._failures.get(name, 0) + 1
        wait_s = self._again.delay_s(self._failures[name], lambda: 1.0) or 0.0
        self._due_s[name] = now_s + wait_s
        self._on_death(name, code, wait_s)


def _reading(stream: IO[bytes], name: str, on_line: OnLine) -> threading.Thread:
    def read() -> None:
        with stream:
            for line in stream:
                on_line(name, line.decode("utf-8", "replace").rstrip("\n"))

    thread = threading.Thread(target=read, name=f"{name}-lines", daemon=True)
    thread.start()
    return thread
