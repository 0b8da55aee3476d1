"""A bucket of Google Cloud Storage, by Google's own client (obstore cannot list its emulator)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import GoogleAPIError, NotFound
from google.auth.credentials import AnonymousCredentials, Signing
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Blob, Bucket, Client
from google.cloud.storage.exceptions import InvalidResponse
from google.oauth2.service_account import Credentials

from goviral.kit.errors import DependencyError, InputError
from goviral.kit.files import atomic_path
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import checked_key, checked_prefix
from goviral.kit.storage.links import Link, attachment, not_ours
from goviral.kit.storage.store import (
    BINARY,
    DirectKind,
    DirectUpload,
    DirectUploads,
    Method,
    StorageError,
    Stored,
    UploadPart,
    no_such_file,
)

_WINDOW_BYTES = 8 << 20
_TIMEOUT_S = 120


def gcs_store(settings: Settings) -> "GcsStore":
    """The store of the settings. Raises `DependencyError` where there is no bucket."""
    chosen = settings.storage
    if not chosen.gcs_bucket:
        raise DependencyError("STORAGE_BACKEND=gcs needs a bucket.", remedy="Set GCS_BUCKET.")
    if chosen.gcs_emulator_url:
        bucket = _emulated(chosen.gcs_bucket, chosen.gcs_emulator_url)
        return GcsStore(bucket, endpoint_url=chosen.gcs_emulator_url, signer=_throwaway_signer())
    return GcsStore(_open(chosen.gcs_bucket, chosen.google_application_credentials))


class GcsStore:
    """A bucket. `endpoint_url` is where signed addresses point, if not at Google.

    `signer` signs them where the client's own credentials cannot.
    """

    name = "gcs"

    def __init__(
        self, bucket: Bucket, *, endpoint_url: str = "", signer: Signing | None = None
    ) -> None:
        self._bucket = bucket
        self._signer = signer
        self._endpoint_url = endpoint_url
        self.direct: DirectUploads | None = _Sessions(self)

    def put(
        self, key: str, source: Path | bytes, content_type: str = BINARY, *, take: bool = False
    ) -> Stored:
        blob = self.blob(key)
        with failures(key):
            if isinstance(source, Path):
                # A chunk size makes it a resumable upload that never holds the file.
                blob.chunk_size = _WINDOW_BYTES
                blob.upload_from_filename(
                    str(source), content_type=content_type, timeout=_TIMEOUT_S, checksum="auto"
                )
            else:
                blob.upload_from_string(source, content_type=content_type, timeout=_TIMEOUT_S)
        if take and isinstance(source, Path):
            source.unlink(missing_ok=True)
        return _described(blob)

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        blob = self._found(key)
        if blob is None:
            raise no_such_file(key)
        size = int(blob.size or 0)
        return _windows(blob, start, size if end is None else min(end, size))

    def fetch(self, key: str, to: Path) -> None:
        pieces = self.read(key)
        with atomic_path(to) as partial, partial.open("wb") as out:
            for piece in pieces:
                out.write(piece)

    def stat(self, key: str) -> Stored | None:
        blob = self._found(key)
        return None if blob is None else _described(blob)

    def local_path(self, key: str) -> Path | None:
        return None

    def sign(
        self, key: str, ttl_s: int, *, method: Method = "GET", filename: str | None = None
    ) -> str:
        with failures(key):
            return str(
                self.blob(key).generate_signed_url(
                    version="v4",
                    expiration=timedelta(seconds=ttl_s),
                    method=method,
                    credentials=self._signer,
                    response_disposition=attachment(filename) if filename else None,
                    api_access_endpoint=self._endpoint_url or "https://storage.googleapis.com",
                )
            )

    def check_link(self, link: Link, signature: str) -> None:
        raise not_ours()

    def delete(self, key: str) -> None:
        blob = self.blob(key)
        with failures(key):
            try:
                blob.delete(timeout=_TIMEOUT_S)
            except NotFound:
                return

    def delete_prefix(self, prefix: str) -> int:
        found = [stored.key for stored in self.list(prefix)]
        for key in found:
            self.delete(key)
        return len(found)

    def list(self, prefix: str) -> Iterator[Stored]:
        with failures(prefix):
            blobs = self._bucket.list_blobs(prefix=checked_prefix(prefix), timeout=_TIMEOUT_S)
            for blob in sorted(blobs, key=lambda blob: str(blob.name)):
                yield _described(blob)

    def uri(self, key: str) -> str:
        return f"gs://{self._bucket.name}/{checked_key(key)}"

    def temporary_folders(self) -> Sequence[Path]:
        return ()

    def ping(self) -> None:
        self.stat("ping")

    def blob(self, key: str) -> Blob:
        """The client's handle of a key; asks nothing."""
        return self._bucket.blob(checked_key(key))

    def _found(self, key: str) -> Blob | None:
        with failures(key):
            return self._bucket.get_blob(checked_key(key), timeout=_TIMEOUT_S)


