"""Uploads: begun, gone on with, finished, given up. Bytes through us (tus) or past us (the bucket)."""

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError, TooLargeError
from goviral.features.library.intake import Intake, take_lock
from goviral.features.library.models import Upload, UploadState, UploadWay
from goviral.features.library.quota import check_quota
from goviral.features.library.repository import UploadRepository, VideoRepository
from goviral.features.library.tus import Checksum
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import InputError
from goviral.kit.ids import new_id
from goviral.kit.storage.keys import (
    safe_extension,
    source_key,
    upload_key,
    upload_prefix,
    video_prefix,
)
from goviral.kit.storage.store import Store

CHECK_TASK = "library.check_upload"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says of a file it wants to send."""

    size_bytes: int
    filename: str = ""
    content_type: str = ""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload to go on with. `known`: the same bytes are here already, nothing need be sent."""

    upload: Upload
    known: bool = False


def begin(
    services: Services,
    session: Session,
    principal: Principal,
    announced: Announced,
    *,
    direct: bool = False,
) -> Begun:
    """Make room for a file, or find that it is here. `direct`: past us, where the store can.

    Raises `InputError`, `TooLargeError`, `QuotaError`.
    """
    uploads = UploadRepository(session, principal.owner_id)
    settings = services.settings.library
    sha256 = _checked_sha256(announced.sha256)
    known = uploads.same_bytes(sha256) if sha256 else None
    if known is not None:
        return Begun(known, known=True)
    if announced.size_bytes > settings.max_upload_bytes:
        raise TooLargeError(f"At most {settings.max_upload_bytes} bytes are taken.")
    if announced.size_bytes <= 0:
        raise InputError("The file is empty.", remedy="Choose another one.")
    check_quota(session, settings, principal.owner_id, principal.plan, announced.size_bytes)
    upload = _new_upload(services, announced, sha256)
    if direct and services.store.direct is not None:
        upload.way = UploadWay(services.store.direct.kind).value
        upload.key = source_key(upload.video_id, safe_extension(upload.filename))
    return Begun(uploads.add(upload))


def _new_upload(services: Services, announced: Announced, sha256: str | None) -> Upload:
    upload_id = new_id("upl")
    life = timedelta(hours=services.settings.library.upload_ttl_h)
    return Upload(
        id=upload_id,
        way=UploadWay.TUS.value,
        state=UploadState.RECEIVING.value,
        offset=0,
        filename=announced.filename[:255],
        content_type=announced.content_type[:100],
        size_bytes=announced.size_bytes,
        declared_sha256=sha256,
        video_id=new_id("vid"),
        key=upload_key(upload_id),
        expires_at=services.clock() + life,
    )


def _checked_sha256(text: str | None) -> str | None:
    if text is None:
        return None
    if not _SHA256.fullmatch(text.lower()):
        raise InputError("sha256 is not 64 hexadecimal digits.")
    return text.lower()


def received(services: Services, session: Session, upload_id: str) -> None:
    """All bytes are here: have them looked at, in this transaction."""
    upload = UploadRepository(session, EVERYONE).get(upload_id)
    upload.state = UploadState.CHECKING.value
    services.queue.enqueue(
        session,
        CHECK_TASK,
        {"upload_id": upload.id},
        owner_id=upload.owner_id,
        unique_key=f"{CHECK_TASK}:{upload.id}",
        subject=upload.id,
    )


def open_intake(
    services: Services, owner_id: str, upload_id: str, offset: int, checksum: Checksum | None
) -> Intake:
    """Take the one place of a writer. Raises what `take_lock` does, `ResourceError`."""
    with services.database.transaction() as session:
        uploads = UploadRepository(session, owner_id)
        upload = take_lock(session, uploads, upload_id, offset, services.clock())
        if upload.way != UploadWay.TUS:
            raise NotReadyError("This upload goes straight to the bucket.")
    return Intake(
        upload,
        database=services.database,
        store=services.store,
        settings=services.settings.library,
        clock=services.clock,
        completed=lambda session, done_id: received(services, session, done_id),
        checksum=checksum,
    )


def terminate(services: Services, owner_id: str, upload_id: str) -> None:
    """Give an upload up: row, then bytes. Raises `NotFoundError`, and `NotReadyError` for a video's."""
    with services.database.transaction() as session:
        uploads = UploadRepository(session, owner_id)
        # Held: nobody makes a video of it meanwhile, whose film we would take away.
        upload = uploads.get_for_update(upload_id)
        if VideoRepository(session, owner_id).by_upload(upload.id) is not None:
            raise NotReadyError("A video was made of it.", remedy="Delete the video instead.")
        uploads.delete(upload)
    forget_bytes(services.store, upload)
    services.store.delete_prefix(video_prefix(upload.video_id))


def forget_bytes(store: Store, upload: Upload) -> None:
    """Delete what an unfinished upload left in the store."""
    store.delete_prefix(upload_prefix(upload.id))
    if upload.reference and store.direct is not None and upload.state == UploadState.RECEIVING:
        store.direct.abort(upload.key, upload.reference)
        store.delete(upload.key)
