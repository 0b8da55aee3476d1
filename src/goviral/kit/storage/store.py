"""Where media is kept: one protocol, a folder or a bucket behind it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from goviral.kit.errors import NotFoundError, RemoteError
from goviral.kit.storage.links import Link

BINARY = "application/octet-stream"
Method = Literal["GET", "PUT"]
DirectKind = Literal["parts", "session"]


class StorageError(RemoteError):
    """The store failed or could not be reached; the same call may work later."""

    code = "storage_failed"
    http_status = 503


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store says of one file. `content_type` may be empty in listings."""

    key: str
    size: int
    etag: str
    content_type: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A part that lies in the bucket: `number` from 1, `etag` as the bucket answered."""

    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class DirectUpload:
    """An upload past us, straight into the bucket.

    `parts`: each part of `part_size` bytes is PUT to its own address. `session`: all bytes go to the
    one address of `urls`, in pieces with `Content-Range` that are multiples of 256 KiB.
    """

    kind: DirectKind
    reference: str
    part_size: int
    part_count: int
    urls: Sequence[str] = ()


class DirectUploads(Protocol):
    """Uploads straight into a bucket. `key` is invisible until `complete`."""

    kind: DirectKind

    def layout(self, size: int) -> tuple[int, int]:
        """How large a part is, in bytes (but the last), and how many there are."""
        ...

    def begin(self, key: str, size: int, content_type: str) -> DirectUpload: ...

    def part_urls(self, key: str, reference: str, numbers: Iterable[int], ttl_s: int) -> list[str]:
        """Addresses to PUT parts to, one for each number; a session has but part 1."""
        ...

    def complete(self, key: str, reference: str, parts: Sequence[UploadPart]) -> Stored:
        """Make it one file. Raises `InputError` where parts are missing or wrong."""
        ...

    def abort(self, key: str, reference: str) -> None:
        """Forget what was sent; harmless twice."""
        ...


class Store(Protocol):
    """Files by key. Thread-safe. Keys are checked (`keys.checked_key`): `InputError`.

    All raise `StorageError` where the store fails, `NotFoundError` where a key that is read is not there.
    """

    name: str
    direct: DirectUploads | None

    def put(
        self, key: str, source: Path | bytes, content_type: str = BINARY, *, take: bool = False
    ) -> Stored:
        """Store whole or not at all, over what was there. `take`: the file at `source` may be moved away."""
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes from `start` up to `end`, in pieces of a bounded size; beyond the end there are none.

        Raises at once, not at the first piece.
        """
        ...

    def fetch(self, key: str, to: Path) -> None:
        """Copy to a local file, which appears whole or not at all."""
        ...

    def stat(self, key: str) -> Stored | None: ...

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine, there or not; None where it lies elsewhere.

        For reading without a copy. Only `put` and what builds on it may write there.
        """
        ...

    def sign(
        self, key: str, ttl_s: int, *, method: Method = "GET", filename: str | None = None
    ) -> str:
        """An address that works for `ttl_s` seconds for `method`; `filename`: saved under that name."""
        ...

    def check_link(self, link: Link, signature: str) -> None:
        """Whether a link that leads to ourselves is one that `sign` made. Raises `LinkError`."""
        ...

    def delete(self, key: str) -> None:
        """Harmless where there is nothing."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything in a folder; how many files that were."""
        ...

    def list(self, prefix: str) -> Iterator[Stored]:
        """Everything in a folder and its folders, in order of keys."""
        ...

    def uri(self, key: str) -> str:
        """The file's name for other programs: `s3://…`, `gs://…`, `/static/…`."""
        ...

    def temporary_folders(self) -> Sequence[Path]:
        """Folders of this machine in which it writes what is not finished; swept of what was left."""
        ...

    def ping(self) -> None:
        """Raises `StorageError` where files cannot be kept."""
        ...


def no_such_file(key: str) -> NotFoundError:
    """The error every store raises for a key that is not there."""
    return NotFoundError(f"There is no stored file {key}.", remedy="It may have been deleted.")


def checksum(store: Store, key: str) -> str:
    """SHA-256 of a stored file, hexadecimal, read through once."""
    digest = hashlib.sha256()
    for piece in store.read(key):
        digest.update(piece)
    return digest.hexdigest()
