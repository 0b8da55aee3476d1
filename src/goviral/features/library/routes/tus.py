"""The tus protocol, version 1.0.0: creation, expiration, checksum, termination. See `docs/library.md`."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from typing_extensions import override

from goviral.features.accounts.deps import Router, Wired, require, takes_body_up_to
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.services import Services
from goviral.features.accounts.session_route import SessionRoute
from goviral.features.library import tus
from goviral.features.library.errors import OffsetError
from goviral.features.library.intake import Intake, refuse_finished
from goviral.features.library.models import Upload, UploadWay
from goviral.features.library.repository import UploadRepository
from goviral.features.library.routes.uploads import TUS_PATH
from goviral.features.library.uploads import Announced, begin, open_intake, terminate
from goviral.kit.errors import AppError, InputError, NotFoundError

_PIECE_BYTES = 1 << 20
_SILENT_S = 20.0
"""Shorter than a lock lives: a client that hangs must not keep out its own next try."""
_OFTEN_S = 5.0
"""A slow line's bytes are handed on so often: with the silence before it, sooner than its lock ends."""
_ANY_SIZE = 1 << 50


def _said(*names: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The headers of a request, for the schema: they are read by `tus`, not by FastAPI."""
    return {
        "parameters": [
            {"name": name, "in": "header", "required": name in names, "schema": {"type": "string"}}
            for name in (*names, *optional)
        ]
    }


_VERSION = "Tus-Resumable"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {tus.BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_CREATE = _said(_VERSION, "Upload-Length", optional=("Upload-Metadata",))
_APPEND = {**_said(_VERSION, "Upload-Offset", optional=("Upload-Checksum",)), **_BODY}


class TusRoute(SessionRoute):
    """Every answer, errors too, says which tus is spoken; requests must say so first."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                if request.method != "OPTIONS":
                    tus.check_version(request.headers.get("tus-resumable"))
                response = await answer(request)
            except (AppError, HTTPException) as error:
                response = await _as_answer(request, error)
            response.headers["Tus-Resumable"] = tus.VERSION
            return response

        return handle


router = Router(prefix="/uploads/tus", tags=["uploads"])
router.route_class = TusRoute

Writer = Annotated[Principal, Depends(require("videos:write"))]
UploadId = Annotated[str, Path(max_length=64)]


@router.options("", status_code=204)
async def describe_tus(wired: Wired) -> Response:
    """What is spoken here."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Max-Size": str(wired.settings.library.max_upload_bytes),
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        },
    )


@router.post("", status_code=201, openapi_extra=_CREATE, responses=refuses(412))
async def create_tus_upload(request: Request, by: Writer, wired: Wired) -> Response:
    """Begin an upload: `Upload-Length`, and `Upload-Metadata` with filename, filetype, sha256.

    Where bytes with that sha256 are here already, the answer names that upload, with all its bytes.
    """
    size = tus.read_size(request.headers.get("upload-length"), "Upload-Length")
    said = tus.read_metadata(request.headers.get("upload-metadata"))
    announced = Announced(
        size, said.get("filename", ""), said.get("filetype", ""), said.get("sha256")
    )
    upload = await run_in_threadpool(_begin, wired, by, announced)
    headers = {"Location": f"{TUS_PATH}/{upload.id}", **_standing(upload)}
    return Response(status_code=201, headers=headers)


@router.head(
    "/{upload_id}", status_code=200, openapi_extra=_said(_VERSION), responses=refuses(410, 412)
)
async def show_tus_offset(upload_id: UploadId, by: Writer, wired: Wired) -> Response:
    """How many bytes are safe."""
    upload = await run_in_threadpool(_find, wired, by.owner_id, upload_id)
    said = {"filename": upload.filename, "filetype": upload.content_type}
    metadata = tus.write_metadata({name: value for name, value in said.items() if value})
    headers = {**_standing(upload), "Upload-Length": str(upload.size_bytes)}
    return Response(status_code=200, headers={**headers, "Upload-Metadata": metadata})


@router.patch(
    "/{upload_id}",
    status_code=204,
    openapi_extra=_APPEND,
    responses=refuses(410, 412, 415, 460, 507),
)
@takes_body_up_to(_ANY_SIZE)
async def append_to_tus_upload(
    upload_id: UploadId, request: Request, by: Writer, wired: Wired
) -> Response:
    """Add bytes at `Upload-Offset`. What came before a broken line counts."""
    return await _append(upload_id, request, by, wired)


@router.delete(
    "/{upload_id}", status_code=204, openapi_extra=_said(_VERSION), responses=refuses(410, 412)
)
async def terminate_tus_upload(upload_id: UploadId, by: Writer, wired: Wired) -> Response:
    """Forget an upload."""
    await run_in_threadpool(terminate, wired, by.owner_id, upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}", status_code=204, include_in_schema=False)
@takes_body_up_to(_ANY_SIZE)
async def override_tus_method(
    upload_id: UploadId, request: Request, by: Writer, wired: Wired
) -> Response:
    """For clients that can only POST: `X-HTTP-Method-Override` names the method that is meant."""
    meant = request.headers.get("x-http-method-override", "").upper()
    if meant == "PATCH":
        return await _append(upload_id, request, by, wired)
    if meant == "DELETE":
        return await terminate_tus_upload(upload_id, by, wired)
    raise InputError("POST is not for an upload that exists.", remedy="Send PATCH.")


async def _append(upload_id: str, request: Request, by: Principal, wired: Services) -> Response:
    tus.check_type(request.headers.get("content-type"))
    offset = tus.read_size(request.headers.get("upload-offset"), "Upload-Offset")
    checksum = tus.read_checksum(request.headers.get("upload-checksum"))
    intake = await run_in_threadpool(open_intake, wired, by.owner_id, upload_id, offset, checksum)
    try:
        reached = await _take_in(intake, request)
    finally:
        await asyncio.shield(run_in_threadpool(intake.close))
    headers = {"Upload-Offset": str(reached), "Upload-Expires": tus.write_time(intake.expires_at)}
    return Response(status_code=204, headers=headers)


async def _take_in(intake: Intake, request: Request) -> int:
    try:
        async for piece in _pieces(request):
            await run_in_threadpool(intake.write, piece)
        return await run_in_threadpool(intake.finish)
    except (ClientDisconnect, HTTPException):
        # It left, or came to a halt (408): what came is safe, it may go on from there.
        await asyncio.shield(run_in_threadpool(intake.interrupted))
        raise
    except (AppError, asyncio.CancelledError):
        await asyncio.shield(run_in_threadpool(intake.abandon))
        raise


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of about a megabyte: a thread for each 64 KiB would cost more than the disk."""
    body = request.stream()
    waiting = bytearray()
    handed_s = time.monotonic()
    try:
        while (piece := await _next(body)) is not None:
            waiting += piece
            if len(waiting) >= _PIECE_BYTES or time.monotonic() - handed_s > _OFTEN_S:
                yield bytes(waiting)
                waiting.clear()
                handed_s = time.monotonic()
    except (ClientDisconnect, HTTPException):
        if waiting:
            yield bytes(waiting)
        raise
    if waiting:
        yield bytes(waiting)


async def _next(body: AsyncGenerator[bytes, None]) -> bytes | None:
    try:
        async with asyncio.timeout(_SILENT_S):
            return await anext(body, None)
    except TimeoutError:
        raise HTTPException(408, headers={"connection": "close"}) from None


def _begin(wired: Services, by: Principal, announced: Announced) -> Upload:
    with wired.database.transaction() as session:
        return begin(wired, session, by, announced).upload


def _find(wired: Services, owner_id: str, upload_id: str) -> Upload:
    with wired.database.reading() as session:
        upload = UploadRepository(session, owner_id).get(upload_id)
    if upload.way != UploadWay.TUS:
        raise NotFoundError(f"There is no upload {upload_id} by tus.")
    if upload.offset < upload.size_bytes:
        refuse_finished(upload, wired.clock())
    return upload


def _standing(upload: Upload) -> Mapping[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": tus.write_time(upload.expires_at),
        "Cache-Control": "no-store",
    }


async def _as_answer(request: Request, error: AppError | HTTPException) -> Response:
    kind = AppError if isinstance(error, AppError) else HTTPException
    handler = request.app.exception_handlers[kind]
    response: Response = await handler(request, error)
    if isinstance(error, OffsetError):
        response.headers["Upload-Offset"] = str(error.offset)
    return response
