"""Where the bytes of a resumable upload go while it lasts.

A store that is a folder lets a file grow in place. A bucket does not: there each stretch becomes an
object of its own, and the row of a stretch is written together with the new offset.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from goviral.features.library.models import Upload, UploadPiece
from goviral.kit.files import as_resource_error
from goviral.kit.storage.keys import piece_key, upload_key
from goviral.kit.storage.store import Store

STRETCH_BYTES = 8 << 20


class Sink(Protocol):
    """Takes the bytes of one request, from one thread at a time."""

    def write(self, data: bytes) -> None:
        """Raises `ResourceError` (disk full), `StorageError`."""
        ...

    def secure(self) -> Sequence[UploadPiece]:
        """Make all that was written outlive a crash; rows to insert with the new offset."""
        ...

    def discard(self) -> None:
        """Forget what was not secured, or was secured and not recorded."""
        ...

    def close(self) -> None: ...


def open_sink(store: Store, upload: Upload) -> Sink:
    """The sink for what follows the upload's offset."""
    path = store.local_path(upload_key(upload.id))
    if path is not None:
        return FileSink(path, upload.offset)
    return PieceSink(store, upload.id, upload.offset)


class FileSink:
    """A file that grows. What lies beyond `offset` was never recorded and is cut off."""

    def __init__(self, path: Path, offset: int) -> None:
        self._path = path
        self._offset = offset
        self._stream = self._open()

    def _open(self) -> BinaryIO:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            stream = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", 0)
        except OSError as error:
            raise as_resource_error(error, self._path) from error
        stream.truncate(self._offset)
        stream.seek(self._offset)
        return stream

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._stream.write(view) or 0 :]
        except OSError as error:
            raise as_resource_error(error, self._path) from error

    def secure(self) -> Sequence[UploadPiece]:
        os.fdatasync(self._stream.fileno())
        self._offset = self._stream.tell()
        return ()

    def discard(self) -> None:
        self._stream.truncate(self._offset)
        self._stream.seek(self._offset)

    def close(self) -> None:
        self._stream.close()


class PieceSink:
    """Objects of 8 MiB. Each writer marks its own, so that a late one overwrites nobody's."""

    def __init__(self, store: Store, upload_id: str, offset: int) -> None:
        self._store = store
        self._upload_id = upload_id
        self._offset = offset
        self._token = secrets.token_hex(6)
        self._waiting = bytearray()
        self._stored: list[UploadPiece] = []

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= STRETCH_BYTES:
            self._put()

    def secure(self) -> Sequence[UploadPiece]:
        if self._waiting:
            self._put()
        pieces, self._stored = self._stored, []
        return pieces

    def discard(self) -> None:
        for piece in self._stored:
            self._store.delete(piece.key)
            self._offset -= piece.size_bytes
        self._stored = []
        self._waiting.clear()

    def close(self) -> None:
        self._waiting.clear()

    def _put(self) -> None:
        key = piece_key(self._upload_id, self._offset, self._token)
        size = len(self._waiting)
        self._store.put(key, bytes(self._waiting))
        self._waiting.clear()
        piece = UploadPiece(
            upload_id=self._upload_id, offset=self._offset, size_bytes=size, key=key
        )
        self._stored.append(piece)
        self._offset += size
