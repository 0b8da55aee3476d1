"""What happens to an upload once all its bytes are here: put together, hashed, looked into, filed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select

from goviral.features.accounts.services import Services
from goviral.features.library.content import MediaFacts, MediaGate, make_gate
from goviral.features.library.errors import ChecksumError
from goviral.features.library.events import UPLOAD_READY, UPLOAD_REFUSED, announce
from goviral.features.library.filing import sha256_of
from goviral.features.library.models import Upload, UploadState, UploadWay
from goviral.features.library.repository import UploadRepository
from goviral.features.library.uploads import CHECK_TASK, forget_bytes
from goviral.kit.db.locks import lock_name
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import AppError, CancelledError, InputError
from goviral.kit.files import as_resource_error
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import ACTIVE, Job, Payload
from goviral.kit.jobs.task import Task
from goviral.kit.scratch import Scratch
from goviral.kit.storage.keys import source_key, upload_key, video_prefix
from goviral.kit.storage.store import Store

_AT_ONCE = 200


class IncompleteError(InputError):
    """Fewer or more bytes arrived than were announced."""

    code = "size_mismatch"


class CheckFailedError(InputError):
    """Nobody looks at an upload any more: its job was cancelled, or lost its worker each time."""

    code = "check_failed"


def refuse_unchecked(services: Services) -> int:
    """Refuse uploads that wait for a look although no job gives it; how many. Fails closed."""
    looked_at = exists().where(Job.subject == Upload.id, Job.state.in_(ACTIVE))
    waiting = select(Upload).where(Upload.state == UploadState.CHECKING.value, ~looked_at)
    with services.database.reading() as session:
        uploads = session.scalars(waiting.limit(_AT_ONCE)).all()
    for upload in uploads:
        why = CheckFailedError("This file could not be looked at.", remedy="Send it again.")
        _refuse(services, upload, why)
    return len(uploads)


def check_upload_task() -> Task:
    """The job that files a finished upload. May run twice: a filed one is left as it is."""
    return Task(CHECK_TASK, _run, queue="uploads", timeout_s=4 * 3600.0, max_attempts=4)


def _run(context: JobContext, payload: Payload) -> Payload | None:
    services: Services = context.services
    upload = _waiting(services, payload["upload_id"])
    if upload is None:
        return None
    try:
        return UploadCheck(services, make_gate(services.settings.library), context.cancelled).run(
            upload
        )
    except CancelledError:
        raise
    except AppError as error:
        if not context.gives_up(error):
            raise
        # Fails closed: what could not be looked at is not taken.
        _refuse(services, upload, error)
        return {"state": UploadState.REFUSED.value, "code": error.code}


class UploadCheck:
    """Files one upload. `cancelled` is asked between megabytes."""

    def __init__(
        self, services: Services, gate: MediaGate, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self._services = services
        self._store: Store = services.store
        self._gate = gate
        self._cancelled = cancelled

    def run(self, upload: Upload) -> dict[str, Any]:
        """Its state and, where it is ready, its hash.

        Raises `NotMediaError`, `TooMuchError`, `InfectedError`, `ChecksumError`, `IncompleteError`,
        `ScannerError`, `StorageError`, `ResourceError`, `CancelledError`.
        """
        with self._local(upload) as path:
            if path.stat().st_size != upload.size_bytes:
                raise IncompleteError(
                    f"{path.stat().st_size} bytes arrived, {upload.size_bytes} were announced."
                )
            sha256 = sha256_of(path, self._cancelled)
            if upload.declared_sha256 not in (None, sha256):
                raise ChecksumError("The file was altered on its way.", remedy="Send it again.")
            if not self._is_known(upload, sha256):
                facts = self._gate.check(path, self._cancelled)
                key = self._file(upload, path, facts)
                return self._settle(upload, sha256, key, facts)
        return self._settle(upload, sha256, None, None)

    @contextmanager
    def _local(self, upload: Upload) -> Iterator[Path]:
        """The bytes as one file of this machine."""
        filed = next(self._store.list(video_prefix(upload.video_id)), None)
        # A job that was killed after filing finds its bytes there.
        key = filed.key if filed else upload_key(upload.id)
        lies_at = self._store.local_path(key)
        if lies_at is not None and lies_at.is_file():
            yield lies_at
            return
        scratch = Scratch(self._services.settings.server.data_dir / "tmp")
        with scratch.folder(upload.id) as folder:
            path = folder / "bytes"
            if filed is None:
                self._join(upload, path)
            else:
                self._store.fetch(key, path)
            yield path

    def _join(self, upload: Upload, path: Path) -> None:
        with self._services.database.reading() as session:
            pieces = UploadRepository(session, EVERYONE).pieces(upload.id)
        try:
            with path.open("wb") as out:
                for piece in pieces:
                    for data in self._store.read(piece.key):
                        self._stop_if_asked()
                        out.write(data)
        except OSError as error:
            raise as_resource_error(error, path) from error

    def _stop_if_asked(self) -> None:
        if self._cancelled():
            raise CancelledError("Stopped.")

    def _is_known(self, upload: Upload, sha256: str) -> bool:
        with self._services.database.reading() as session:
            uploads = UploadRepository(session, upload.owner_id)
            return uploads.same_bytes(sha256, upload.id) is not None

    def _file(self, upload: Upload, path: Path, facts: MediaFacts) -> str:
        if upload.way != UploadWay.TUS:
            return upload.key
        key = source_key(upload.video_id, facts.extension)
        if path != self._store.local_path(key):
            self._store.put(key, path, facts.content_type, take=True)
        return key

    def _settle(
        self, upload: Upload, sha256: str, key: str | None, facts: MediaFacts | None
    ) -> dict[str, Any]:
        with self._services.database.transaction() as session:
            uploads = UploadRepository(session, upload.owner_id)
            # Two of the same at once: the one that comes second waits here, then finds the first.
            lock_name(session, "upload", upload.owner_id, sha256)
            kept = uploads.find(upload.id)
            same = uploads.same_bytes(sha256, upload.id)
            if kept is not None:
                kept.sha256 = sha256
                if same is None and key is not None and facts is not None:
                    kept.state, kept.key = UploadState.READY.value, key
                    kept.facts = facts.as_json()
                elif same is not None:
                    kept.state, kept.duplicate_of = UploadState.DUPLICATE.value, same.id
                data = {"state": kept.state, "duplicate_of": kept.duplicate_of}
                announce(session, UPLOAD_READY, kept.owner_id, kept.id, data)
        self._clean_up(upload, is_wanted=kept is not None and same is None)
        if kept is None:
            return {"state": "deleted"}
        return {"state": kept.state, "sha256": sha256, "duplicate_of": kept.duplicate_of}

    def _clean_up(self, upload: Upload, *, is_wanted: bool) -> None:
        forget_bytes(self._store, upload)
        if not is_wanted:
            self._store.delete_prefix(video_prefix(upload.video_id))


def _waiting(services: Services, upload_id: str) -> Upload | None:
    with services.database.reading() as session:
        upload = UploadRepository(session, EVERYONE).find(upload_id)
    return upload if upload is not None and upload.state == UploadState.CHECKING else None


def _refuse(services: Services, upload: Upload, error: AppError) -> None:
    with services.database.transaction() as session:
        kept = UploadRepository(session, EVERYONE).find(upload.id)
        if kept is not None and kept.state != UploadState.CHECKING:
            return
        if kept is not None:
            kept.state = UploadState.REFUSED.value
            kept.error_code, kept.error_message = error.code, str(error)
            announce(session, UPLOAD_REFUSED, kept.owner_id, kept.id, {"code": error.code})
    forget_bytes(services.store, upload)
    services.store.delete_prefix(video_prefix(upload.video_id))
