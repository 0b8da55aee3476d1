"""Every operation of the API, and an owner with something of everything that they could be used on.

The operations come from the application, so a new route is among them without anybody's doing;
`twins.resources` says how to make what its address names.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.testclient import TestClient

from goviral.entrypoints.api.openapi import guard_of
from goviral.entrypoints.api.services import build_relay
from goviral.features.accounts.authentication import check_key
from goviral.features.accounts.keys import revoke_key
from goviral.features.accounts.services import Services
from goviral.kit.events.outbox import publish
from twins.examples import example
from twins.people import by_key, key_of, make_user
from twins.resources import BODIES, HEADERS, MAKERS, PUBLIC, QUERIES, as_user
from twins.service import bare_app, over, sized

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


APP = bare_app()
DOCUMENT = APP.openapi()
DOCUMENTED = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in _METHODS
}


def _unwritten() -> dict[str, Any]:
    """Operations that the document leaves out, but for the same handlers at founding addresses."""
    written, found = _handlers(), {}
    for operation, context, handler in _routes():
        at = written.setdefault(handler, operation)
        is_another_method = at.split(" ")[1] == context.path_format and at in DOCUMENTED
        if is_another_method and operation not in DOCUMENTED:
            found[operation] = _guard(DOCUMENTED[at])
        elif at == operation and operation not in DOCUMENTED:
            found[operation] = guard_of(context.dependant)
    return found


def _handlers() -> dict[Any, str]:
    """Handler → the operation the document knows it by."""
    return {handler: operation for operation, _, handler in _routes() if operation in DOCUMENTED}


def _routes() -> Iterator[tuple[str, RouteContext, Any]]:
    for context in iter_route_contexts(APP.routes):
        if isinstance(context.original_route, APIRoute):
            for method in sorted(context.methods or ()):
                # Mounted more than once, a handler is wrapped for each address.
                handler = inspect.unwrap(context.original_route.endpoint)
                yield f"{method} {context.path_format}", context, handler


def _guard(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: operation[name] for name in ("security", "x-scope") if name in operation}


OPERATIONS = {**DOCUMENTED, **_unwritten()}
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
        chosen = self.filled(QUERIES.get(operation, {}))
        return chosen | {
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
        named = f"{self.body(operation)} {self.filled(QUERIES.get(operation, {}))}"
        in_address = any(f"{{{name}}}" in operation for name in MAKERS)
        return in_address or any(one in named for one in self.ids.values())

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            return self.id_of(value[1:-1])
        return value


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, size: str
) -> Iterator[World]:
    with over(sized(request, tmp_path_factory.mktemp("world"), size)) as services:
        owner, stranger = make_user(services), make_user(services)
        viewer = make_user(services, "viewer", team_of=owner.id)
        APP.state.services = services
        with TestClient(APP, raise_server_exceptions=False) as client:
            ids = {name: make(services, owner) for name, make in MAKERS.items()}
            _tell_of(services, owner.owner_id, ids["video_id"])
            yield World(
                client=client,
                ids=ids,
                revoked=revoked_key(services, owner.id),
                viewer=key_of(services, viewer.id),
                stranger=key_of(services, stranger.id),
            )


def _tell_of(services: Services, owner_id: str, subject: str) -> None:
    """An event of the owner's, told, to a feed that ends its streams when they told what there was."""
    with services.database.transaction() as session:
        publish(session, "video.created", owner_id=owner_id, subject=subject)
    build_relay(services, "world").relay()
    services.feed.close()


def revoked_key(services: Services, user_id: str) -> str:
    key = key_of(services, user_id)
    by = as_user(services, user_id)
    with services.database.transaction() as session:
        row = check_key(session, key, services.clock())
        revoke_key(session, services.credentials, by, row.id, services.clock())
    return key


def _headers(path: str) -> dict[str, str]:
    begun = (headers for prefix, headers in HEADERS.items() if path.startswith(prefix))
    return next(begun, {})
