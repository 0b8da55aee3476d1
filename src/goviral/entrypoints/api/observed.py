"""What is seen of every request: one log line, its time in the metrics, a span. Never the query, never an id.

Pure ASGI, as `middleware`. A route is named by its template, so that names stay few and say nothing of rows.
"""

import asyncio
import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goviral.kit.telemetry.measured import Happened, tell
from goviral.kit.telemetry.tracing import Span, belonging_to, span

access_log = logging.getLogger("goviral.access")
UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBES = frozenset({"/health", "/healthz", "/api/v1/health", "/metrics"})
_NO_STATUS = 499
"""As nginx counts it: the client left before there was an answer."""


class ObservedMiddleware:
    """Inside the edge, which names the request; outside everything that answers it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(scope, send)
        with belonging_to(_header(scope, b"traceparent")), span(seen.method, "server") as made:
            try:
                await self.app(scope, receive, seen.send)
            except asyncio.CancelledError:
                seen.left()
                raise
            else:
                seen.left()
            finally:
                seen.tell(made)


class _Seen:
    """One request on its way through."""

    __slots__ = ("_answered", "_scope", "_send", "_started_s", "method", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._started_s = time.perf_counter()
        self.method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        # Until the application has ended in peace: the edge answers 500 to whatever it raises.
        self.status = 500
        self._answered: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answered = message["status"]
        await self._send(message)

    def left(self) -> None:
        """The application is done with the request, or the client is."""
        self.status = self._answered or _NO_STATUS

    def tell(self, made: Span) -> None:
        took_s = time.perf_counter() - self._started_s
        route = template(self._scope)
        tell(Happened.REQUEST, took_s, self.method, route, str(self.status))
        made.rename(f"{self.method} {route}")
        made.set("http.request.method", self.method)
        made.set("http.route", route)
        made.set("http.response.status_code", self.status)
        if self.status >= 500:
            made.fail(str(self.status))
        level = logging.DEBUG if route in _PROBES and self.status < 400 else logging.INFO
        if access_log.isEnabledFor(level):
            access_log.log(level, "request", extra=self._fields(route, took_s))

    def _fields(self, route: str, took_s: float) -> dict[str, Any]:
        client = self._scope.get("client")
        return {
            "method": self.method,
            "route": route,
            "status": self.status,
            "took_ms": round(took_s * 1000, 2),
            "client": client[0] if client else "",
        }


def template(scope: Scope) -> str:
    """The route's template: `/api/v1/videos/{video_id}`."""
    if scope.get("endpoint") is None:
        return UNMATCHED
    own: str | None = getattr(scope.get("route"), "path", None)
    return own if own and scope.get("path_params") else str(scope["path"])


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""
