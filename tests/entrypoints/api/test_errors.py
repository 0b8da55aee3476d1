"""Every answer has an id, every failure the one form."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text
from starlette.types import Message

from goviral.entrypoints.api.app import create_app
from goviral.features.accounts.deps import Router, Writing, require, takes_body_up_to
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.kit.errors import ConflictError

router = Router(prefix="/things", tags=["things"])


class Thing(BaseModel):
    name: str


@router.post("", status_code=201)
def make(
    thing: Thing, session: Writing, caller: Annotated[Principal, Depends(require("videos:write"))]
) -> Thing:
    session.execute(text("insert into things (name) values (:name)"), {"name": thing.name})
    if thing.name == "twice":
        raise ConflictError("It is there.", remedy="Take another name.")
    if thing.name == "bug":
        raise ZeroDivisionError
    return thing


@router.post("/large")
@takes_body_up_to(4_000_000)
def large(thing: Thing) -> int:
    return len(thing.name)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with services.database.transaction() as session:
        session.execute(text("create table things (name text unique)"))
    app: FastAPI = create_app(services)
    app.include_router(router, prefix="/api/v1")
    with TestClient(app, headers={"x-api-key": "dev-key"}, raise_server_exceptions=False) as client:
        yield client


def names(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(text("select name from things order by name")))


def test_what_a_handler_wrote_is_there_when_the_answer_is(
    client: TestClient, services: Services
) -> None:
    answer = client.post("/api/v1/things", json={"name": "one"})
    assert answer.status_code == 201
    assert names(services) == ["one"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("DELETE", "/api/v1/things", None, 405, "method_not_allowed"),
        ("POST", "/api/v1/things", {"name": 1}, 422, "invalid_request"),
        ("POST", "/api/v1/things", {"name": "twice"}, 409, "conflict"),
        ("POST", "/api/v1/things", {"name": "bug"}, 500, "internal"),
        ("POST", "/api/v1/things", {"name": "x" * 2_000_000}, 413, "too_large"),
    ],
)
def test_a_failure_has_one_form_and_leaves_nothing(
    client: TestClient,
    services: Services,
    method: str,
    path: str,
    body: object,
    status: int,
    code: str,
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]
    assert answer.headers["x-request-id"].startswith("req_")
    assert names(services) == []


def test_a_body_that_comes_in_pieces_is_counted(client: TestClient) -> None:
    pieces = (b"x" * 100_000 for _ in range(20))
    answer = client.post("/api/v1/things", content=pieces)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_handler_may_take_larger_bodies(client: TestClient) -> None:
    answer = client.post("/api/v1/things/large", json={"name": "x" * 2_000_000})
    assert answer.json() == 2_000_000


def test_broken_json_is_named(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/things", content=b"{", headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_what_was_sent_is_never_repeated(client: TestClient) -> None:
    answer = client.post("/api/v1/things", json={"name": ["hunter2-password"]})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


def test_two_of_the_same_are_a_conflict(client: TestClient) -> None:
    client.post("/api/v1/things", json={"name": "one"})
    answer = client.post("/api/v1/things", json={"name": "one"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


def test_nobody_is_told_nothing(client: TestClient) -> None:
    del client.headers["x-api-key"]
    answer = client.post("/api/v1/things", json={"name": "one"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_nobody_is_led_to_another_host_by_a_slash_too_many(client: TestClient) -> None:
    headers = {"host": "evil.localhost"}
    answer = client.get("/api/v1/videos/", headers=headers, follow_redirects=False)
    assert (answer.status_code, "location" in answer.headers) == (404, False)


def test_a_caller_may_name_the_request(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"x-request-id": "trace-me-0001"})
    assert answer.headers["x-request-id"] == "trace-me-0001"


def test_a_name_that_could_break_a_log_is_not_taken(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"x-request-id": "a b\tc<script>"})
    assert answer.headers["x-request-id"].startswith("req_")


def test_answers_carry_safe_headers(client: TestClient) -> None:
    headers = client.get("/nowhere").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_more_writers_than_threads_do_not_wait_for_each_other(
    client: TestClient, services: Services
) -> None:
    # 40 threads serve requests; a commit that needed a second one would never get it, and those who
    # wait for their turn to write would be refused after 30 s.
    with ThreadPoolExecutor(60) as pool:
        bodies = ({"name": str(number)} for number in range(120))
        answers = list(pool.map(lambda body: client.post("/api/v1/things", json=body), bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert len(names(services)) == 120


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/api/v1/hooks/completion"])
def test_a_client_that_leaves_amid_its_body_is_no_fault_of_ours(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    heard: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    told: list[Message] = []

    async def receive() -> Message:
        return heard.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    address = {"path": path, "raw_path": path.encode(), "query_string": b"", "client": ("::1", 1)}
    scope = {"type": "http", "method": "POST", "headers": [], "http_version": "1.1", **address}
    asyncio.run(client.app(scope, receive, send))
    assert told[0]["status"] == 499
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
