"""Events as they happen: by server-sent events, WebSocket, or asking.

All three count the same way: `position`, which is the `id` of a server-sent event, is where to go on.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from goviral.features.accounts.admission import admit
from goviral.features.accounts.deps import Reading, Router, Wired, require
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.schemas import Listed
from goviral.features.accounts.services import Services
from goviral.features.webhooks.schemas import EventOut
from goviral.kit.errors import AppError
from goviral.kit.events.event import Event
from goviral.kit.events.live import LiveFeed
from goviral.kit.events.models import EventRow
from goviral.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page

router = Router(tags=["events"])
_UNAUTHENTICATED, _TRY_LATER = 4401, 4408
_HELLO_S = 10.0

Watcher = Annotated[Principal, Depends(require("videos:read"))]
Subject = Annotated[str | None, Query(max_length=64, description="Only events about this id.")]
After = Annotated[int | None, Query(ge=0, description="The position of the last event you know.")]


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
        EventRow.owner_id == by.owner_id, EventRow.position > (after or 0)
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
    """Server-sent events, for ever. After a break, `Last-Event-ID` brings what was missed."""
    known = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    events = _lines(_feed(wired), by.owner_id, known, subject)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.websocket("/events/ws")
async def follow_by_socket(
    socket: WebSocket, after: int | None = None, subject: str | None = None
) -> None:
    """The same as one JSON message an event.

    Browsers cannot send headers here: without any, the first message is `{"token": "…"}`. Closed with
    4401 where that opens nothing.
    """
    await socket.accept()
    wired: Services = socket.app.state.services
    by = await _known(socket, wired)
    if by is None:
        await socket.close(_UNAUTHENTICATED)
        return
    telling = asyncio.create_task(_tell(socket, _feed(wired), by.owner_id, after, subject))
    hearing = asyncio.create_task(_until_left(socket))
    _, pending = await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(_TRY_LATER)


async def _lines(
    feed: LiveFeed, owner_id: str, after: int | None, subject: str | None
) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    async for event in feed.listen(owner_id, after, subject):
        if event is None:
            yield b": alive\n\n"
            continue
        data = json.dumps(_shown(event), ensure_ascii=False)
        yield f"id: {event.position}\nevent: {event.type}\ndata: {data}\n\n".encode()


async def _tell(
    socket: WebSocket, feed: LiveFeed, owner_id: str, after: int | None, subject: str | None
) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        async for event in feed.listen(owner_id, after, subject):
            if event is not None:
                await socket.send_json(_shown(event))


async def _until_left(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()


async def _known(socket: WebSocket, wired: Services) -> Principal | None:
    address = socket.client.host if socket.client else "unknown"
    try:
        credential = _from_headers(socket) or await _first_word(socket)
        by = await run_in_threadpool(admit, wired, credential, address)
    except (AppError, ValueError, TimeoutError, WebSocketDisconnect):
        return None
    return by if by.can("videos:read") and by.subject is None else None


def _from_headers(socket: WebSocket) -> str:
    key = socket.headers.get("x-api-key", "")
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    return key or (token.strip() if scheme.lower() == "bearer" else "")


async def _first_word(socket: WebSocket) -> str:
    said = await asyncio.wait_for(socket.receive_json(), _HELLO_S)
    if not isinstance(said, dict) or not isinstance(said.get("token"), str):
        raise ValueError("no token")
    token: str = said["token"]
    return token


def _feed(wired: Services) -> LiveFeed:
    feed: LiveFeed = wired.feed
    return feed


def _shown(event: Event) -> dict[str, Any]:
    return EventOut.model_validate(event).model_dump(mode="json")