class _Sessions:
    """Resumable sessions: one address that takes the bytes in order; Google keeps it for a week."""

    kind: DirectKind = "session"

    def __init__(self, store: GcsStore) -> None:
        self._store = store

    def layout(self, size: int) -> tuple[int, int]:
        return size, 1

    def begin(self, key: str, size: int, content_type: str) -> DirectUpload:
        with failures(key):
            url = self._store.blob(key).create_resumable_upload_session(
                content_type=content_type, size=size, timeout=_TIMEOUT_S
            )
        if url is None:
            raise StorageError("The bucket opened no session.")
        return DirectUpload("session", url, *self.layout(size), (url,))

    def part_urls(self, key: str, reference: str, numbers: Iterable[int], ttl_s: int) -> list[str]:
        return [reference for _ in numbers]

    def complete(self, key: str, reference: str, parts: Sequence[UploadPart]) -> Stored:
        stored = self._store.stat(key)
        if stored is None:
            raise InputError("The upload is not finished.", remedy="Send the rest of its bytes.")
        return stored

    def abort(self, key: str, reference: str) -> None:
        """A session that nobody finishes ends by itself and costs nothing."""


@contextmanager
def failures(key: str) -> Iterator[None]:
    """What Google's client raises, as our errors."""
    try:
        yield
    except NotFound as error:
        raise no_such_file(key) from error
    except (GoogleAPIError, GoogleAuthError, InvalidResponse, requests.RequestException) as error:
        raise StorageError(
            f"The bucket failed at {key}: {str(error).splitlines()[0][:300]}",
            remedy="Check the bucket, the service account and the network.",
        ) from error


def _open(bucket: str, credentials_file: Path | None) -> Bucket:
    with failures(bucket):
        if credentials_file is not None:
            return Client.from_service_account_json(str(credentials_file)).bucket(bucket)
        return Client().bucket(bucket)


def _emulated(bucket: str, url: str) -> Bucket:
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = Client(
        project="goviral", credentials=credentials, client_options={"api_endpoint": url}
    )
    return client.bucket(bucket)


def _throwaway_signer() -> Signing:
    """An emulator checks no signature, but the client wants a key to make one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "client_email": "nobody@goviral.invalid",
        "token_uri": "https://goviral.invalid/token",
        "private_key": key.decode(),
    }
    return Credentials.from_service_account_info(account)  # type: ignore[no-untyped-call,no-any-return]


def _windows(blob: Blob, start: int, end: int) -> Iterator[bytes]:
    """A window at a time, each tried again by the client: constant memory whatever the size."""
    while start < end:
        last = min(start + _WINDOW_BYTES, end) - 1
        with failures(str(blob.name)):
            piece = blob.download_as_bytes(start=start, end=last, timeout=_TIMEOUT_S, checksum=None)
        if not piece:
            return
        yield piece
        start += len(piece)


def _described(blob: Any) -> Stored:
    return Stored(
        key=blob.name,
        size=int(blob.size or 0),
        etag=str(blob.etag or "").strip('"'),
        content_type=blob.content_type or "",
        modified_at=blob.updated,
    )
