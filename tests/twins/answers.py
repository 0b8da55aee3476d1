"""Every answer the tests see must be one the OpenAPI document names for its operation."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNDOCUMENTED: list[str] = []
"""Method, path and status of answers nobody was told of."""


class Documented:
    """Middleware that compares each answer with what the document says of its handler."""

    def __init__(self, app: ASGIApp, allowed: dict[tuple[Any, str], set[int]]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._compare(scope, message["status"])
            await send(message)

        await self.app(scope, receive, seen)

    def _compare(self, scope: Scope, status: int) -> None:
        allowed = self.allowed.get((scope.get("endpoint"), scope["method"]))
        if allowed is not None and status not in allowed:
            UNDOCUMENTED.append(f"{scope['method']} {scope['path']}: {status}")


def watch(app: FastAPI) -> None:
    """Compare all that this application answers from now on."""
    paths = app.openapi()["paths"]
    allowed = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        for method in context.methods or () if isinstance(route, APIRoute) else ():
            operation = paths.get(context.path_format, {}).get(method.lower())
            if operation:
                allowed[route.endpoint, method] = {int(one) for one in operation["responses"]}
    app.add_middleware(Documented, allowed=allowed)  # type: ignore[arg-type]
