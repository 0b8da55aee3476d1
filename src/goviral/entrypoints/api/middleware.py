"""What every request passes: an id, limits of size and patience, safe headers, and an answer to the unforeseen.

Pure ASGI: a class that wraps request and response costs more than the rest of a small request.
"""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goviral.entrypoints.api.errors import error_answer
from goviral.entrypoints.api.pace import Pace
from goviral.kit.ids import new_id
from goviral.kit.request_id import request_id

_log = logging.getLogger(__name__)
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
# Answers are one caller's own, some hold a secret; what may be kept says so itself.
_NOT_KEPT = (b"cache-control", b"no-store")


class EdgeMiddleware:
    """The outermost layer of ours."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, body_wait_s: float) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.body_wait_s = body_wait_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = _Passing(scope, receive, send, self.max_body_bytes, Pace(self.body_wait_s))
        token = request_id.set(request.id.decode())
        try:
            await self.app(scope, request.receive, request.send)
        except Exception:
            _log.exception("unhandled error")
            if scope["type"] != "http" or request.has_started:
                raise
            answer = error_answer(500, "internal", "Something went wrong here. Try again later.")
            await answer(scope, receive, request.send)
        finally:
            request_id.reset(token)


class AtHomeMiddleware:
    """For `GOVIRAL_ENV=dev`, whose key everybody knows: answers only to names of this machine.

    Else a web page could call us by a name of its own that it lets lead here, and would read our answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _names_this_machine(scope):
            await self.app(scope, receive, send)
            return
        message = "With GOVIRAL_ENV=dev only localhost is answered."
        await error_answer(403, "forbidden", message)(scope, receive, send)


class _Passing:
    """One request on its way through."""

    __slots__ = ("_limit", "_pace", "_read", "_receive", "_scope", "_send", "has_started", "id")

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int, pace: Pace) -> None:
        self.id = _request_id(scope)
        self.has_started = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._pace = pace
        self._pace.is_over = scope["type"] != "http"
        self._read = 0

    async def receive(self) -> Message:
        if self._read == 0:
            self._limit = _limit_of(self._scope, self._limit)
            if _declared_size(self._scope) > self._limit:
                raise HTTPException(413)
        message = await self._next()
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            raise HTTPException(413)
        return message

    async def _next(self) -> Message:
        try:
            return await self._pace.next(self._receive)
        except TimeoutError:
            if self.has_started:  # an answer that listens for its reader
                return {"type": "http.disconnect"}
            raise HTTPException(408, headers={"connection": "close"}) from None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers: list[Any] = list(message.get("headers", ()))
            headers.append((b"x-request-id", self.id))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NOT_KEPT)
            message = {**message, "headers": [*headers, *_SAFE_HEADERS]}
        await self._send(message)


def _names_this_machine(scope: Scope) -> bool:
    said = next((value for name, value in scope["headers"] if name == b"host"), b"")
    try:
        name = urlsplit(f"//{said.decode('latin-1')}").hostname or ""
    except ValueError:
        return False
    return "." not in name.removesuffix(".localhost") or name == "127.0.0.1"


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return bytes(value)
    return new_id("req").encode()


def _limit_of(scope: Scope, default: int) -> int:
    """A handler that reads its body piece by piece says so itself; see `deps.takes_body_up_to`."""
    return getattr(scope.get("endpoint"), "max_body_bytes", default)


def _declared_size(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
