"""Which routes are mounted where. Each feature adds its line.

Canonical under `/api/v1`; where the founding documents name another path, the same handlers answer
there too, outside the schema.
"""

from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts

from goviral.features.accounts import routes as accounts
from goviral.features.accounts.session_route import SessionRoute
from goviral.features.library import routes as library
from goviral.features.ops import routes as ops
from goviral.features.pipeline import routes as pipeline
from goviral.features.webhooks import routes as webhooks


@dataclass(frozen=True, slots=True)
class Mounted:
    """A router and the prefixes it answers under; only the first is in the schema."""

    router: APIRouter
    prefixes: tuple[str, ...] = ("/api/v1",)
    in_schema: bool = True


# The busiest first: addresses are compared one after the other, a hundred cost a tenth of a request.
MOUNTED: tuple[Mounted, ...] = (
    Mounted(pipeline.router, ("/api/v1", "/api", "")),
    Mounted(library.router, ("/api/v1", "/api", "")),
    Mounted(accounts.router),
    Mounted(accounts.auth_router, ("/api/v1", "")),
    Mounted(library.founding_router, ("/api",), in_schema=False),
    Mounted(library.static_router, ("",)),
    Mounted(webhooks.router),
    Mounted(webhooks.live_router),
    Mounted(ops.router, ("/api/v1", "")),
    Mounted(ops.process_router, ("",), in_schema=False),
)


def mount(app: FastAPI) -> None:
    """Put all of them on the application, canonical addresses before founding ones."""
    for number in range(max(len(mounted.prefixes) for mounted in MOUNTED)):
        for mounted in MOUNTED:
            for prefix in mounted.prefixes[number : number + 1]:
                in_schema = mounted.in_schema and number == 0
                _put(mounted.router, app, prefix, in_schema=in_schema)


def _put(router: APIRouter, app: FastAPI, prefix: str, *, in_schema: bool) -> None:
    for found in iter_route_contexts(router.routes):
        route = found.original_route
        if isinstance(route, SessionRoute):
            route.mount(app.router, prefix, in_schema=in_schema)
        elif isinstance(route, APIWebSocketRoute):
            app.router.add_api_websocket_route(prefix + route.path, route.endpoint, route.name)
        else:
            raise TypeError(f"no way to mount {route!r}")
