"""What routes ask for: the wiring, a session, the caller. And the router they are declared on.

A creating request with an `Idempotency-Key` is answered once (see `idempotency`); any POST whose handler
takes `Writing` may carry one.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from goviral.features.accounts.admission import admit, admit_address, admit_login, may_wait
from goviral.features.accounts.principal import SCOPES, Principal
from goviral.features.accounts.services import Services
from goviral.features.accounts.session_route import Asked, SessionRoute
from goviral.kit.errors import ForbiddenError
from goviral.kit.paging import DEFAULT_LIMIT, MAX_LIMIT


def services(request: Request) -> Services:
    """The wiring of this process."""
    wired: Services = request.app.state.services
    return wired


async def _services(request: Request) -> Services:
    # A coroutine: FastAPI would give a plain function a thread.
    return services(request)


async def writing(request: Request) -> Any:
    """A session whose transaction commits when the handler returns, before the answer is sent."""
    wired = services(request)
    asked = Asked(request, wired, wired.database.transaction)
    if request.method == "POST":
        asked.key = request.headers.get("idempotency-key")
        if asked.key is not None:
            asked.body = await request.body()
    return asked


async def reading(request: Request) -> Any:
    """A session that only reads."""
    wired = services(request)
    return Asked(request, wired, wired.database.reading)


async def looking(request: Request) -> Any:
    """As `reading`, for handlers that make no objects of the rows."""
    wired = services(request)
    return Asked(request, wired, wired.database.looking)


async def current_principal(request: Request) -> Principal:
    """Whoever sent the request. Raises `UnauthenticatedError`, `ForbiddenError`, `RateLimitedError`."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    wired, credential, address = services(request), credential_of(request), address_of(request)
    if may_wait(wired, credential):
        known = await run_in_threadpool(admit, wired, credential, address)
    else:
        known = admit(wired, credential, address)
    _check_link(known, request)
    request.state.principal = known
    return known


async def admitted_address(request: Request) -> None:
    """For routes that nobody needs to be known for: they are counted by address."""
    await run_in_threadpool(admit_address, services(request), address_of(request))


async def admitted_login(
    request: Request, _counted: Annotated[None, Depends(admitted_address)]
) -> None:
    """The same, and fewer: for routes where one tries passwords."""
    await run_in_threadpool(admit_login, services(request), address_of(request))


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


class Paging(BaseModel):
    """Which part of a list."""

    cursor: str | None = Field(
        None, max_length=256, description="`next_cursor` of the page before."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Items a page.")


Wired = Annotated[Services, Depends(_services)]
Writing = Annotated[Session, Depends(writing)]
Reading = Annotated[Session, Depends(reading)]
Looking = Annotated[Connection, Depends(looking)]
Caller = Annotated[Principal, Depends(current_principal)]
Admin = Annotated[Principal, Depends(require("admin"))]
Paged = Annotated[Paging, Query()]


class Router(APIRouter):
    """The router of a feature: `router = Router(prefix="/videos", tags=["videos"])`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=SessionRoute, **options)


def takes_body_up_to(max_bytes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator of a handler whose body may be larger (or must be smaller) than the setting."""

    def mark(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.max_body_bytes = max_bytes  # type: ignore[attr-defined]
        return endpoint

    return mark


def not_by_link(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a handler that goes beyond every purpose of a magic link, whatever its scope says."""
    endpoint.not_by_link = True  # type: ignore[attr-defined]
    return endpoint


def address_of(sent: HTTPConnection) -> str:
    """The caller's address, as uvicorn says (behind a proxy: `GOVIRAL_TRUSTED_PROXIES`)."""
    return sent.client.host if sent.client else "unknown"


def _check_link(principal: Principal, request: Request) -> None:
    """A link opens what its purpose is about; bound to one row, only addresses that name it."""
    if principal.kind == "link" and getattr(request.scope.get("endpoint"), "not_by_link", False):
        raise ForbiddenError("A link may not do this.", remedy="Log in as a user.")
    subject = principal.subject
    if subject is not None and subject not in request.path_params.values():
        raise ForbiddenError("This link is for something else.", remedy="Ask for another link.")


def credential_of(sent: HTTPConnection) -> str:
    """What a request or socket shows to be let in; empty where it shows nothing."""
    key = sent.headers.get("x-api-key")
    if key:
        return key
    scheme, _, token = sent.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
