"""The `goviral` command as a process of its own, in a folder of the test's own."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_START_S = 120.0


class Running:
    """A process of the service and all it wrote."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "goviral.entrypoints.cli.main", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=clean_environment(folder, environment),
            text=True,
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            self.lines.extend(iter(stream.readline, ""))

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str, within_s: float = _START_S) -> str:
        """The first group of `pattern` once it was written."""
        until_s = time.monotonic() + within_s
        while not (found := re.search(pattern, self.text)):
            assert time.monotonic() < until_s, f"no {pattern!r} in:\n{self.text}"
            assert self._process.poll() is None or self._reader.is_alive(), self.text
            time.sleep(0.05)
        return found.group(1) if found.groups() else found.group()

    @property
    def url(self) -> str:
        return self.wait_for(r"listens on (http://\S+)")

    @property
    def key(self) -> str:
        return self.wait_for(r"First key .*: (gvn_\S+)")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self, number: int = signal.SIGTERM, within_s: float = 120.0) -> int:
        """Its exit code after a signal."""
        if self.is_alive():
            self._process.send_signal(number)
        try:
            return self.end(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.end(30)
            raise

    def end(self, within_s: float = 120.0) -> int:
        """Its exit code once it has ended by itself."""
        code = self._process.wait(within_s)
        self._reader.join(30)
        return code


@contextmanager
def goviral(folder: Path, *words: str, **environment: str) -> Iterator[Running]:
    """`goviral WORDS` until the block ends."""
    running = Running(folder, *words, **environment)
    try:
        yield running
    finally:
        if running.is_alive():
            running.stop(signal.SIGKILL)


def clean_environment(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """This machine's, without what would choose another database or store."""
    ours = ("GOVIRAL_", "JOBS_", "DATABASE_", "STORAGE_", "REDIS_", "OTEL_", "OPENAI_", "JWT_")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {
        **inherited,
        "GOVIRAL_DATA_DIR": str(folder / "data"),
        "GOVIRAL_CACHE_DIR": str(folder / "cache"),
        "GOVIRAL_OFFLINE": "1",
        **extra,
    }
