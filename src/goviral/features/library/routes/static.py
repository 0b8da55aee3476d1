"""Files under `/static/`: by a signed link, or to their owner; byte ranges and all.

A folder's links lead here. Buckets have addresses of their own, but an owner may read his files here too.
"""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from goviral.features.accounts.deps import Router, Wired, current_principal
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.schemas import LinkQuery
from goviral.kit.errors import ForbiddenError
from goviral.kit.ranges import RangeNotSatisfiableError, parse_range
from goviral.kit.storage.keys import checked_key
from goviral.kit.storage.links import Link, attachment
from goviral.kit.storage.store import Stored, no_such_file

router = Router(tags=["files"])
_CACHE = "private, max-age=3600"


_FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": _FILE},
    206: {"description": "The part that was asked for.", "content": _FILE},
    304: {"description": "You have it."},
    416: {"description": "There is no such part of the file.", "content": _FILE},
}
# Guarded by hand below: a signed link needs no caller.
_GUARD = {"security": [{"key": []}, {"bearer": []}, {}], "x-scope": "clips:read"}


@router.get(
    "/static/{key:path}",
    response_class=StreamingResponse,
    openapi_extra=_GUARD,
    responses=_ANSWERS,
)
@router.head("/static/{key:path}", include_in_schema=False)
async def serve_file(
    key: Annotated[str, Path(max_length=512)],
    link: Annotated[LinkQuery, Query()],
    request: Request,
    wired: Wired,
) -> Response:
    """A stored file, or the range of it that is asked for."""
    if link.signature is None:
        principal = await current_principal(request)
        stored = await run_in_threadpool(_owned, wired, principal, key)
    else:
        stored = await run_in_threadpool(_linked, wired, key, link)
    return await run_in_threadpool(_answer, wired, request, stored, link.filename)


def _linked(wired: Services, key: str, link: LinkQuery) -> Stored:
    wired.store.check_link(Link(key, "GET", link.expires, link.filename), link.signature or "")
    return _found(wired, key)


def _owned(wired: Services, principal: Principal, key: str) -> Stored:
    if not principal.can("clips:read"):
        raise ForbiddenError("This needs the scope clips:read.")
    with wired.database.reading() as session:
        if not _is_owned(Library(session, principal.owner_id), checked_key(key)):
            raise no_such_file(key)
    return _found(wired, key)


def _is_owned(library: Library, key: str) -> bool:
    """Whether the key names a row of this owner; every other key is as good as not there."""
    folder, _, rest = key.partition("/")
    named = rest.partition("/")[0]
    if folder == "clips":
        return library.clips.find(named.removesuffix(".mp4")) is not None
    if folder == "thumbnails":
        return library.clips.find(named) is not None
    return folder == "videos" and library.videos.find(named) is not None


def _found(wired: Services, key: str) -> Stored:
    stored = wired.store.stat(key)
    if stored is None:
        raise no_such_file(key)
    return stored


def _answer(wired: Services, request: Request, stored: Stored, filename: str) -> Response:
    headers = {"accept-ranges": "bytes", "etag": f'"{stored.etag}"', "cache-control": _CACHE}
    if filename:
        headers["content-disposition"] = attachment(filename)
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    try:
        part = parse_range(_range_header(request, headers["etag"]), stored.size)
    except RangeNotSatisfiableError:
        return Response(status_code=416, headers={"content-range": f"bytes */{stored.size}"})
    start, end = (part.start, part.end) if part else (0, stored.size)
    headers["content-length"] = str(end - start)
    if part is not None:
        headers["content-range"] = part.content_range(stored.size)
    if request.method == "HEAD":
        return Response(None, 206 if part else 200, headers, stored.content_type)
    pieces = wired.store.read(stored.key, start, end)
    return StreamingResponse(pieces, 206 if part else 200, headers, stored.content_type)


def _range_header(request: Request, etag: str) -> str | None:
    """A range of another version is no range of this one (RFC 9110 §13.1.5)."""
    wanted = request.headers.get("if-range")
    return request.headers.get("range") if wanted in (None, etag) else None
