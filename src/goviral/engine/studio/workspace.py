"""The folder of one source: finished work is found again by the hash of what went into it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from goviral.kit.errors import ResourceError
from goviral.kit.files import (
    PARTIAL_SUFFIX,
    as_resource_error,
    fingerprint,
    is_disk_full,
    write_text,
)

HIDDEN = ".goviral"

T = TypeVar("T")


class Workspace:
    """One source's output folder, held by one run at a time.

    `take` returns a stage's result: read from disk when its inputs are unchanged, made and stored
    otherwise. `fresh` forgets everything that is stored.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.folder = folder
        self.fresh = fresh
        self._stages = folder / HIDDEN
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self._make_folder()
        self._lock = os.open(self._stages / "lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise ResourceError(
                f"Another goviral is working in {self.folder}.",
                remedy="Wait for it, or choose another folder with --out.",
            ) from error
        self._sweep()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)

    def take(self, stage: str, inputs: tuple[Any, ...], kind: type[T], make: Callable[[], T]) -> T:
        """The result of `stage` for `inputs`; `kind` is a dataclass or a plain type."""
        stored = self._stage_path(stage, inputs)
        adapter = TypeAdapter(kind)
        known = self._read(stored, adapter)
        if known is not None:
            return known
        made = make()
        write_text(stored, adapter.dump_json(made).decode())
        return made

    def knows(self, stage: str, inputs: tuple[Any, ...]) -> bool:
        """Whether `take` would read instead of make."""
        return not self.fresh and self._stage_path(stage, inputs).exists()

    def scratch(self, name: str) -> Path:
        """A folder for drawn captions and other leftovers of one clip."""
        folder = self._stages / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _stage_path(self, stage: str, inputs: tuple[Any, ...]) -> Path:
        return self._stages / f"{stage}-{fingerprint(stage, *inputs)}.json"

    def _read(self, path: Path, adapter: TypeAdapter[T]) -> T | None:
        if self.fresh or not path.exists():
            return None
        try:
            return adapter.validate_json(path.read_bytes())
        except ValidationError:
            return None  # written by another version: make it again

    def _make_folder(self) -> None:
        try:
            self._stages.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if is_disk_full(error):
                raise as_resource_error(error, self._stages) from error
            raise ResourceError(
                f"The folder {self.folder} cannot be made: {error.strerror}.",
                remedy="Choose another one with --out.",
            ) from error

    def _sweep(self) -> None:
        """Remove what a killed run left half-written; the lock says that nobody writes now."""
        for partial in self.folder.glob(f"*{PARTIAL_SUFFIX}.*"):
            partial.unlink(missing_ok=True)
