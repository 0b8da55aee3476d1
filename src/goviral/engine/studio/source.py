"""What the user named, made a local file: a path as it is, an address fetched."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from goviral.engine.media.download import fetch_source
from goviral.engine.studio.wishes import StudioWishes
from goviral.engine.studio.workspace import HIDDEN
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import fingerprint
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings
from goviral.kit.slug import slug

_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True)
class OpenedSource:
    """A media file on this machine, the folder its results go to, and the wishes with what came along.

    A page's own captions come as `wishes.transcript.file`, unless the user gave a transcript.
    """

    media: Path
    folder: Path
    title: str
    wishes: StudioWishes


def open_source(
    source: str,
    out: Path,
    wishes: StudioWishes,
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> OpenedSource:
    """Find or fetch `source`. Raises `NotFoundError`, `InputError`, `ForbiddenUrlError`, `RemoteError`."""
    if _ADDRESS.match(source):
        return _fetch(source, out, wishes, settings, progress, cancelled)
    path = Path(source).expanduser()
    if not source or not _is_there(path):
        raise NotFoundError(f"There is no file {source!r}.", remedy="Check the path.")
    if path.is_dir():
        raise InputError(f"{source!r} is a folder.", remedy="Name one video or audio file in it.")
    return OpenedSource(path.absolute(), out / slug(path.stem, "source"), path.stem, wishes)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than the system takes
        return False


def _fetch(
    url: str,
    out: Path,
    wishes: StudioWishes,
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> OpenedSource:
    cache = out / HIDDEN / fingerprint(url)
    fetched = fetch_source(
        url,
        cache,
        settings=settings,
        language=wishes.transcript.language,
        progress=progress,
        cancelled=cancelled,
    )
    if (
        fetched.captions_path
        and wishes.transcript.file is None
        and wishes.transcript.engine == "auto"
    ):
        transcript = replace(wishes.transcript, file=fetched.captions_path)
        wishes = replace(wishes, transcript=transcript)
    folder = out / slug(fetched.title, fingerprint(url))
    return OpenedSource(fetched.media_path, folder, fetched.title, wishes)
