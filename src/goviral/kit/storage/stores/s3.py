"""A bucket of S3 or of anything that speaks it. Bytes go through obstore, parts by signed addresses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store as Obstore

from goviral.kit.clock import Clock, utc_now
from goviral.kit.errors import DependencyError
from goviral.kit.files import atomic_path
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import checked_key, checked_prefix
from goviral.kit.storage.links import Link, attachment, not_ours
from goviral.kit.storage.s3_parts import S3Parts
from goviral.kit.storage.sigv4 import Credentials, presign
from goviral.kit.storage.store import (
    BINARY,
    DirectUploads,
    Method,
    StorageError,
    Stored,
    no_such_file,
)

_PIECE_BYTES = 1 << 20
_PART_BYTES = 16 << 20
"""Of our own uploads: 10,000 parts at most make this enough for 160 GB."""
_PARALLEL_PARTS = 2
_TIMEOUT_S = 600


def s3_store(settings: Settings) -> "S3Store":
    """The store of the settings. Raises `DependencyError` where there is no bucket."""
    chosen = settings.storage
    if not chosen.s3_bucket:
        raise DependencyError("STORAGE_BACKEND=s3 needs a bucket.", remedy="Set S3_BUCKET.")
    secret = chosen.aws_secret_access_key
    credentials = None
    if chosen.aws_access_key_id and secret is not None:
        credentials = Credentials(
            chosen.aws_access_key_id, secret.get_secret_value(), chosen.aws_region
        )
    return S3Store(
        chosen.s3_bucket,
        region=chosen.aws_region,
        endpoint_url=chosen.s3_endpoint_url,
        credentials=credentials,
    )


class S3Store:
    """A bucket. `credentials` None: those of the machine, and then no uploads past us.

    An endpoint of one's own is spoken to path-style, which all of them understand.
    """

    name = "s3"

    def __init__(
        self,
        bucket: str,
        *,
        region: str,
        endpoint_url: str = "",
        credentials: Credentials | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._bucket = bucket
        self._credentials = credentials
        self._clock = clock
        self._objects = _open(bucket, region, endpoint_url, credentials)
        self._path = f"/{bucket}/" if endpoint_url else "/"
        self._base_url = endpoint_url or f"https://{bucket}.s3.{region}.amazonaws.com"
        self.direct: DirectUploads | None = (
            S3Parts(self.presigned, self.stat) if credentials else None
        )

    def put(
        self, key: str, source: Path | bytes, content_type: str = BINARY, *, take: bool = False
    ) -> Stored:
        with _failures(key):
            obstore.put(
                self._objects,
                checked_key(key),
                source,
                attributes={"Content-Type": content_type},
                chunk_size=_PART_BYTES,
                max_concurrency=_PARALLEL_PARTS,
            )
        if take and isinstance(source, Path):
            source.unlink(missing_ok=True)
        stored = self.stat(key)
        if stored is None:
            raise StorageError(f"{key} was stored and is not there.")
        return stored

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        size = self._size(key)
        end = size if end is None else min(end, size)
        if start >= end:
            return iter(())
        with _failures(key):
            found = obstore.get(self._objects, key, options={"range": (start, end)})
        return _pieces(key, found)

    def fetch(self, key: str, to: Path) -> None:
        pieces = self.read(key)
        with atomic_path(to) as partial, partial.open("wb") as out:
            for piece in pieces:
                out.write(piece)

    def stat(self, key: str) -> Stored | None:
        # One request for size and type: `head` alone does not tell the type.
        try:
            with _failures(key, missing_is_error=False):
                found = obstore.get(self._objects, checked_key(key), options={"head": True})
        except (FileNotFoundError, NotFoundError):
            return None
        return _described(found.meta, found.attributes.get("Content-Type", ""))

    def local_path(self, key: str) -> Path | None:
        return None

    def sign(
        self, key: str, ttl_s: int, *, method: Method = "GET", filename: str | None = None
    ) -> str:
        query = {}
        if filename:
            query["response-content-disposition"] = attachment(filename)
        if self._credentials is None:
            return self._sign_as_machine(key, ttl_s, method)
        return self.presigned(method, key, query, ttl_s)

    def presigned(self, method: str, key: str, query: dict[str, str], ttl_s: int) -> str:
        """An address for any call on a key. Needs credentials of our own."""
        assert self._credentials is not None
        return presign(
            self._credentials,
            method,
            self._base_url,
            self._path + checked_key(key),
            query,
            at=self._clock(),
            ttl_s=ttl_s,
        )

    def check_link(self, link: Link, signature: str) -> None:
        raise not_ours()

    def delete(self, key: str) -> None:
        with _failures(key, missing_is_error=False):
            obstore.delete(self._objects, checked_key(key))

    def delete_prefix(self, prefix: str) -> int:
        found = [stored.key for stored in self.list(prefix)]
        if found:
            with _failures(prefix, missing_is_error=False):
                obstore.delete(self._objects, found)
        return len(found)

    def list(self, prefix: str) -> Iterator[Stored]:
        with _failures(prefix):
            for batch in obstore.list(self._objects, checked_prefix(prefix)):
                for meta in batch:
                    yield _described(meta, "")

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{checked_key(key)}"

    def temporary_folders(self) -> Sequence[Path]:
        return ()

    def ping(self) -> None:
        self.stat("ping")

    def _size(self, key: str) -> int:
        stored = self.stat(key)
        if stored is None:
            raise no_such_file(key)
        return stored.size

    def _sign_as_machine(self, key: str, ttl_s: int, method: Method) -> str:
        with _failures(key):
            return obstore.sign(self._objects, method, key, timedelta(seconds=ttl_s))


def _open(bucket: str, region: str, endpoint_url: str, credentials: Credentials | None) -> Obstore:
    config: dict[str, Any] = {"region": region}
    if endpoint_url:
        config |= {"endpoint": endpoint_url, "virtual_hosted_style_request": False}
    if credentials is not None:
        config |= {
            "access_key_id": credentials.key_id,
            "secret_access_key": credentials.secret,
        }
    return Obstore(
        bucket,
        config=config,  # type: ignore[arg-type]  # a TypedDict that cannot be put together in steps
        client_options={
            "allow_http": endpoint_url.startswith("http://"),
            "connect_timeout": "10s",
            "timeout": f"{_TIMEOUT_S}s",
        },
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=60)},
    )


@contextmanager
def _failures(key: str, *, missing_is_error: bool = True) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        if not missing_is_error:
            raise
        raise no_such_file(key) from error
    except BaseError as error:
        raise StorageError(
            f"The bucket failed at {key}: {_first_line(error)}",
            remedy="Check the bucket, its keys and the network.",
        ) from error


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:300]


def _pieces(key: str, found: Any) -> Iterator[bytes]:
    with _failures(key):
        for piece in found.stream(min_chunk_size=_PIECE_BYTES):
            yield bytes(piece)


def _described(meta: Any, content_type: str) -> Stored:
    return Stored(
        key=meta["path"],
        size=meta["size"],
        etag=(meta["e_tag"] or "").strip('"'),
        content_type=content_type,
        modified_at=meta["last_modified"],
    )
