"""The arguments of a handler that asks for plain ones, found the short way.

FastAPI looks for all it can know of in every dependency of every request: an eighth of a small one's
time. Here each route is looked at once. Whatever is not as it should be goes FastAPI's own way, which
also words every refusal.
"""

import inspect
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute

_JSON = "application/json"


class PlainArguments:
    """Of one route: dependencies that need the request alone, parameters, one JSON body."""

    def __init__(self, route: APIRoute) -> None:
        needs = route.dependant
        self._overrider = route.dependency_overrides_provider
        self._dependencies: list[Any] = [
            (one.name, one.call, one.request_param_name) for one in needs.dependencies
        ]
        self._body = needs.body_params[0] if needs.body_params else None
        self._response_name = needs.response_param_name
        self._request_name = needs.request_param_name
        self._parameters = [
            (fields, attribute)
            for fields, attribute in (
                (needs.path_params, "path_params"),
                (needs.query_params, "query_params"),
                (needs.header_params, "headers"),
            )
            if fields
        ]

    @classmethod
    def of(cls, route: APIRoute) -> "PlainArguments | None":
        """None where the handler asks for more than that."""
        return cls(route) if _is_plain(route) else None

    async def find(self, request: Request) -> dict[str, Any] | None:
        """What the handler is to be called with; None: ask FastAPI. Raises what dependencies raise."""
        if getattr(self._overrider, "dependency_overrides", None):
            return None
        body = None
        if self._body is not None:
            body = await _json_of(request)
            if body is None:
                return None
        found: dict[str, Any] = {}
        for name, call, request_name in self._dependencies:
            found[name] = await call(**{request_name: request})
        return found if self._read(request, body, found) else None

    def _read(self, request: Request, body: Any, found: dict[str, Any]) -> bool:
        """Put parameters and body in; False where one is not as it should be."""
        for fields, attribute in self._parameters:
            values, errors = request_params_to_args(fields, getattr(request, attribute))
            if errors:
                return False
            found.update(values)
        if self._body is not None:
            found[self._body.name], errors = self._body.validate(body, {}, loc=("body",))
            if errors:
                return False
        if self._response_name:
            found[self._response_name] = _unsaid()
        if self._request_name:
            found[self._request_name] = request
        return True


def _unsaid() -> Response:
    """What a handler may say of its answer's status and headers on."""
    response = Response()
    response.status_code = None  # type: ignore[assignment]  # FastAPI's sign for: not said
    return response


async def _json_of(request: Request) -> Any:
    """The body; None where it is not plainly JSON."""
    if request.headers.get("content-type") != _JSON:
        return None
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None


def _is_plain(route: APIRoute) -> bool:
    needs = route.dependant
    bodies = needs.body_params
    return (
        not inspect.iscoroutinefunction(route.endpoint)
        and _asks_no_more(needs)
        and not needs.cookie_params
        and all(_asks_for_the_request(one) for one in needs.dependencies)
        and (not bodies or bodies == [route.body_field])
        and not any(isinstance(field.field_info, params.Form) for field in bodies)
    )


def _asks_for_the_request(needs: Dependant) -> bool:
    asked: list[Sequence[Any]] = [
        needs.dependencies,
        needs.path_params,
        needs.query_params,
        needs.header_params,
        needs.cookie_params,
        needs.body_params,
    ]
    return (
        not any(asked)
        and needs.name is not None
        and needs.request_param_name is not None
        and needs.response_param_name is None
        and _asks_no_more(needs)
        and _is_coroutine(needs.call)
    )


def _asks_no_more(needs: Dependant) -> bool:
    return not (
        needs.http_connection_param_name
        or needs.websocket_param_name
        or needs.background_tasks_param_name
        or needs.security_scopes_param_name
    )


def _is_coroutine(call: Any) -> bool:
    """A coroutine function, or an object that is called like one."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
