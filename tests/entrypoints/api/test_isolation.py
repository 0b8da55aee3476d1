"""Every operation there is, against everyone who may not: nobody, a revoked key, a viewer, a stranger.

No operation is left out: what the OpenAPI document does not name is in the matrix too (`twins.world`), the
WebSocket has tests of its own below.
"""

import json

import httpx2
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from starlette.websockets import WebSocketDisconnect

from goviral.features.accounts.principal import scopes_of
from twins.people import by_key
from twins.resources import PERSONAL, PUBLIC
from twins.world import APP, DOCUMENTED, GUARDED, OPERATIONS, World, world

__all__ = ["world"]

_VIEWER = scopes_of(frozenset({"viewer"}))
_SOCKET = "/api/v1/events/ws"


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
        answer = world.send(operation, world.stranger)
        if OPERATIONS[operation]["x-scope"] == "admin":
            assert_refused(answer, 403, "forbidden")
        elif world.asks_for_something(operation) and operation not in PERSONAL:
            assert answer.status_code in (403, 404), answer.text
        else:
            assert answer.status_code not in (422, 500), answer.text
        assert [one for one in world.ids.values() if one in _told(answer)] == []


@pytest.mark.parametrize("operation", [one for one in GUARDED if OPERATIONS[one].get("x-scope")])
def test_a_viewer_looks_and_does_nothing(world: World, operation: str) -> None:
    scope = OPERATIONS[operation]["x-scope"]
    answer = world.send(operation, world.viewer)
    if scope not in _VIEWER:
        assert_refused(answer, 403, "forbidden")
        return
    assert operation.startswith(("GET", "HEAD")), f"{scope} must not change anything"
    assert answer.status_code < 500
    assert answer.status_code not in (401, 403)


def _told(answer: httpx2.Response) -> str:
    """What an answer tells, but for the id we asked for: a 404 repeats it."""
    return "" if answer.status_code in (403, 404) else answer.text


def test_what_is_public_is_known() -> None:
    assert set(OPERATIONS) >= PUBLIC
    assert [one for one in PUBLIC if "security" in OPERATIONS[one]] == []


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in DOCUMENTED.values()]
    assert sorted(set(names)) == sorted(names)


def test_no_route_is_in_neither_the_matrix_nor_its_own_test() -> None:
    routes = [(one.path, one.original_route) for one in iter_route_contexts(APP.routes)]
    frameworks = {"/openapi.json", "/docs/static"}
    others = {path for path, route in routes if not isinstance(route, APIRoute)} - frameworks
    assert others == {_SOCKET}
    assert [type(route) for path, route in routes if path == _SOCKET] == [APIWebSocketRoute]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/list"])
def test_events_hidden_from_a_stranger_are_there_for_the_team(world: World, path: str) -> None:
    operation = f"GET {path}"
    assert world.ids["video_id"] in world.send(operation, world.viewer).text
    assert world.ids["video_id"] not in world.send(operation, world.stranger).text


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/list"])
def test_events_of_an_owners_id_are_not_a_strangers_for_asking(world: World, path: str) -> None:
    asked = {"subject": world.ids["video_id"], "after": "0"}
    headers = {**by_key(world.stranger), "last-event-id": "0"}
    told = world.client.get(path, params=asked, headers=headers)
    assert told.status_code == 200
    assert "video.created" not in told.text


class TestTheSocket:
    """`/api/v1/events/ws`, which no document of HTTP names. The live side: features/webhooks."""

    def heard(
        self, world: World, key: str | None, query: str = "?after=0"
    ) -> tuple[list[str], int]:
        """Subjects it tells of, and the code it is closed with."""
        subjects: list[str] = []
        headers = by_key(key) if key else {}
        with world.client.websocket_connect(f"{_SOCKET}{query}", headers=headers) as socket:
            if key is None:
                socket.send_json({})
            try:
                while True:
                    subjects.append(json.loads(socket.receive_text())["subject"])
            except WebSocketDisconnect as closed:
                return subjects, closed.code

    def test_tells_a_viewer_of_the_team(self, world: World) -> None:
        assert self.heard(world, world.viewer) == ([world.ids["video_id"]], 4408)

    @pytest.mark.parametrize("asked", ["?after=0", "?after=0&subject={video_id}"])
    def test_tells_a_stranger_nothing(self, world: World, asked: str) -> None:
        assert self.heard(world, world.stranger, asked.format(**world.ids)) == ([], 4408)

    def test_knows_neither_nobody_nor_a_revoked_key(self, world: World) -> None:
        assert self.heard(world, None) == ([], 4401)
        assert self.heard(world, world.revoked) == ([], 4401)

    @pytest.mark.parametrize(
        "query", ["?after=-1", "?after=x", f"?after={2**63}", f"?subject={'a' * 65}"]
    )
    def test_refuses_what_it_cannot_read(self, world: World, query: str) -> None:
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            world.client.websocket_connect(f"{_SOCKET}{query}", headers=by_key(world.viewer)),
        ):
            pass
        assert refused.value.code == 1008
