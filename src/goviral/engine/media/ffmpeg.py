"""Which ffmpeg runs, how it is run safely, and what its log means to a user."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from goviral.engine.media.container import FORMATS, media_url
from goviral.kit.errors import (
    AppError,
    DependencyError,
    DiskFullError,
    InputError,
    NotFoundError,
    ProcessError,
    ResourceError,
)
from goviral.kit.process import Output, run
from goviral.kit.settings import Settings

_PROBE_TIMEOUT_S = 20.0
_MEMORY_BYTES = 8 << 30
"""Of addresses, not of pages: an 8K source fits in, a file made to fill memory does not."""
_INSTALL = "Install it with pip install imageio-ffmpeg, or set GOVIRAL_FFMPEG to one of your own."


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """A program that was found to run; `version` as it prints it, e.g. `5.1.9-0+deb12u1`."""

    path: str
    version: str


def find_ffmpeg(settings: Settings) -> Ffmpeg:
    """The ffmpeg to use: the one asked for, else the newer of the packaged and a capable system one.

    Raises `DependencyError` when the one asked for is not there or lacks libass or libx264.
    """
    if settings.ffmpeg_bin == "system":
        return _required(shutil.which("ffmpeg"), "There is no ffmpeg on the PATH.")
    if settings.ffmpeg_bin:
        return _required(
            shutil.which(settings.ffmpeg_bin), f"There is no ffmpeg at {settings.ffmpeg_bin}."
        )
    found = [one for one in (_packaged(), _capable(shutil.which("ffmpeg"))) if one is not None]
    if not found:
        raise DependencyError("There is no ffmpeg with libass and libx264.", remedy=_INSTALL)
    return max(found, key=lambda one: _order(one.version))


def _packaged() -> Ffmpeg | None:
    try:
        import imageio_ffmpeg

        return _capable(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def _required(path: str | None, missing: str) -> Ffmpeg:
    if path is None:
        raise DependencyError(missing, remedy=_INSTALL)
    found = _capable(path)
    if found is None:
        raise DependencyError(f"{path} cannot burn captions (libass, libx264).", remedy=_INSTALL)
    return found


@lru_cache(maxsize=16)
def _capable(path: str | None) -> Ffmpeg | None:
    """None where it does not start or was built without what clips need."""
    if path is None:
        return None
    try:
        banner = run([path, "-version"], timeout_s=_PROBE_TIMEOUT_S).stdout.decode(
            "utf-8", "replace"
        )
    except (ProcessError, DependencyError, OSError):
        return None
    match = re.search(r"ffmpeg version (\S+)", banner)
    if not match or "--enable-libass" not in banner or "--enable-libx264" not in banner:
        return None
    return Ffmpeg(path, match.group(1))


def _order(version: str) -> tuple[int, ...]:
    """`n9.0.2-17-gabc` → (9, 0, 2); a nightly build without a number counts as old."""
    match = re.match(r"n?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in match.group(1).split(".")) if match else (0,)


def input_arguments(path: Path) -> list[str]:
    """`-i` with a name that can be anything, and no way out of that one file."""
    return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", media_url(path)]


def run_ffmpeg(
    ffmpeg: Ffmpeg,
    arguments: Sequence[str],
    *,
    duration_ms: int | None = None,
    on_progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    timeout_s: float = 3600.0,
    environment: Mapping[str, str] | None = None,
    loglevel: str = "warning",
) -> Output:
    """Run ffmpeg once over inputs, filters and outputs given as `arguments`.

    Every `-i` may open plain files and pipes only. `on_progress` gets the milliseconds written so
    far, at most `duration_ms`; it may raise `CancelledError`. The log is in the `Output`.
    Raises `DiskFullError`, `ResourceError`, `InputError` (unreadable source), `DependencyError` (a filter
    or an encoder is missing), `ProcessError` for the rest.
    """
    command = [
        *(ffmpeg.path, "-hide_banner", "-nostdin", "-y", "-loglevel", loglevel),
        *("-progress", "pipe:1", "-nostats"),
        *_confined(arguments),
    ]
    try:
        return run(
            command,
            timeout_s=timeout_s,
            on_line=lambda line: _report(line, duration_ms, on_progress),
            cancelled=cancelled,
            environment=environment,
            memory_bytes=_MEMORY_BYTES,
        )
    except ProcessError as error:
        raise explain(error) from error


def _confined(arguments: Sequence[str]) -> list[str]:
    """Put a protocol whitelist before each `-i` that has none of its own."""
    confined: list[str] = []
    own = False
    for argument in arguments:
        own = own or argument == "-protocol_whitelist"
        if argument == "-i":
            confined += [] if own else ["-protocol_whitelist", "file,pipe"]
            own = False
        confined.append(argument)
    return confined


def _report(
    line: str, duration_ms: int | None, on_progress: Callable[[float], None] | None
) -> None:
    key, _, value = line.partition("=")
    if on_progress is None or key != "out_time_us" or not value.lstrip("-").isdigit():
        return
    done_ms = max(0.0, int(value) / 1000)
    on_progress(done_ms if duration_ms is None else min(done_ms, duration_ms))


_MEANINGS: tuple[tuple[str, type[AppError], str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded",
        DiskFullError,
        "The disk is full.",
        "Free some space and run the command again: finished work is kept.",
    ),
    (
        r"Cannot allocate memory|Out of memory",
        ResourceError,
        "ffmpeg ran out of memory.",
        "Close other programs, or use a smaller source.",
    ),
    (
        r"No such filter: '?(\w+)|Unknown encoder '(\w+)|Unrecognized option '(\w+)",
        DependencyError,
        "This ffmpeg lacks {0}.",
        "Unset GOVIRAL_FFMPEG to use the packaged one.",
    ),
    (
        r"Permission denied|Read-only file system",
        ResourceError,
        "A file may not be read or written.",
        "Check the permissions, or choose another folder with --out.",
    ),
    (
        r"Error opening input[^\n]*No such file or directory",
        NotFoundError,
        "The source is no longer there.",
        "Put it back, or start again with its new path.",
    ),
    (
        r"moov atom not found|Invalid data found when processing input|Error opening input",
        InputError,
        "The source cannot be read: it is damaged or not a media file.",
        "Download or export it again.",
    ),
    (
        r"matches no streams|does not contain any stream|streams received no packets",
        InputError,
        "The source has no picture or sound where they are needed.",
        "Check that it plays.",
    ),
)


def explain(error: ProcessError) -> AppError:
    """The error a user should see for what ffmpeg wrote; the same error where nothing is known."""
    log = error.log or error.message
    for pattern, kind, message, remedy in _MEANINGS:
        match = re.search(pattern, log)
        if match:
            found = next((group for group in match.groups() if group), "")
            return kind(message.format(found), remedy=remedy)
    return error
