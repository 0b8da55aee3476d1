"""Events as they happen: by server-sent events, WebSocket, or asking.

All three count the same way: `position`, which is the `id` of a server-sent event, is where to go on.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any, TypeGuard

from fastapi import Depends, Header, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from goviral.features.accounts.admission import admit
from goviral.features.accounts.deps import (
    Reading,
    Router,
    Wired,
    address_of,
    credential_of,
    require,
)
from goviral.features.accounts.errors import refused
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.schemas import Listed
from goviral.features.accounts.services import Services
from goviral.features.accounts.standing import standing_of
from goviral.features.webhooks.schemas import EventOut
from goviral.kit.db.repository import is_of
from goviral.kit.errors import AppError, RateLimitedError
from goviral.kit.events.event import Event
from goviral.kit.events.models import EventRow
from goviral.kit.events.standing import Ended, Standing
from goviral.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page

router = Router(tags=["events"])
_UNAUTHENTICATED, _TRY_LATER = 4401, 4408
_HELLO_S = 10.0
_SCOPE = "videos:read"
_LAST_POSITION = 2**63 - 1
_RETRY_S = 5.0

Watcher = Annotated[Principal, Depends(require(_SCOPE))]
Subject = Annotated[str | None, Query(max_length=64, description="Only events about this id.")]
After = Annotated[
    int | None,
    Query(ge=0, le=_LAST_POSITION, description="The position of the last event you know."),
]


@router.get("/events/list", response_model=Listed[EventOut])
def list_events(
    session: Reading,
    by: Watcher,
    after: After = None,
    subject: Subject = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Any:
    """What happened after a position, oldest first: for those who would rather ask."""
    statement = select(EventRow).where(
        is_of(EventRow, by.owner_id), EventRow.position > (after or 0)
    )
    if subject is not None:
        statement = statement.where(EventRow.subject == subject)
    return Page(session.scalars(statement.order_by(EventRow.position).limit(limit)).all())


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
async def follow_events(
    request: Request,
    by: Watcher,
    wired: Wired,
    subject: Subject = None,
    after: After = None,
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> StreamingResponse:
    """Server-sent events, for ever. After a break, `Last-Event-ID` brings what was missed.

    Where the credential expires or is revoked, the last line is the comment `: ended <code>`.
    """
    known = min(int(last_event_id), _LAST_POSITION) if _is_position(last_event_id) else after
    if known is None:
        known = await run_in_threadpool(wired.feed.now)
    standing = standing_of(wired, credential_of(request), by, _SCOPE)
    _check_room(wired, by)
    events = _lines(known, wired.feed.listen(by.owner_id, known, subject, standing))
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.websocket("/events/ws")
async def follow_by_socket(socket: WebSocket, after: After = None, subject: Subject = None) -> None:
    """The same as one JSON message an event.

    Browsers cannot send headers here: without any, the first message is `{"token": "…"}`. Closed with
    4401 where that opens nothing, or does no more; with 4408 where one should come again later.
    """
    await socket.accept()
    wired: Services = socket.app.state.services
    try:
        by, standing = await _known(socket, wired)
    except RateLimitedError as error:
        await socket.close(_TRY_LATER, error.code)
        return
    except (AppError, ValueError, RecursionError, TimeoutError, WebSocketDisconnect):
        await socket.close(_UNAUTHENTICATED)
        return
    heard = wired.feed.listen(by.owner_id, after, subject, standing)
    telling = asyncio.create_task(_tell(socket, heard))
    hearing = asyncio.create_task(_until_left(socket))
    _, pending = await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    ended = telling.result() if telling.done() else None
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(_UNAUTHENTICATED if ended else _TRY_LATER, ended.code if ended else None)


async def _lines(known: int, heard: AsyncIterator[Event | Ended | None]) -> AsyncIterator[bytes]:
    # With the place it begins at: who breaks off before the first event misses nothing either.
    yield f"retry: 2000\nid: {known}\n\n".encode()
    async for event in heard:
        if event is None:
            yield b": alive\n\n"
            continue
        if isinstance(event, Ended):
            yield f": ended {event.code}\n\n".encode()
            return
        data = json.dumps(_shown(event), ensure_ascii=False)
        yield f"id: {event.position}\nevent: {event.type}\ndata: {data}\n\n".encode()


async def _tell(socket: WebSocket, heard: AsyncIterator[Event | Ended | None]) -> Ended | None:
    with suppress(WebSocketDisconnect, RuntimeError):
        async for event in heard:
            if isinstance(event, Ended):
                return event
            if event is not None:
                await socket.send_json(_shown(event))
    return None


async def _until_left(socket: WebSocket) -> None:
    # Text or bytes: whatever it says is nothing to us.
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _known(socket: WebSocket, wired: Services) -> tuple[Principal, Standing]:
    credential = credential_of(socket) or await _first_word(socket)
    by = await run_in_threadpool(admit, wired, credential, address_of(socket))
    if not by.can(_SCOPE) or by.subject is not None:
        raise refused()
    _check_room(wired, by)
    return by, standing_of(wired, credential, by, _SCOPE)


async def _first_word(socket: WebSocket) -> str:
    heard = await asyncio.wait_for(socket.receive(), _HELLO_S)
    said = json.loads(heard.get("text") or "null")
    if not isinstance(said, dict) or not isinstance(said.get("token"), str):
        raise ValueError("no token")
    token: str = said["token"]
    return token


def _check_room(wired: Services, by: Principal) -> None:
    most = wired.settings.limits.streams
    if wired.feed.listeners_of(by.owner_id) < most:
        return
    error = RateLimitedError(f"There are {most} open streams.", remedy="Close one first.")
    error.retry_after_s = _RETRY_S
    raise error


def _is_position(given: str | None) -> TypeGuard[str]:
    return given is not None and given.isascii() and given.isdecimal()


def _shown(event: Event) -> dict[str, Any]:
    return EventOut.model_validate(event).model_dump(mode="json")
