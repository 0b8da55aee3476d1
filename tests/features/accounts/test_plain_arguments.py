"""The short way to a handler's arguments: everything is answered as FastAPI's own way answers it."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Body, Depends, FastAPI, Form, Header, Path, Query, Request, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from goviral.features.accounts.plain_arguments import PlainArguments
from goviral.features.accounts.session_route import SessionRoute


class Wanted(BaseModel):
    name: str = Field(max_length=5)
    count: int = 1


class Paging(BaseModel):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


async def caller(request: Request) -> str:
    return request.headers.get("x-caller", "nobody")


async def caller_by_name(x_caller: Annotated[str, Header()] = "") -> str:
    return x_caller


Caller = Annotated[str, Depends(caller)]
Anything = dict[str, Any]


def show(
    thing_id: Annotated[str, Path(max_length=5)],
    by: Caller,
    paging: Annotated[Paging, Query()],
    at: Annotated[int | None, Query(ge=0)] = None,
    x_mark: Annotated[str | None, Header(max_length=3)] = None,
) -> Anything:
    return {"thing": thing_id, "by": by, "limit": paging.limit, "at": at, "mark": x_mark}


def make(wanted: Wanted, by: Caller, response: Response, request: Request) -> Anything:
    response.status_code = 202
    response.headers["x-made"] = request.method
    return {"name": wanted.name, "count": wanted.count, "by": by}


def by_parts(name: Annotated[str, Body()], count: Annotated[int, Body()]) -> Anything:
    return {"name": name, "count": count}


def by_form(name: Annotated[str, Form()]) -> Anything:
    return {"name": name}


def by_header(by: Annotated[str, Depends(caller_by_name)]) -> Anything:
    return {"by": by}


async def at_once(by: Caller) -> Anything:
    return {"by": by}


ROUTES = {
    "/things/{thing_id}": ("GET", show),
    "/things": ("POST", make),
    "/parts": ("POST", by_parts),
    "/forms": ("POST", by_form),
    "/headers": ("GET", by_header),
    "/at-once": ("GET", at_once),
}
PLAIN = {"/things/{thing_id}", "/things"}


def _app() -> FastAPI:
    app = FastAPI()
    for path, (method, handler) in ROUTES.items():
        app.router.add_api_route(path, handler, methods=[method], route_class_override=SessionRoute)
    return app


@pytest.fixture(scope="module")
def short() -> Iterator[TestClient]:
    with TestClient(_app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def usual() -> Iterator[TestClient]:
    app = _app()
    app.dependency_overrides[show] = show  # Of nothing: who overrides wants FastAPI's own way.
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_only_what_asks_for_plain_things_goes_the_short_way() -> None:
    routes = [route for route in _app().routes if isinstance(route, SessionRoute)]
    assert {route.path for route in routes if PlainArguments.of(route)} == PLAIN


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/things/a", {"headers": {"x-caller": "ann", "x-mark": "red"}}),
        ("GET", "/things/a?limit=7&at=3", {}),
        ("GET", "/things/a?limit=0", {}),
        ("GET", "/things/a?limit=many&at=-1", {}),
        ("GET", "/things/too-long", {"headers": {"x-mark": "scarlet"}}),
        ("POST", "/things", {"json": {"name": "ann", "count": "3"}}),
        ("POST", "/things", {"json": {"name": "too long"}}),
        ("POST", "/things", {"json": {}}),
        ("POST", "/things", {"json": []}),
        ("POST", "/things", {"json": None}),
        ("POST", "/things", {}),
        ("POST", "/things", {"content": b"{", "headers": {"content-type": "application/json"}}),
        ("POST", "/things", {"content": b"\xff", "headers": {"content-type": "application/json"}}),
        (
            "POST",
            "/things",
            {"content": b"[" * 90_000, "headers": {"content-type": "application/json"}},
        ),
        ("POST", "/things", {"content": b'{"name": "ann"}'}),
        (
            "POST",
            "/things",
            {"content": b'{"name": "ann"}', "headers": {"content-type": "text/plain"}},
        ),
        (
            "POST",
            "/things",
            {
                "content": b'{"name": "ann"}',
                "headers": {"content-type": "application/json; charset=utf-8"},
            },
        ),
        ("POST", "/parts", {"json": {"name": "ann", "count": 2}}),
        ("POST", "/forms", {"data": {"name": "ann"}}),
        ("GET", "/headers", {"headers": {"x-caller": "ann"}}),
        ("GET", "/at-once", {"headers": {"x-caller": "ann"}}),
    ],
)
def test_both_ways_answer_the_same(
    short: TestClient, usual: TestClient, method: str, path: str, sent: dict[str, Any]
) -> None:
    answers = [client.request(method, path, **sent) for client in (short, usual)]
    seen = [(one.status_code, one.text, one.headers.get("x-made")) for one in answers]
    assert seen[0] == seen[1]
    assert seen[0][0] < 500
