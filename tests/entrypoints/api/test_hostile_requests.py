"""Bodies, addresses and headers no honest client sends, to every operation: refused, never a 500, on either
database."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from goviral.features.accounts.services import Services
from twins.addresses import REFUSED
from twins.examples import example
from twins.people import make_user
from twins.resources import MAKERS
from twins.service import app_over
from twins.world import DOCUMENT, DOCUMENTED, World

_JSON = "application/json"
TAKING = sorted(
    operation
    for operation, said in DOCUMENTED.items()
    if _JSON in said.get("requestBody", {}).get("content", {})
)
DEEP = {"lists": b"[" * 100_000, "objects": b'{"a":' * 100_000}
NO_OBJECT = {"nothing": b"", "half": b'{"a"', "bytes": b"\xff\xfe", "null": b"null", "number": b"1"}
TEXTS = {"half a character": "\ud800", "NUL": "a\x00b", "long": "x" * 20_000, "empty": ""}
NUMBERS = {"huge": 10**400, "not a number": float("nan"), "endless": float("inf"), "below": -1}


@pytest.fixture
def world(services: Services) -> Iterator[World]:
    owner = make_user(services, "admin")
    app = app_over(services)
    with TestClient(app, headers={"x-api-key": "dev-key"}, raise_server_exceptions=False) as api:
        yield World(api, {name: make(services, owner) for name, make in MAKERS.items()}, "", "", "")


def broken(world: World, bodies: Iterator[tuple[str, bytes]]) -> list[str]:
    """Operations that answered with a 500 or more, and to what."""
    found = []
    for operation, body in bodies:
        method, path = operation.split(" ")
        for name, value in world.ids.items():
            path = path.replace(f"{{{name}}}", value)
        headers = {"content-type": _JSON}
        answer = world.client.request(method, path, content=body, headers=headers)
        if answer.status_code >= 500:
            found.append(f"{operation} {body[:80]!r}: {answer.status_code}")
    return found


def fields(schema: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Names of the fields that may be of a kind."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for name, field in schema.get("properties", {}).items():
        types = {choice.get("type") for choice in field.get("anyOf", [field])}
        if kind in types or (kind == "number" and "integer" in types):
            yield name


def with_field(world: World, kind: str, value: Any) -> Iterator[tuple[str, bytes]]:
    """To each operation a body that would do, but for one field."""
    for operation in TAKING:
        schema = DOCUMENTED[operation]["requestBody"]["content"][_JSON]["schema"]
        for name in fields(schema, kind):
            body = example(schema, DOCUMENT, world.ids)
            yield operation, json.dumps({**body, name: value}).encode()


@pytest.mark.parametrize("body", [*DEEP.values(), *NO_OBJECT.values()], ids=[*DEEP, *NO_OBJECT])
def test_what_is_no_object(world: World, body: bytes) -> None:
    assert broken(world, ((operation, body) for operation in TAKING)) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_every_text_of_every_body(world: World, text: str) -> None:
    assert broken(world, with_field(world, "string", text)) == []


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_every_number_of_every_body(world: World, number: float) -> None:
    assert broken(world, with_field(world, "number", number)) == []


@pytest.mark.parametrize("path", ["/api/v1/videos", "/api/v1/webhooks"])
def test_every_address_that_must_not_be_opened(api: TestClient, path: str) -> None:
    answers = {url: api.post(path, json={"url": url}).status_code for url in REFUSED}
    assert {url: status for url, status in answers.items() if status not in (400, 403)} == {}
    assert api.get(path).json()["items"] == []


@pytest.mark.parametrize(
    "text", ["%00", "a%00b", "%ED%A0%80", "%FF", "%D9%A3", "9" * 400, "-1", "x" * 5000]
)
def test_every_parameter_of_every_address(world: World, text: str) -> None:
    world.client.app.state.services.feed.close()  # type: ignore[attr-defined]  # so that streams end
    found = []
    for operation, said in DOCUMENTED.items():
        method, path = operation.split(" ")
        for name in [one["name"] for one in said.get("parameters", ()) if one["in"] != "header"]:
            address = path.replace(f"{{{name}}}", text)
            for other, value in world.ids.items():
                address = address.replace(f"{{{other}}}", value)
            address += "" if f"{{{name}}}" in path else f"?{name}={text}"
            answer = world.client.request(method, address, json={})
            if answer.status_code >= 500:
                found.append(f"{method} {address[:120]}: {answer.status_code}")
    assert found == []


@pytest.mark.parametrize("text", [b"\xb2", b"\xff", b"9" * 400, b"-1", b"x" * 5000, b"a,b", b""])
def test_every_header_of_every_operation(world: World, text: bytes) -> None:
    world.client.app.state.services.feed.close()  # type: ignore[attr-defined]
    found = []
    for operation, said in DOCUMENTED.items():
        method, path = operation.split(" ")
        for name, value in world.ids.items():
            path = path.replace(f"{{{name}}}", value)
        for name in [one["name"] for one in said.get("parameters", ()) if one["in"] == "header"]:
            answer = world.client.request(method, path, headers=[(name.encode(), text)])
            if answer.status_code >= 500:
                found.append(f"{operation} {name}: {answer.status_code}")
    assert found == []


@pytest.mark.parametrize(
    "body",
    [
        *DEEP.values(),
        b'{"job_id": "\\ud800", "status": "ok"}',
        b'{"job_id": "1", "status": "ok", "more": ["\\ud800"]}',
        b'{"job_id": "1", "status": "ok", "more": {"a": "\\u0000"}}',
        b'{"job_id": "1", "status": "ok", "more": NaN}',
        b'{"job_id": "1", "status": "ok", "more": 1e999}',
    ],
)
def test_a_signed_completion_that_nothing_could_store_is_400(
    services: Services, body: bytes
) -> None:
    answer = completion(services, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")


def test_a_signed_completion_may_speak_of_such_things(services: Services) -> None:
    body = rb'{"job_id": "1", "status": "ok", "more": "a \\u0000 in words"}'
    assert completion(services, body).status_code == 204


def completion(services: Services, body: bytes) -> Any:
    secret = "a secret of more than thirty-two letters"
    hooks = services.settings.webhooks.model_copy(update={"secret": SecretStr(secret)})
    settings = services.settings.model_copy(update={"webhooks": hooks})
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    app = app_over(replace(services, settings=settings))
    with TestClient(app, raise_server_exceptions=False) as client:
        headers = {"content-type": _JSON, "x-gvn-signature": signature}
        return client.post("/api/v1/hooks/completion", content=body, headers=headers)
