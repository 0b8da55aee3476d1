"""Temporary folders: made for one piece of work, gone after it, swept if it was killed."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from goviral.kit.files import as_resource_error


class Scratch:
    """Folders below `root`. `now_s` is the clock of `sweep`, Unix seconds."""

    def __init__(self, root: Path, *, now_s: Callable[[], float] = time.time) -> None:
        self.root = root
        self._now_s = now_s

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """A new folder whose name begins with `name`; it goes with all that is in it.

        Raises `ResourceError` where it cannot be made.
        """
        made = self.root / f"{name}-{secrets.token_hex(6)}"
        try:
            made.mkdir(parents=True)
        except OSError as error:
            raise as_resource_error(error, made) from error
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def drop(self, name: str) -> int:
        """Delete the folders made under `name`; how many there were."""
        found = list(self.root.glob(f"{name}-*"))
        for path in found:
            shutil.rmtree(path, ignore_errors=True)
        return len(found)

    def sweep(self, older_than_s: float) -> int:
        """Delete what nobody has written to for so long; how many folders and files that were."""
        limit_s = self._now_s() - older_than_s
        swept = 0
        for path in self._entries():
            if _last_change_s(path) < limit_s:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else _unlink(path)
                swept += 1
        return swept

    def _entries(self) -> list[Path]:
        return list(self.root.iterdir()) if self.root.is_dir() else []


def _last_change_s(path: Path) -> float:
    """Of the youngest thing in it: a long render writes into a folder made long ago."""
    latest = 0.0
    for place in (path, *path.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            latest = max(latest, place.lstat().st_mtime)
    return latest


def _unlink(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
