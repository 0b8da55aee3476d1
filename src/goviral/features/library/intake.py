"""One request that adds bytes to an upload: one writer at a time, safe bytes counted as they come."""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from goviral.features.library.errors import (
    ChecksumError,
    NotReadyError,
    OffsetError,
    TooLargeError,
    UploadBusyError,
    UploadExpiredError,
)
from goviral.features.library.magic import HEAD_BYTES, kind_of
from goviral.features.library.models import Upload, UploadPiece, UploadState
from goviral.features.library.repository import UploadRepository
from goviral.features.library.sinks import STRETCH_BYTES, open_sink
from goviral.features.library.tus import Checksum
from goviral.kit.clock import Clock
from goviral.kit.db.database import Database
from goviral.kit.server_settings import LibrarySettings
from goviral.kit.storage.store import Store

LOCK_S = 30.0
"""A writer that was killed keeps others out for so long; a living one renews its lock."""
_RENEW_S = 5.0


class Intake:
    """Takes the body of one PATCH. Not thread-safe: one call at a time.

    With a checksum nothing counts before all bytes are here and add up; without one every 8 MiB do.
    `completed` is called with the id in the transaction that counts the last byte.
    """

    def __init__(
        self,
        upload: Upload,
        *,
        database: Database,
        store: Store,
        settings: LibrarySettings,
        clock: Clock,
        completed: Callable[[Session, str], None],
        checksum: Checksum | None = None,
    ) -> None:
        self.upload_id = upload.id
        self.size = upload.size_bytes
        self.offset = upload.offset
        self.expires_at = upload.expires_at
        self._lock = upload.lock
        self._database = database
        self._settings = settings
        self._clock = clock
        self._completed = completed
        self._checksum = checksum
        self._digest = checksum.new() if checksum else None
        self._pending = 0
        self._head: bytes | None = b"" if upload.offset == 0 else None
        self._renewed_s = time.monotonic()
        self._sink = open_sink(store, upload)

    @property
    def is_complete(self) -> bool:
        return self.offset == self.size

    def write(self, data: bytes) -> None:
        """Take more. Raises `TooLargeError`, `NotMediaError`, `ResourceError`, `StorageError`."""
        waited_s = time.monotonic() - self._renewed_s
        if waited_s > LOCK_S:
            raise UploadBusyError("This request stood still for too long.", remedy="Ask HEAD.")
        if self.offset + self._pending + len(data) > self.size:
            raise TooLargeError("More bytes came than were announced.")
        self._look_at_head(data)
        if self._digest is not None:
            self._digest.update(data)
        self._sink.write(data)
        self._pending += len(data)
        waited = waited_s > _RENEW_S
        if self._checksum is None and (self._pending >= STRETCH_BYTES or waited):
            self._record(keep_lock=True)
        elif waited:
            self._renew()

    def finish(self) -> int:
        """All of the body came: the new offset. Raises `ChecksumError`."""
        if not self._adds_up():
            raise ChecksumError("The bytes do not add up.", remedy="Send them again.")
        if self._head and self.offset + self._pending == self.size:
            kind_of(self._head)
        self._record(keep_lock=False)
        return self.offset

    def interrupted(self) -> None:
        """The client went away: what came counts, unless it had to add up."""
        if self._checksum is None:
            self._record(keep_lock=False)
        else:
            self.abandon()

    def abandon(self) -> None:
        """Forget what was not counted yet and let others in.

        Raises `UploadBusyError` where another goes on already (this machine slept): the bytes are its now.
        """
        self._renew()
        self._sink.discard()
        self._update(lock=None, locked_until=None)

    def close(self) -> None:
        self._sink.close()

    def _adds_up(self) -> bool:
        if self._checksum is None or self._digest is None:
            return True
        return secrets.compare_digest(self._digest.digest(), self._checksum.digest)

    def _look_at_head(self, data: bytes) -> None:
        """Turn away what is no film after its first 4 KiB, not after ten gigabytes."""
        if self._head is None:
            return
        self._head += data[: HEAD_BYTES - len(self._head)]
        if len(self._head) == HEAD_BYTES:
            kind_of(self._head)
            self._head = None

    def _record(self, *, keep_lock: bool) -> None:
        pieces = self._sink.secure()
        reached = self.offset + self._pending
        now = self._clock()
        self.expires_at = now + timedelta(hours=self._settings.upload_ttl_h)
        held = {"lock": None, "locked_until": None} if not keep_lock else self._held()
        self._update(pieces, offset=reached, expires_at=self.expires_at, updated_at=now, **held)
        self.offset, self._pending = reached, 0

    def _renew(self) -> None:
        self._update(**self._held())

    def _held(self) -> dict[str, Any]:
        self._renewed_s = time.monotonic()
        return {"locked_until": self._clock() + timedelta(seconds=LOCK_S)}

    def _update(self, pieces: Sequence[UploadPiece] = (), **values: Any) -> None:
        with self._database.transaction() as session:
            ours = update(Upload).where(Upload.id == self.upload_id, Upload.lock == self._lock)
            if session.execute(ours.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
                raise UploadBusyError("Another request went on with this upload.")
            session.add_all(pieces)
            if values.get("offset") == self.size:
                self._completed(session, self.upload_id)


def take_lock(
    session: Session, uploads: UploadRepository, upload_id: str, offset: int, now: Any
) -> Upload:
    """The upload, held by the caller for half a minute.

    Raises `NotFoundError`, `UploadExpiredError`, `OffsetError`, `UploadBusyError`, `NotReadyError`.
    """
    upload = uploads.get(upload_id)
    refuse_finished(upload, now)
    if upload.offset != offset:
        error = OffsetError(f"The upload is at byte {upload.offset}.", remedy="Go on from there.")
        error.offset = upload.offset
        raise error
    token = secrets.token_hex(16)
    free = (Upload.lock.is_(None)) | (Upload.locked_until < now)
    held = update(Upload).where(Upload.id == upload_id, Upload.offset == offset, free)
    values = {"lock": token, "locked_until": now + timedelta(seconds=LOCK_S)}
    if session.execute(held.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise UploadBusyError(
            "Another request is sending to this upload.", remedy="Wait, ask HEAD."
        )
    session.refresh(upload)
    return upload


def refuse_finished(upload: Upload, now: Any) -> None:
    """Raises `UploadExpiredError` and `NotReadyError` for an upload that takes no more bytes."""
    state = UploadState(upload.state)
    if state is UploadState.EXPIRED or (state.is_open and upload.expires_at <= now):
        raise UploadExpiredError("This upload was not finished in time.", remedy="Begin a new one.")
    if not state.is_open:
        raise NotReadyError(f"This upload is {upload.state}: it takes no more bytes.")
