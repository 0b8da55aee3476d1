"""What routes ask for: the wiring, a session, the caller. And the router they are declared on.

A handler is a plain function. Its session is opened, committed and closed in the handler's own thread:
a commit that waited for another free thread could wait for one that waits for its database lock.
The commit is made before the answer is sent.
"""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from goviral.features.accounts.authentication import authenticate, refused, remembered
from goviral.features.accounts.principal import SCOPES, Principal
from goviral.features.accounts.services import Services
from goviral.kit.errors import ForbiddenError


@dataclass(frozen=True, slots=True)
class PendingSession:
    """Stands in a handler's arguments until its thread opens it."""

    open: Callable[[], AbstractContextManager[Session]]


async def services(request: Request) -> Services:
    """The wiring of this process."""
    wired: Services = request.app.state.services
    return wired


async def writing(request: Request) -> Any:
    """A session whose transaction commits when the handler returns, before the answer is sent."""
    return PendingSession((await services(request)).database.transaction)


async def reading(request: Request) -> Any:
    """A session that only reads."""
    return PendingSession((await services(request)).database.reading)


async def current_principal(request: Request) -> Principal:
    """Whoever sent the request. Raises `UnauthenticatedError`, `ForbiddenError`, `RateLimitedError`."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is None:
        known = await _authenticated(await services(request), _credential(request))
        request.state.principal = known
    return known


@dataclass(frozen=True)
class Require:
    """A dependency: the caller, who must carry `scope`."""

    scope: str

    async def __call__(self, request: Request) -> Principal:
        principal = await current_principal(request)
        if not principal.can(self.scope):
            raise ForbiddenError(
                f"This needs the scope {self.scope}.", remedy="Use a credential that carries it."
            )
        return principal


@functools.cache
def require(scope: str) -> Require:
    """`Annotated[Principal, Depends(require("videos:write"))]`."""
    if scope not in SCOPES:
        raise ValueError(f"no scope {scope}")
    return Require(scope)


Wired = Annotated[Services, Depends(services)]
Writing = Annotated[Session, Depends(writing)]
Reading = Annotated[Session, Depends(reading)]
Caller = Annotated[Principal, Depends(current_principal)]


class SessionRoute(APIRoute):
    """A route whose handler finds its sessions open."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _with_sessions(endpoint), **options)


class Router(APIRouter):
    """The router of a feature: `router = Router(prefix="/videos", tags=["videos"])`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=SessionRoute, **options)


def _with_sessions(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(endpoint) or inspect.isasyncgenfunction(endpoint):
        return endpoint  # Sockets that stay open; they hold no session.

    @functools.wraps(endpoint)
    def call(**arguments: Any) -> Any:
        with ExitStack() as stack:
            for name, value in arguments.items():
                if isinstance(value, PendingSession):
                    arguments[name] = stack.enter_context(value.open())
            return endpoint(**arguments)

    return call


async def _authenticated(wired: Services, credential: str) -> Principal:
    known = remembered(wired, credential)
    if known is None:
        known = await run_in_threadpool(authenticate, wired, credential)
    return known


def _credential(request: Request) -> str:
    key = request.headers.get("x-api-key")
    if key:
        return key
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refused()
    return token.strip()


def takes_body_up_to(max_bytes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator of a handler whose body may be larger (or must be smaller) than the setting."""

    def mark(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.max_body_bytes = max_bytes  # type: ignore[attr-defined]
        return endpoint

    return mark
