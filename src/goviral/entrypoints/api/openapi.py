"""What FastAPI does not say of itself: who may call an operation, what it may answer, and which take an
Idempotency-Key."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from goviral.entrypoints.api.errors import ErrorAnswer
from goviral.features.accounts.deps import Require, admitted_address, current_principal, writing
from goviral.features.accounts.refusals import MEANINGS

_SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token, an API key or a magic link's token.",
    },
}
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "The same key gets the same answer for 24 hours; the work is done once.",
}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ERROR_CONTENT = {
    "application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}},
}


def operation_id(route: APIRoute) -> str:
    """The handler's name: what generated clients call the operation. Unique, a test says."""
    return route.name


def describe(app: FastAPI) -> None:
    """Let `app.openapi()` say it too."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add(plain(), app)
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


def _add(schema: dict[str, Any], app: FastAPI) -> None:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["schemas"] |= _error_schemas()
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        path = schema["paths"].get(context.path_format, {})
        for method in context.methods or ():
            if method.lower() in path:
                _add_to(path[method.lower()], method, context)


def _add_to(operation: dict[str, Any], method: str, context: RouteContext) -> None:
    operation |= guard_of(context.dependant)
    if method == "POST" and writing in _calls(context.dependant) and "security" in operation:
        operation.setdefault("parameters", []).append(_ONCE)
    _add_errors(operation, method, list(_calls(context.dependant)))


def _add_errors(operation: dict[str, Any], method: str, calls: list[Any]) -> None:
    """Those that follow from what the operation is, beside those its route names."""
    answers = operation["responses"]
    for status in _errors_of(operation, method, calls):
        answers.setdefault(str(status), {"description": MEANINGS[status]})
    for status, answer in answers.items():
        if status == "422" or (status.startswith(("4", "5")) and "content" not in answer):
            answer |= {"description": MEANINGS[int(status)], "content": _ERROR_CONTENT}


def _errors_of(operation: dict[str, Any], method: str, calls: list[Any]) -> Iterator[int]:
    given = operation.get("parameters", ())
    yield from (500, 503)
    if "security" in operation:
        yield from (401, 403)
    if "security" in operation or admitted_address in calls:
        yield 429
    if given or "requestBody" in operation:
        yield from (400, 422)
    if any(one["in"] == "path" for one in given):
        yield 404
    if method not in _READING:
        yield from (408, 409, 413)


def _error_schemas() -> dict[str, Any]:
    whole = ErrorAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**whole.pop("$defs"), "ErrorAnswer": whole}


def guard_of(dependant: Dependant) -> dict[str, Any]:
    """What an operation says of who may call it; nothing where anybody may."""
    calls = list(_calls(dependant))
    scopes = [call.scope for call in calls if isinstance(call, Require)]
    if not scopes and current_principal not in calls:
        return {}
    security: list[dict[str, list[str]]] = [{name: []} for name in _SCHEMES]
    return {"security": security, "x-scope": scopes[0] if scopes else None}


def _calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
