"""A folder on this machine. Links are signed by ourselves and answered under `/static/`."""

import contextlib
import mimetypes
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from goviral.kit.errors import DependencyError, InputError
from goviral.kit.files import as_resource_error, atomic_path
from goviral.kit.secret_file import kept_secret
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import checked_key, checked_prefix
from goviral.kit.storage.links import STATIC, Link
from goviral.kit.storage.store import (
    BINARY,
    DirectUploads,
    Method,
    StorageError,
    Stored,
    no_such_file,
)

_PIECE_BYTES = 1 << 20
_PARTIAL = ".partial"
_SECRET_FILE = "link-secret"  # noqa: S105  the name of a file
_SHORTEST_SECRET = 32


def local_store(settings: Settings) -> "LocalStore":
    """The store of the one-machine size, in the data folder."""
    folder = settings.server.data_dir / "storage"
    secret = settings.storage.link_secret
    if secret is None:
        text = kept_secret(settings.server.data_dir / _SECRET_FILE)
    else:
        text = secret.get_secret_value()
    if len(text) < _SHORTEST_SECRET:
        raise DependencyError(
            "STORAGE_LINK_SECRET is too short.", remedy="Give at least 32 random characters."
        )
    return LocalStore(folder, text, base_url=settings.server.base_url)


class LocalStore:
    """Files under `root`, named as their keys. `now_s` is the clock of links, Unix seconds."""

    name = "local"
    direct: DirectUploads | None = None

    def __init__(
        self,
        root: Path,
        secret: str,
        *,
        base_url: str = "",
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.root = root
        self._secret = secret
        self._base_url = base_url.rstrip("/")
        self._now_s = now_s

    def put(
        self, key: str, source: Path | bytes, content_type: str = BINARY, *, take: bool = False
    ) -> Stored:
        final = self.path(key)
        partial = self._partial()
        try:
            _fill(partial, source, take=take)
            _into_place(partial, final)
        except OSError as error:
            raise as_resource_error(error, final) from error
        finally:
            partial.unlink(missing_ok=True)
        return self._described(key, final.stat())

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        path = self.path(key)
        if not path.is_file():
            raise no_such_file(key)
        return _pieces(path, start, None if end is None else max(0, end - start))

    def fetch(self, key: str, to: Path) -> None:
        source = self.path(key)
        if not source.is_file():
            raise no_such_file(key)
        with atomic_path(to) as partial:
            shutil.copyfile(source, partial)

    def stat(self, key: str) -> Stored | None:
        try:
            status = self.path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return self._described(key, status) if self.path(key).is_file() else None

    def local_path(self, key: str) -> Path | None:
        return self.path(key)

    def sign(
        self, key: str, ttl_s: int, *, method: Method = "GET", filename: str | None = None
    ) -> str:
        if method != "GET":
            raise InputError("A folder takes no uploads by link.", remedy="Upload by tus.")
        link = Link(checked_key(key), method, int(self._now_s()) + ttl_s, filename or "")
        return self._base_url + link.path(self._secret)

    def check_link(self, link: Link, signature: str) -> None:
        link.check(signature, self._secret, now_s=self._now_s())

    def delete(self, key: str) -> None:
        path = self.path(key)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
        self._drop_empty(path.parent)

    def delete_prefix(self, prefix: str) -> int:
        found = [stored.key for stored in self.list(prefix)]
        for key in found:
            self.delete(key)
        self._drop_empty(self.root / checked_prefix(prefix))
        return len(found)

    def list(self, prefix: str) -> Iterator[Stored]:
        folder = self.root / checked_prefix(prefix)
        paths = (path for path in folder.rglob("*") if path.is_file())
        for path in sorted(paths, key=lambda path: path.relative_to(self.root).as_posix()):
            with contextlib.suppress(FileNotFoundError):
                yield self._described(path.relative_to(self.root).as_posix(), path.stat())

    def uri(self, key: str) -> str:
        return f"{STATIC}{checked_key(key)}"

    def temporary_folders(self) -> Sequence[Path]:
        return (self.root / _PARTIAL,)

    def ping(self) -> None:
        try:
            self._partial().unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {self.root} cannot be used: {error.strerror}."
            ) from error
        if not os.access(self.root, os.W_OK):
            raise StorageError(f"The folder {self.root} may not be written.")

    def path(self, key: str) -> Path:
        """Where a key lies on the disk."""
        return self.root / checked_key(key)

    def _partial(self) -> Path:
        """A name for a file that is being written: on the same disk, never listed, never a key."""
        folder = self.root / _PARTIAL
        folder.mkdir(parents=True, exist_ok=True)
        return folder / secrets.token_hex(16)

    def _described(self, key: str, status: os.stat_result) -> Stored:
        return Stored(
            key=key,
            size=status.st_size,
            etag=f"{status.st_mtime_ns:x}-{status.st_size:x}",
            content_type=mimetypes.guess_type(key)[0] or BINARY,
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
        )

    def _drop_empty(self, folder: Path) -> None:
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:  # not empty, gone already, or in use
                return
            folder = folder.parent


def _fill(partial: Path, source: Path | bytes, *, take: bool) -> None:
    if isinstance(source, Path):
        if take:
            shutil.move(source, partial)
        else:
            shutil.copyfile(source, partial)
    else:
        partial.write_bytes(source)
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())


def _into_place(partial: Path, final: Path) -> None:
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, final)
    except FileNotFoundError:  # a deletion next door took the empty folder away
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, final)


def _pieces(path: Path, start: int, left: int | None) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(start)
        while left is None or left > 0:
            piece = stream.read(_PIECE_BYTES if left is None else min(left, _PIECE_BYTES))
            if not piece:
                return
            yield piece
            left = None if left is None else left - len(piece)
