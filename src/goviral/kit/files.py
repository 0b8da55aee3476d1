"""Files that appear whole or not at all, and names made from what went into them."""

import dataclasses
import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from goviral.kit.errors import DiskFullError, NotFoundError, ResourceError

PARTIAL_SUFFIX = ".part"


@contextmanager
def atomic_path(final: Path) -> Iterator[Path]:
    """Yield a temporary path beside `final`; rename it into place only if the block succeeds.

    The temporary name keeps the extension (`clip.part.mp4`), because ffmpeg chooses its muxer by it.
    Raises `DiskFullError`, `ResourceError` when the folder may not be written.
    """
    partial = partial_path(final)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, final)
    except OSError as error:
        raise as_resource_error(error, final) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def atomic_paths(finals: Sequence[Path]) -> Iterator[list[Path]]:
    """As `atomic_path` for files that are made together.

    A partial file the block deletes was not worth its name: that final path is left as it was.
    """
    partials = [partial_path(final) for final in finals]
    try:
        for final in finals:
            final.parent.mkdir(parents=True, exist_ok=True)
        yield partials
        for partial, final in zip(partials, finals, strict=True):
            if partial.exists():
                os.replace(partial, final)
    except OSError as error:
        raise as_resource_error(error, finals[0]) from error
    finally:
        for partial in partials:
            partial.unlink(missing_ok=True)


def partial_path(final: Path) -> Path:
    """`clip.mp4` → `clip.part.mp4`."""
    return final.with_name(f"{final.stem}{PARTIAL_SUFFIX}{final.suffix}")


def write_text(final: Path, text: str) -> None:
    """Write UTF-8 text atomically, with `\\n` line ends on every platform."""
    with atomic_path(final) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def fingerprint(*parts: Any) -> str:
    """A short stable hash of plain values and dataclasses: the same inputs, the same name."""
    canonical = json.dumps(parts, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def content_fingerprint(path: Path) -> str:
    """Hash of a file's size, first and last megabyte: enough to notice another file, cheap on 10 GB.

    Raises `NotFoundError`.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", remedy="Check the path.")
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        digest.update(stream.read(1 << 20))
        stream.seek(max(0, size - (1 << 20)))
        digest.update(stream.read(1 << 20))
    return digest.hexdigest()[:16]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Fraction | Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"cannot fingerprint a {type(value).__name__}")


def is_disk_full(error: BaseException) -> bool:
    """Whether the system said that there is no room, or none for us."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def as_resource_error(error: OSError, path: Path) -> ResourceError | OSError:
    """A full disk or a folder that may not be written, as an error a user can act on; else as it is."""
    if is_disk_full(error):
        return DiskFullError(
            f"The disk is full while writing {path.name}.",
            remedy="Free some space and run the command again: finished work is kept.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ResourceError(
            f"{path.parent} may not be written.", remedy="Choose another folder with --out."
        )
    return error
