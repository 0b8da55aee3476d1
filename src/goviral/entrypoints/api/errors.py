"""Every failure as `{"error": {"code", "message", "details"?}}`."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy import exc as database_errors
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from goviral.kit.errors import AppError, RateLimitedError, UnauthenticatedError

_CODES = {
    400: ("invalid_input", "The request could not be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    408: ("request_timeout", "The rest of the request did not come in time."),
    413: ("too_large", "The request is too large."),
}


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str
    message: str
    details: list[dict[str, Any]] | dict[str, Any] | None = None


class ErrorAnswer(BaseModel):
    """Every answer with a status of 400 or more."""

    error: ErrorBody


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error in one form. What none of these knows is answered by `EdgeMiddleware`."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(database_errors.IntegrityError, _conflict)
    app.add_exception_handler(database_errors.DataError, _unstorable)
    for absent in (database_errors.OperationalError, database_errors.TimeoutError):
        app.add_exception_handler(absent, _database_away)


def error_answer(
    status: int,
    code: str,
    message: str,
    details: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One error as an answer."""
    body: dict[str, Any] = {"code": code, "message": message}
    if details is not None:
        body["details"] = details
    content = json.dumps({"error": body}, ensure_ascii=True).encode()
    return Response(content, status, dict(headers or {}), media_type="application/json")


async def _app_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    headers = {}
    if isinstance(error, RateLimitedError):
        headers["retry-after"] = str(int(error.retry_after_s))
    if isinstance(error, UnauthenticatedError):
        headers["www-authenticate"] = "Bearer"
    details = getattr(error, "details", None)
    return error_answer(error.http_status, error.code, str(error), details, headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Never `input`: it may be a password.
    details = [
        {"where": ".".join(map(str, found["loc"])), "message": found["msg"], "type": found["type"]}
        for found in error.errors()
    ]
    first = details[0] if details else {"where": "request", "message": "invalid"}
    message = f"{first['where']}: {first['message']}"
    return error_answer(422, "invalid_request", message, details)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = _CODES.get(error.status_code, ("http_error", str(error.detail)))
    return error_answer(error.status_code, code, message, headers=error.headers)


async def _left(_request: Request, _error: Exception) -> Response:
    # Nobody reads it: it says to log and metrics that the fault was not ours.
    return error_answer(499, "cancelled", "The client left before the end of its request.")


async def _conflict(_request: Request, _error: Exception) -> Response:
    return error_answer(409, "conflict", "It is already there, or changed meanwhile.")


async def _unstorable(_request: Request, _error: Exception) -> Response:
    return error_answer(422, "invalid_request", "A value in the request cannot be stored.")


async def _database_away(_request: Request, _error: Exception) -> Response:
    message = "The database does not answer. Try again."
    return error_answer(503, "database_unavailable", message, headers={"retry-after": "1"})
