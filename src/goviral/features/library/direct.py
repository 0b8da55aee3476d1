"""Uploads past us, straight into the bucket. No transaction is open while the bucket is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update

from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError
from goviral.features.library.intake import refuse_finished
from goviral.features.library.models import Upload, UploadState, UploadWay
from goviral.features.library.repository import UploadRepository
from goviral.features.library.uploads import received
from goviral.kit.errors import InputError
from goviral.kit.storage.store import BINARY, DirectKind, DirectUploads, UploadPart

MAX_ADDRESSES = 1000


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to PUT parts: `urls` maps the number of a part (from 1) to its address."""

    kind: DirectKind
    part_size_bytes: int
    part_count: int
    urls: dict[int, str]


def addresses(
    services: Services, owner_id: str, upload_id: str, numbers: Sequence[int]
) -> Addresses:
    """Where to send parts; asked again for parts that failed or addresses that ran out.

    Raises `NotFoundError`, `NotReadyError`, `UploadExpiredError`, `InputError`, `StorageError`.
    """
    upload = _open_upload(services, owner_id, upload_id)
    direct = _direct(services)
    part_size, count = direct.layout(upload.size_bytes)
    wanted = [number for number in numbers if 1 <= number <= count]
    if len(wanted) != len(numbers) or len(wanted) > MAX_ADDRESSES:
        raise InputError(
            f"Parts are numbered 1 to {count}.", remedy=f"Ask for {MAX_ADDRESSES} at a time."
        )
    reference = upload.reference or _begin(services, direct, upload)
    ttl_s = services.settings.storage.upload_link_ttl_s
    urls = direct.part_urls(upload.key, reference, wanted, ttl_s)
    return Addresses(direct.kind, part_size, count, dict(zip(wanted, urls, strict=True)))


def complete(
    services: Services, owner_id: str, upload_id: str, parts: Sequence[UploadPart]
) -> Upload:
    """All bytes are in the bucket: join them and have them looked at; harmless twice.

    Raises `NotFoundError`, `NotReadyError`, `UploadExpiredError`, `InputError`, `StorageError`.
    """
    with services.database.reading() as session:
        upload = UploadRepository(session, owner_id).get(upload_id)
    if upload.state in (UploadState.CHECKING, UploadState.READY, UploadState.DUPLICATE):
        return upload
    upload = _open_upload(services, owner_id, upload_id)
    direct = _direct(services)
    # An answer that was lost leaves a joined file and an open row.
    stored = services.store.stat(upload.key) or direct.complete(
        upload.key, upload.reference or "", parts
    )
    with services.database.transaction() as session:
        kept = UploadRepository(session, owner_id).get(upload_id)
        if kept.state == UploadState.RECEIVING:
            kept.offset = stored.size
            received(services, session, upload_id)
        return kept


def _open_upload(services: Services, owner_id: str, upload_id: str) -> Upload:
    with services.database.reading() as session:
        upload = UploadRepository(session, owner_id).get(upload_id)
    refuse_finished(upload, services.clock())
    if upload.way == UploadWay.TUS:
        raise NotReadyError("This upload goes through us.", remedy="Send it by tus.")
    return upload


def _direct(services: Services) -> DirectUploads:
    if services.store.direct is None:
        raise NotReadyError("This store takes no uploads past us.", remedy="Begin it anew.")
    return services.store.direct


def _begin(services: Services, direct: DirectUploads, upload: Upload) -> str:
    """Open it at the bucket. Two at once: the second gives its own up."""
    begun = direct.begin(upload.key, upload.size_bytes, upload.content_type or BINARY)
    with services.database.transaction() as session:
        ours = update(Upload).where(Upload.id == upload.id, Upload.reference.is_(None))
        taken = session.execute(ours.values(reference=begun.reference)).rowcount  # type: ignore[attr-defined]
        reference = UploadRepository(session, upload.owner_id).get(upload.id).reference
    if not taken:
        direct.abort(upload.key, begun.reference)
    return reference or begun.reference
