"""How many keys, webhooks and open streams one may have at a time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from goviral.features.accounts.services import Services
from goviral.kit.server_settings import LimitSettings
from twins.live import until
from twins.people import by_key, key_of, make_user
from twins.service import app_over

KEYS, CLIENTS, HOOKS = "/api/v1/keys", "/api/v1/clients", "/api/v1/webhooks"


@pytest.fixture
def few(services: Services) -> Iterator[TestClient]:
    limits = services.settings.limits.model_copy(update={"keys": 3, "webhooks": 2, "streams": 1})
    assert isinstance(limits, LimitSettings)
    settings = services.settings.model_copy(update={"limits": limits})
    app = app_over(replace(services, settings=settings))
    with TestClient(app, headers=by_key("dev-key")) as client:
        yield client


@pytest.mark.parametrize("path", [KEYS, CLIENTS])
def test_keys_and_clients_that_work_are_counted(few: TestClient, path: str) -> None:
    body = {"scopes": ["videos:read"]}
    made = [few.post(path, json=body) for _ in range(4)]
    refused = made.pop() if path == CLIENTS else made[2]  # The first start made a key.
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "too_many")
    assert few.delete(f"{path}/{made[0].json()['id']}").status_code == 204
    assert few.post(path, json=body).status_code == 201


def test_keys_are_counted_for_whom_they_are_made(few: TestClient, services: Services) -> None:
    user = make_user(services)
    body = {"scopes": ["videos:read"], "user_id": user.id}
    assert [few.post(KEYS, json=body).status_code for _ in range(4)] == [201, 201, 201, 403]


def test_a_full_hand_of_keys_can_still_be_rotated(few: TestClient, services: Services) -> None:
    user = make_user(services)
    body = {"scopes": ["videos:read"], "user_id": user.id}
    ids = [few.post(KEYS, json=body).json()["id"] for _ in range(3)]
    assert few.post(f"{KEYS}/{ids[0]}/rotate", json={"overlap_hours": 1}).status_code == 201


def test_webhooks_are_counted(few: TestClient) -> None:
    made = [few.post(HOOKS, json={"url": f"https://example.org/{n}"}) for n in range(3)]
    assert [one.status_code for one in made] == [201, 201, 403]
    assert made[2].json()["error"]["code"] == "too_many"


def test_open_streams_are_counted(few: TestClient, services: Services) -> None:
    path = "/api/v1/events/ws"
    with few.websocket_connect(path, headers=by_key("dev-key")) as first:
        until(lambda: services.feed.listeners == 1)
        refused = few.get("/api/v1/events")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        with (
            few.websocket_connect(path, headers=by_key("dev-key")) as second,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            second.receive_text()
        assert (closed.value.code, closed.value.reason) == (4408, "rate_limited")
        stranger = by_key(key_of(services, make_user(services).id))
        with few.websocket_connect(path, headers=stranger):
            pass
        first.close()
