"""Uploads over HTTP: begin one, send it past us, see what became of it. The bytes by tus: `tus`."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from sqlalchemy.orm import Session

from goviral.features.accounts.deps import Paged, Reading, Router, Wired, Writing, require
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.library import direct
from goviral.features.library.models import Upload, UploadState, UploadWay
from goviral.features.library.repository import UploadRepository, VideoRepository
from goviral.features.library.schemas import (
    Listed,
    NewUpload,
    PartAddresses,
    SentParts,
    UploadBegun,
    UploadOut,
    WantedParts,
)
from goviral.features.library.uploads import Announced, begin, terminate
from goviral.kit.storage.store import UploadPart

router = Router(tags=["uploads"])

Reader = Annotated[Principal, Depends(require("videos:read"))]
Writer = Annotated[Principal, Depends(require("videos:write"))]
UploadId = Annotated[str, Path(max_length=64)]
TUS_PATH = "/api/v1/uploads/tus"


@router.get("/uploads", response_model=Listed[UploadOut])
def list_uploads(
    session: Reading,
    by: Reader,
    paging: Paged,
    state: Annotated[UploadState | None, Query()] = None,
) -> Any:
    """One's uploads, newest first."""
    where = [] if state is None else [Upload.state == state.value]
    page = UploadRepository(session, by.owner_id).page(
        *where, cursor=paging.cursor, limit=paging.limit
    )
    return {
        "items": [shown(session, upload) for upload in page.items],
        "next_cursor": page.next_cursor,
    }


@router.post(
    "/uploads",
    status_code=201,
    response_model=UploadBegun,
    responses={200: {"model": UploadBegun, "description": "The bytes are here already."}},
)
def begin_upload(
    wanted: NewUpload, session: Writing, by: Writer, wired: Wired, response: Response
) -> Any:
    """Begin an upload. `way` says how to send the bytes: by tus to `tus_url`, or past us in parts.

    200 with status `duplicate` where bytes with that `sha256` are here already.
    """
    announced = Announced(wanted.size_bytes, wanted.filename, wanted.content_type, wanted.sha256)
    begun = begin(wired, session, by, announced, direct=wanted.way == "auto")
    if begun.known:
        response.status_code = 200
    status = "duplicate" if begun.known else "created"
    return {"status": status, "upload": shown(session, begun.upload)}


@router.get("/uploads/{upload_id}", response_model=UploadOut)
def show_upload(upload_id: UploadId, session: Reading, by: Reader) -> Any:
    """How far an upload is."""
    return shown(session, UploadRepository(session, by.owner_id).get(upload_id))


@router.post("/uploads/{upload_id}/parts", response_model=PartAddresses, responses=refuses(410))
def address_parts(upload_id: UploadId, wanted: WantedParts, by: Writer, wired: Wired) -> Any:
    """Where to PUT parts of an upload past us; ask again for parts whose address ran out.

    The first answer's `part_size_bytes` says how to cut the file: every part but the last has that size.
    """
    found = direct.addresses(wired, by.owner_id, upload_id, wanted.numbers)
    return {
        "kind": found.kind,
        "part_size_bytes": found.part_size_bytes,
        "part_count": found.part_count,
        "parts": [{"number": number, "url": url} for number, url in found.urls.items()],
    }


@router.post(
    "/uploads/{upload_id}/complete",
    status_code=202,
    response_model=UploadOut,
    responses=refuses(410),
)
def complete_upload(upload_id: UploadId, sent: SentParts, by: Writer, wired: Wired) -> Any:
    """All parts are in the bucket: join them and have them looked at. Harmless twice."""
    parts = [UploadPart(part.number, part.etag) for part in sent.parts]
    upload = direct.complete(wired, by.owner_id, upload_id, parts)
    with wired.database.reading() as session:
        return shown(session, upload)


@router.delete("/uploads/{upload_id}", status_code=204)
def give_up_upload(upload_id: UploadId, by: Writer, wired: Wired) -> None:
    """Give an upload up, or forget a finished one of which no video was made."""
    terminate(wired, by.owner_id, upload_id)


def shown(session: Session, upload: Upload) -> dict[str, Any]:
    """An upload as the API shows it."""
    row = {column.key: getattr(upload, column.key) for column in upload.__table__.columns}
    video = VideoRepository(session, upload.owner_id).by_upload(upload.duplicate_of or upload.id)
    is_open = upload.way == UploadWay.TUS and upload.state == UploadState.RECEIVING
    return {
        **row,
        "video_id": video.id if video else None,
        "tus_url": f"{TUS_PATH}/{upload.id}" if is_open else None,
    }
