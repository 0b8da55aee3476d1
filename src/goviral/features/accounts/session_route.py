"""Routes whose handlers find their sessions open, and which are answered once where they ask for it.

A handler is a plain function. Its session is opened, committed and closed in the handler's own thread:
a commit that waited for another free thread could wait for one that waits for its database lock.
The commit is made before the answer is sent. The answer is written in that thread too: FastAPI would
take a second one for it.
"""

import functools
import inspect
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.encoders import jsonable_encoder
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from goviral.features.accounts.idempotency import Kept, Named, named, once
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services

_REPLAYED = "idempotency-replayed"


class Asked:
    """Stands in a handler's arguments until its thread opens the session."""

    __slots__ = ("body", "key", "open", "request", "services")

    def __init__(
        self,
        request: Request,
        services: Services,
        open_: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self.request = request
        self.services = services
        self.open = open_
        self.key: str | None = None
        self.body = b""

    def name(self) -> Named | None:
        """The request's name, where it has one and we know who sent it."""
        caller: Principal | None = getattr(self.request.state, "principal", None)
        if self.key is None or caller is None:
            return None
        url = self.request.url
        asked = f"{self.request.method} {url.path}?{url.query}\n".encode() + self.body
        # Who holds a link is not who made it: he is not told the answers that were meant for that one.
        sender = caller.credential_id if caller.kind == "link" else caller.user_id
        return named(caller.owner_id, sender, self.key, asked)


class SessionRoute(APIRoute):
    """A route whose handler finds its sessions open."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._declared = endpoint, options
        super().__init__(path, _with_sessions(endpoint, self), **options)

    def mount(self, router: APIRouter, prefix: str, *, in_schema: bool) -> None:
        """Declare it on `router` as well, below `prefix`.

        FastAPI's `include_router` would look for the route of each request twice, a router at a time.
        """
        endpoint, options = self._declared
        options = {k: v for k, v in options.items() if k != "dependency_overrides_provider"}
        options["include_in_schema"] = in_schema and self.include_in_schema
        router.add_api_route(
            prefix + self.path, endpoint, route_class_override=type(self), **options
        )


def _with_sessions(endpoint: Callable[..., Any], route: APIRoute) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(endpoint) or inspect.isasyncgenfunction(endpoint):
        return endpoint  # Sockets that stay open; they hold no session.

    @functools.wraps(endpoint)
    def call(**arguments: Any) -> Any:
        with ExitStack() as stack:
            asked = [(name, one) for name, one in arguments.items() if isinstance(one, Asked)]
            for name, one in asked:
                arguments[name] = stack.enter_context(one.open())
            for name, one in asked:
                request_name = one.name()
                if request_name is not None:
                    work = functools.partial(_kept, route, endpoint, arguments)
                    return _once(one, arguments[name], request_name, work)
            result = endpoint(**arguments)
        return _as_response(route, result, arguments)

    return call


def _once(asked: Asked, session: Session, name: Named, work: Callable[[], Kept]) -> Response:
    wired = asked.services
    kept, is_replay = once(session, wired.seal, name, wired.clock(), work)
    answer = Response(kept.body, kept.status)
    for header, value in kept.headers:
        answer.headers[header] = value
    if is_replay:
        answer.headers[_REPLAYED] = "true"
    return answer


def _kept(route: APIRoute, endpoint: Callable[..., Any], arguments: dict[str, Any]) -> Kept:
    """The handler's answer as it goes out."""
    result = endpoint(**arguments)
    if isinstance(result, Response):
        return Kept(result.status_code, tuple(result.headers.items()), bytes(result.body).decode())
    status, headers = _status_and_headers(route, arguments)
    return Kept(status, tuple(headers.items()), _json(route, result))


def _as_response(route: APIRoute, result: Any, arguments: dict[str, Any]) -> Any:
    """The answer, written in the handler's thread: FastAPI would take a second one for it."""
    if isinstance(result, Response) or not _answers_itself(route):
        return result
    status, headers = _status_and_headers(route, arguments)
    return Response(_json(route, result), status, headers)


def _answers_itself(route: APIRoute) -> bool:
    """Whether its handler, as wrapped here, always gives a `Response`."""
    is_json = isinstance(route.response_class, DefaultPlaceholder)
    return is_json and route.response_field is not None


def _status_and_headers(route: APIRoute, arguments: dict[str, Any]) -> tuple[int, dict[str, str]]:
    """What the handler said of them, on the `Response` it may have asked for."""
    status, headers = route.status_code or 200, {"content-type": "application/json"}
    for value in arguments.values():
        if isinstance(value, Response):
            status = value.status_code or status
            headers |= {k: v for k, v in value.headers.items() if k != "content-length"}
    return status, headers


def _json(route: APIRoute, result: Any) -> str:
    field = route.response_field
    if field is None:
        return json.dumps(jsonable_encoder(result)) if result is not None else ""
    value, errors = field.validate(result, {}, loc=("response",))
    if errors:
        raise ValueError(f"{route.name} answers otherwise than it says: {errors}")
    return field.serialize_json(
        value,
        by_alias=route.response_model_by_alias,
        exclude_none=route.response_model_exclude_none,
        exclude_unset=route.response_model_exclude_unset,
    ).decode()
