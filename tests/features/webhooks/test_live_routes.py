"""Events by server-sent events and WebSocket, over real sockets."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from goviral.client import GoViral
from goviral.client.values import Event
from goviral.features.accounts.authentication import DEV_USER_ID
from goviral.features.accounts.services import Services
from goviral.kit.events.outbox import publish
from twins.live import listening, until
from twins.people import key_of, make_user

TIMEOUT_S = 60.0


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with listening(services) as address:
        yield address


def happen(services: Services, *names: str, owner_id: str = DEV_USER_ID) -> None:
    for name in names:
        with services.database.transaction() as session:
            publish(session, name, owner_id=owner_id, subject=f"about-{name}", data={"name": name})


def listeners(services: Services, count: int) -> None:
    until(lambda: services.feed.listeners == count)


class Listening:
    """A client's iterator in a thread of its own, up to a number of events."""

    def __init__(self, url: str, count: int, key: str = "dev-key", **options: Any) -> None:
        self.heard: list[Event] = []
        self._thread = threading.Thread(target=self._run, args=(url, count, key, options))
        self._thread.start()

    def _run(self, url: str, count: int, key: str, options: dict[str, Any]) -> None:
        with GoViral(url, key) as client:
            for event in client.events(**options):
                self.heard.append(event)
                if len(self.heard) == count:
                    return

    @property
    def types(self) -> list[str]:
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive(), self.heard
        return [event.type for event in self.heard]


def test_events_come_as_they_happen_in_order(url: str, services: Services) -> None:
    hearing = Listening(url, 3)
    listeners(services, 1)
    happen(services, "test.one", "test.two", "test.three")
    assert hearing.types == ["test.one", "test.two", "test.three"]
    assert [event.position for event in hearing.heard] == [1, 2, 3]
    assert hearing.heard[0].data == {"name": "test.one"}


def test_who_comes_back_with_the_last_id_misses_nothing(url: str, services: Services) -> None:
    first = Listening(url, 1)
    listeners(services, 1)
    happen(services, "test.one")
    assert first.types == ["test.one"]
    listeners(services, 0)
    happen(services, "test.two", "test.three")
    second = Listening(url, 3, after=first.heard[0].position)
    listeners(services, 1)
    happen(services, "test.four")
    assert second.types == ["test.two", "test.three", "test.four"]


def test_the_stream_speaks_the_protocol_of_browsers(url: str, services: Services) -> None:
    headers = {"x-api-key": "dev-key", "last-event-id": "0"}
    happen(services, "test.one")
    with (
        httpx2.Client(timeout=TIMEOUT_S) as client,
        client.stream("GET", f"{url}/api/v1/events", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines: list[str] = []
        for line in answer.iter_lines():
            lines.append(line)
            if line.startswith("data:"):
                break
    assert lines[:5] == ["retry: 2000", "id: 0", "", "id: 1", "event: test.one"]
    assert json.loads(lines[5].removeprefix("data: "))["type"] == "test.one"


def test_a_stream_says_where_it_begins_before_anything_happens(
    url: str, services: Services
) -> None:
    happen(services, "test.one", "test.two")
    until(lambda: services.feed.now() == 2)
    with (
        httpx2.Client(timeout=TIMEOUT_S) as client,
        client.stream("GET", f"{url}/api/v1/events", headers={"x-api-key": "dev-key"}) as answer,
    ):
        first = answer.iter_lines()
        assert [next(first) for _ in range(2)] == ["retry: 2000", "id: 2"]


def test_another_tenant_hears_nothing(url: str, services: Services) -> None:
    stranger = make_user(services)
    hers = Listening(url, 1, key=key_of(services, stranger.id))
    mine = Listening(url, 1)
    listeners(services, 2)
    happen(services, "test.mine")
    assert mine.types == ["test.mine"]
    happen(services, "test.hers", owner_id=stranger.owner_id)
    assert hers.types == ["test.hers"]


def test_only_what_is_about_a_subject_is_heard(url: str, services: Services) -> None:
    hearing = Listening(url, 1, subject="about-test.two")
    listeners(services, 1)
    happen(services, "test.one", "test.two")
    assert hearing.types == ["test.two"]


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "gvn_wrong"}])
def test_nobody_hears_nothing(url: str, headers: dict[str, str]) -> None:
    answer = httpx2.get(f"{url}/api/v1/events", headers=headers, timeout=TIMEOUT_S)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")


def socket(url: str, query: str = "", **options: Any) -> ClientConnection:
    address = f"{url.replace('http', 'ws', 1)}/api/v1/events/ws{query}"
    return connect(address, open_timeout=TIMEOUT_S, close_timeout=1, proxy=None, **options)


def test_a_socket_is_known_by_its_first_message(url: str, services: Services) -> None:
    with socket(url) as open_socket:
        open_socket.send(json.dumps({"token": "dev-key"}))
        listeners(services, 1)
        happen(services, "test.one")
        assert json.loads(open_socket.recv(TIMEOUT_S))["type"] == "test.one"


def test_a_socket_is_known_by_its_headers_and_goes_on(url: str, services: Services) -> None:
    happen(services, "test.one", "test.two")
    with socket(url, "?after=1", additional_headers={"x-api-key": "dev-key"}) as open_socket:
        assert json.loads(open_socket.recv(TIMEOUT_S))["type"] == "test.two"


def test_a_socket_that_says_more_than_a_body_may_have_is_closed(url: str) -> None:
    with socket(url) as open_socket:
        with suppress(ConnectionClosed):
            open_socket.send(b"x" * 1_048_577)
        with pytest.raises(ConnectionClosed) as closed:
            open_socket.recv(TIMEOUT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_what_a_socket_says_later_ends_nothing(url: str, services: Services) -> None:
    with socket(url, additional_headers={"x-api-key": "dev-key"}) as open_socket:
        listeners(services, 1)
        for said in ("a word", b"\x00"):
            open_socket.send(said)
        happen(services, "test.one")
        assert json.loads(open_socket.recv(TIMEOUT_S))["type"] == "test.one"


@pytest.mark.parametrize(
    "said",
    [
        '{"token": "gvn_wrong"}',
        '{"token": "\\ud800"}',
        '{"token": 1}',
        "[]",
        "no json",
        "{}",
        "[" * 100_000,
        b"\x00",
    ],
)
def test_a_socket_that_nobody_knows_is_closed_with_4401(url: str, said: str | bytes) -> None:
    with socket(url) as open_socket:
        open_socket.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            open_socket.recv(TIMEOUT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_open_streams_end_when_the_service_stops(services: Services) -> None:
    ended = threading.Event()

    def hear(address: str) -> None:
        headers = {"x-api-key": "dev-key"}
        with (
            httpx2.Client(timeout=TIMEOUT_S) as client,
            client.stream("GET", f"{address}/api/v1/events", headers=headers) as answer,
        ):
            for _ in answer.iter_lines():
                pass
        ended.set()

    with listening(services) as address:
        thread = threading.Thread(target=hear, args=(address,))
        thread.start()
        listeners(services, 1)
    thread.join(TIMEOUT_S)
    assert ended.is_set(), "the stream broke instead of ending"
