"""The one place that starts child processes.

Arguments are a list, never a shell line; every call has a time limit; a child never outlives its
caller: on time-out, cancellation or Ctrl-C the whole process group is killed, and where the caller itself
is killed, Linux kills the child with it.
"""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO

from typing_extensions import override

from goviral.kit.errors import CancelledError, DependencyError, ProcessError
from goviral.kit.settings import child_environment

_TAIL_CHARACTERS = 20_000
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Output:
    """What a finished child left: standard output, the tail of its log, its wall time."""

    stdout: bytes
    log: str
    elapsed_s: float


def run(
    command: Sequence[str],
    *,
    timeout_s: float,
    on_line: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    environment: Mapping[str, str] | None = None,
    memory_bytes: int | None = None,
) -> Output:
    """Run `command` to its end and return what it wrote.

    `on_line` gets each line of standard output as it comes (`stdout` is then empty); it may raise to
    stop the child. `environment` is added to this process's own. `memory_bytes` bounds the addresses the
    child may map, where the system can (Linux); what it is refused, it reports as being out of memory.
    Raises `DependencyError` when the program is not there, `ProcessError` when it fails or takes
    longer than `timeout_s`, `CancelledError` when `cancelled()` turns true.
    """
    started = time.monotonic()
    child = _start(command, environment)
    if memory_bytes is not None:
        _bound(child.pid, memory_bytes)
    log = _Tail(child.stderr)
    reader = _Lines(child.stdout, on_line)
    try:
        _wait(child, command, started + timeout_s, cancelled, reader)
    except BaseException:
        kill_group(child)
        raise
    finally:
        reader.join()
        log.join()
    reader.raise_pending()
    if child.returncode != 0:
        failure = ProcessError(f"{_name(command)} failed: {last_telling_line(log.text)}")
        failure.log = log.text
        raise failure
    return Output(reader.stdout, log.text, time.monotonic() - started)


def last_telling_line(log: str) -> str:
    """The last line of a log that is not empty: what a person would quote."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "it wrote no message"


def kill_group(child: "subprocess.Popen[bytes]") -> None:
    """End a child and everything it started; harmless when it has ended already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _start(
    command: Sequence[str], environment: Mapping[str, str] | None
) -> "subprocess.Popen[bytes]":
    if shutil.which(command[0]) is None:
        raise DependencyError(f"The program {command[0]!r} is not installed.")
    try:
        return subprocess.Popen(
            [*_dying_with_us(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(environment or {}),
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise DependencyError(f"The program {command[0]!r} is not installed.") from error


@cache
def _dying_with_us() -> tuple[str, ...]:
    """What to put before a command so that it is killed when the thread that started it is gone.

    `prctl(PR_SET_PDEATHSIG)` must be called in the child before it becomes the program; util-linux's
    `setpriv` does that, Python between fork and exec could lock up beside threads. Nothing where there
    is no such `setpriv` (macOS, busybox).
    """
    command = (shutil.which("setpriv") or "setpriv", "--pdeathsig", "KILL")
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return () if tried.returncode else command


def _bound(pid: int, memory_bytes: int) -> None:
    """From outside, just after the start: code run between fork and exec is unsafe beside threads."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            resource.prlimit(pid, resource.RLIMIT_AS, (memory_bytes, memory_bytes))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _wait(
    child: "subprocess.Popen[bytes]",
    command: Sequence[str],
    deadline: float,
    cancelled: Callable[[], bool],
    reader: "_Lines",
) -> None:
    while child.poll() is None:
        _sleep_until_done(child, reader)
        if cancelled():
            raise CancelledError("Stopped.")
        reader.raise_pending()
        if time.monotonic() > deadline:
            raise ProcessError(f"{_name(command)} took longer than it may and was stopped.")


def _sleep_until_done(child: "subprocess.Popen[bytes]", reader: "_Lines") -> None:
    """At most `_POLL_S`. `Popen.wait` asks again and again: 0.1 CPU-s in half a minute."""
    if reader.is_alive():
        reader.join(_POLL_S)
    else:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_POLL_S)


def _name(command: Sequence[str]) -> str:
    return os.path.basename(command[0]).split("-")[0]


class _Tail(threading.Thread):
    """Drains a pipe so that the child never blocks; keeps only the end, which tells the cause."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.text = ""
        self.start()

    @override
    def run(self) -> None:
        assert self._stream is not None
        with self._stream as stream:
            for line in stream:
                self._keep(line)

    def _keep(self, line: bytes) -> None:
        self.text = (self.text + line.decode("utf-8", "replace"))[-_TAIL_CHARACTERS:]


class _Lines(threading.Thread):
    """Collects standard output, or hands it on line by line."""

    def __init__(self, stream: IO[bytes] | None, on_line: Callable[[str], None] | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._on_line = on_line
        self._pending: BaseException | None = None
        self.stdout = b""
        self.start()

    @override
    def run(self) -> None:
        assert self._stream is not None
        with self._stream as stream:
            if self._on_line is None:
                self.stdout = stream.read()
                return
            for line in stream:
                if self._pending is None:
                    self._hand_on(line.decode("utf-8", "replace").rstrip("\n"))

    def _hand_on(self, line: str) -> None:
        assert self._on_line is not None
        try:
            self._on_line(line)
        except BaseException as error:  # noqa: BLE001  carried to the waiting thread, raised there
            self._pending = error

    def raise_pending(self) -> None:
        if self._pending is not None:
            raise self._pending
