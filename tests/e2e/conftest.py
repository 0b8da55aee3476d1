"""The command line, run in this process: exit code, standard output and standard error."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from goviral.entrypoints.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that begins with the program's name."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("goviral: ")]
        return line


@pytest.fixture
def goviral(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """`goviral("clip", path, …)`."""
    monkeypatch.setenv("GOVIRAL_CACHE_DIR", str(tmp_path / "cache"))

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["goviral", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        captured = capfd.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return run
