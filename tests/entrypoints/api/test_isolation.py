"""Every operation there is, against everyone who may not: nobody, a revoked key, a viewer, a stranger.

The operations come from the OpenAPI document, so a new route is in it without anybody's doing;
`twins.resources` says how to make what its address names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.authentication import check_key
from goviral.features.accounts.keys import revoke_key
from goviral.features.accounts.principal import scopes_of
from goviral.features.accounts.services import Services
from twins.examples import example
from twins.people import by_key, key_of, make_user
from twins.resources import BODIES, HEADERS, LIVE, MAKERS, PERSONAL, PUBLIC, as_user
from twins.service import over, settings_in

_METHODS = ("get", "post", "put", "patch", "delete", "head")
_VIEWER = scopes_of(frozenset({"viewer"}))


def document() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        services = build_services(settings_in(Path(folder)))
        schema: dict[str, Any] = create_app(services).openapi()
        services.database.close()
    return schema


DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in _METHODS
}
GUARDED = sorted(set(OPERATIONS) - PUBLIC)


@dataclass(frozen=True, slots=True)
class World:
    """One owner with something of everything, and those who may not have it."""

    client: TestClient
    ids: dict[str, str]
    revoked: str
    viewer: str
    stranger: str

    def send(self, operation: str, key: str | None) -> httpx2.Response:
        method, path = operation.split(" ")
        named = re.findall(r"{(\w+)}", path)
        for name in named:
            path = path.replace(f"{{{name}}}", self.id_of(name))
        return self.client.request(
            method,
            path,
            params=self.query(operation),
            json=self.body(operation),
            headers={**_headers(path), **(by_key(key) if key else {})},
            follow_redirects=False,
        )

    def id_of(self, name: str) -> str:
        if name not in self.ids:
            pytest.fail(f"tests/twins/resources.py does not say how to make a {name}")
        return self.ids[name]

    def query(self, operation: str) -> dict[str, str]:
        given = OPERATIONS[operation].get("parameters", ())
        return {
            one["name"]: self.ids.get(one["name"])
            or str(example(one["schema"], DOCUMENT, self.ids))
            for one in given
            if one["in"] == "query" and (one.get("required") or one["name"] in self.ids)
        }

    def body(self, operation: str) -> Any:
        content = OPERATIONS[operation].get("requestBody", {}).get("content", {})
        if operation in BODIES:
            return self.filled(BODIES[operation])
        if "application/json" not in content:
            return None
        return example(content["application/json"]["schema"], DOCUMENT, self.ids)

    def asks_for_something(self, operation: str) -> bool:
        """Whether its address or its body names something of the owner's."""
        body = str(self.body(operation))
        in_address = any(f"{{{name}}}" in operation for name in MAKERS)
        return in_address or any(one in body for one in self.ids.values())

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            return self.id_of(value[1:-1])
        return value


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with over(settings_in(tmp_path_factory.mktemp("world"))) as services:
        owner, stranger = make_user(services), make_user(services)
        viewer = make_user(services, "viewer", team_of=owner.id)
        with TestClient(create_app(services), raise_server_exceptions=False) as client:
            yield World(
                client=client,
                ids={name: make(services, owner) for name, make in MAKERS.items()},
                revoked=revoked_key(services, owner.id),
                viewer=key_of(services, viewer.id),
                stranger=key_of(services, stranger.id),
            )


def revoked_key(services: Services, user_id: str) -> str:
    key = key_of(services, user_id)
    by = as_user(services, user_id)
    with services.database.transaction() as session:
        row = check_key(session, key, services.clock())
        revoke_key(session, services.credentials, by, row.id, services.clock())
    return key


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    if answer.request.method != "HEAD":
        assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("operation", GUARDED)
class TestEveryOperation:
    def test_says_who_may_call_it(self, operation: str) -> None:
        assert "security" in OPERATIONS[operation], "ask for a caller, or add it to PUBLIC"

    def test_knows_nobody(self, world: World, operation: str) -> None:
        assert_refused(world.send(operation, None), 401, "unauthenticated")

    def test_refuses_a_revoked_key(self, world: World, operation: str) -> None:
        assert_refused(world.send(operation, world.revoked), 403, "revoked")

    def test_shows_a_stranger_nothing(self, world: World, operation: str) -> None:
        if operation in LIVE:
            return
        answer = world.send(operation, world.stranger)
        if OPERATIONS[operation]["x-scope"] == "admin":
            assert_refused(answer, 403, "forbidden")
        elif world.asks_for_something(operation) and operation not in PERSONAL:
            assert answer.status_code in (403, 404), answer.text
        else:
            assert answer.status_code not in (422, 500), answer.text
        assert [one for one in world.ids.values() if one in _told(answer)] == []


@pytest.mark.parametrize(
    "operation", [one for one in GUARDED if OPERATIONS[one].get("x-scope") and one not in LIVE]
)
def test_a_viewer_looks_and_does_nothing(world: World, operation: str) -> None:
    scope = OPERATIONS[operation]["x-scope"]
    answer = world.send(operation, world.viewer)
    if scope not in _VIEWER:
        assert_refused(answer, 403, "forbidden")
        return
    assert operation.startswith(("GET", "HEAD")), f"{scope} must not change anything"
    assert answer.status_code < 500
    assert answer.status_code not in (401, 403)


def _headers(path: str) -> dict[str, str]:
    begun = (headers for prefix, headers in HEADERS.items() if path.startswith(prefix))
    return next(begun, {})


def _told(answer: httpx2.Response) -> str:
    """What an answer tells, but for the id we asked for: a 404 repeats it."""
    return "" if answer.status_code in (403, 404) else answer.text


def test_what_is_public_is_known() -> None:
    assert set(OPERATIONS) >= PUBLIC
    assert [one for one in PUBLIC if "security" in OPERATIONS[one]] == []


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert sorted(set(names)) == sorted(names)
