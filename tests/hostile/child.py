"""The command line in a process of its own, forked from one that has everything loaded.

A crash in a decoder ends that process, not the tests; time and memory are what it alone used.
"""

import contextlib
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PRELOADED = [
    "av", "cv2", "numpy", "PIL.Image", "fontTools.ttLib", "pydantic_settings", "hostile.child",
    "goviral.entrypoints.cli.main", "goviral.engine.studio.make_clips", "goviral.engine.studio.source",
    "goviral.engine.media.face_mesh", "goviral.engine.llm.clients", "goviral.entrypoints.cli.progress",
]  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a run ended: `code` None where it had to be killed. Memory in MB, the most at any time."""

    code: int | None
    out: str
    err: str
    wall_s: float
    own_mb: float
    child_mb: float

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("goviral: ")]


def run_cli(
    arguments: Sequence[object], folder: Path, *, limit_s: float, cwd: Path | None = None
) -> Ended:
    """`goviral ARGUMENTS`; what it writes to its streams goes to files in `folder`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    started = time.monotonic()
    child = context.Process(
        target=_main, args=([str(a) for a in arguments], str(folder), str(cwd or folder))
    )
    child.start()
    child.join(limit_s)
    code = child.exitcode
    if code is None:
        child.kill()
        child.join()
    wall_s = time.monotonic() - started
    child.close()
    out, err, memory = (_read(folder / name) for name in ("stdout", "stderr", "memory"))
    own_kb, child_kb = map(int, memory.split() or (0, 0))
    return Ended(code, out, err, wall_s, own_kb / 1024, child_kb / 1024)


def _read(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _main(arguments: list[str], folder: str, cwd: str) -> None:
    from goviral.entrypoints.cli.main import main

    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ["GOVIRAL_CACHE_DIR"] = f"{folder}/cache"
    os.environ["GOVIRAL_OFFLINE"] = "1"
    os.chdir(cwd)
    sys.argv = ["goviral", *arguments]
    code: object = 0
    try:
        main()
    except SystemExit as left:
        code = left.code
    finally:
        used = [
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        Path(folder, "memory").write_text(" ".join(map(str, used)))
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
    os._exit(int(str(code or 0)))
