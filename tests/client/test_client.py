"""The client against a service that stumbles."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from goviral.client import ApiError, GoViral, RunFailedError, StillWaitingError
from goviral.client.events import parse
from goviral.client.values import Event
from goviral.kit.errors import RemoteError
from goviral.kit.retry import Backoff

VIDEO = {
    "id": "vid_1",
    "title": "T",
    "state": "new",
    "created_at": "2026-01-01T00:00:00Z",
    "new": 1,
}
AT = "2026-01-01T00:00:00Z"


class Stumbling:
    """Answers what it was told to, in order; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append((self.command, self.path, headers, body))
                status, said, extra = outer.answers.pop(0)
                if status == 0:  # the line breaks
                    self.close_connection = True
                    return
                content = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in {"content-length": str(len(content)), **extra}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815  the base class's names

            def log_message(self, *_: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def says(self, status: int, said: Any = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {} if said is None else said, named))


@pytest.fixture
def service() -> Iterator[Stumbling]:
    made = Stumbling()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(service: Stumbling, waits: list[float]) -> Iterator[GoViral]:
    again = Backoff(attempts=3, base_s=0.01)
    with GoViral(service.url, "gvn_key", again=again, sleep=waits.append) as made:
        yield made


def test_creating_is_tried_again_under_one_key(client: GoViral, service: Stumbling) -> None:
    service.says(503)
    service.says(0)
    service.says(201, VIDEO)
    assert client.videos.create(url="https://example.org/a.mp4").id == "vid_1"
    keys = {headers["idempotency-key"] for _, _, headers, _ in service.asked}
    assert (len(service.asked), len(keys)) == (3, 1)
    assert all(headers["x-api-key"] == "gvn_key" for _, _, headers, _ in service.asked)


def test_a_rate_limit_is_obeyed(client: GoViral, service: Stumbling, waits: list[float]) -> None:
    service.says(429, {"error": {"code": "rate_limited", "message": "Slow"}}, retry_after="7")
    service.says(200, VIDEO)
    assert client.videos.get("vid_1").state == "new"
    assert waits == [7.0]


def test_what_is_refused_is_told_at_once(client: GoViral, service: Stumbling) -> None:
    said = {"error": {"code": "monthly_cap_reached", "message": "Enough.", "details": {"cap": 3}}}
    service.says(403, said, x_request_id="req_9")
    with pytest.raises(ApiError, match="Enough") as refused:
        client.videos.create(url="https://example.org/a.mp4")
    error = refused.value
    assert (error.status, error.code, error.request_id) == (403, "monthly_cap_reached", "req_9")
    assert error.details == {"cap": 3}
    assert len(service.asked) == 1


def test_a_page_of_a_proxy_is_an_error_too(client: GoViral, service: Stumbling) -> None:
    service.says(404, b"<html>nothing</html>")
    with pytest.raises(ApiError) as refused:
        client.videos.get("vid_1")
    assert (refused.value.status, refused.value.code) == (404, "http_error")


def test_a_service_that_stays_away_is_given_up(client: GoViral, service: Stumbling) -> None:
    for _ in range(3):
        service.says(0)
    with pytest.raises(RemoteError, match="did not answer"):
        client.videos.get("vid_1")
    assert len(service.asked) == 3


def test_lists_are_read_page_by_page(client: GoViral, service: Stumbling) -> None:
    service.says(200, {"items": [VIDEO], "next_cursor": "c2"})
    service.says(200, {"items": [{**VIDEO, "id": "vid_2"}], "next_cursor": None})
    assert [video.id for video in client.videos.list(state="new")] == ["vid_1", "vid_2"]
    assert service.asked[0][1] == "/api/v1/videos?state=new"
    assert service.asked[1][1] == "/api/v1/videos?state=new&cursor=c2"


def run(state: str) -> dict[str, Any]:
    return {"id": "run_1", "video_id": "vid_1", "state": state, "progress": 0.5, "stage": "clips"}


def test_a_run_that_fails_says_why(client: GoViral, service: Stumbling) -> None:
    service.says(200, run("running"))
    service.says(
        200, {**run("failed"), "error_code": "no_speech", "error_message": "Nobody speaks."}
    )
    with pytest.raises(RunFailedError, match="Nobody speaks") as failed:
        client.pipeline.wait("run_1", look_s=0)
    assert failed.value.run_code == "no_speech"


def test_what_models_cost_is_read_with_its_sums(client: GoViral, service: Stumbling) -> None:
    totals = {"runs": 3, "cost_micro_usd": 90, "unpriced": 1}
    service.says(200, {"items": [], "next_cursor": None, "totals": totals})
    found = client.pipeline.model_runs("vid_1", cursor="c2")
    assert (found.items, found.totals) == ([], totals)
    assert service.asked[0][1] == "/api/v1/videos/vid_1/model-runs?cursor=c2"


def test_waiting_ends(client: GoViral, service: Stumbling) -> None:
    service.says(200, run("running"))
    with pytest.raises(StillWaitingError, match="still at clips"):
        client.pipeline.wait("run_1", within_s=-1)


def lines(*positions: int) -> bytes:
    shown = [
        {"id": f"evt_{n}", "position": n, "type": "clip.ready", "data": {}, "at": AT}
        for n in positions
    ]
    told = [f"id: {e['position']}\nevent: clip.ready\ndata: {json.dumps(e)}\n\n" for e in shown]
    return ("retry: 2000\n\n: alive\n\n" + "".join(told)).encode()


def test_events_go_on_where_the_line_broke(client: GoViral, service: Stumbling) -> None:
    service.says(200, lines(4, 5))
    service.says(0)
    service.says(200, lines(6))
    events = client.events(after=3)
    assert [next(events).position for _ in range(3)] == [4, 5, 6]
    assert [headers.get("last-event-id") for _, _, headers, _ in service.asked] == ["3", "5", "5"]


def test_events_that_are_refused_are_not_asked_for_again(
    client: GoViral, service: Stumbling
) -> None:
    service.says(403, {"error": {"code": "revoked", "message": "Taken back."}})
    with pytest.raises(ApiError, match="Taken back"):
        next(client.events())


def test_a_long_event_may_come_in_several_lines() -> None:
    (event,) = parse(['data: {"id": "evt_1", "position": 1, "type": "a.b",', f'data: "data": {{}}, "at": "{AT}"}}', ""])  # fmt: skip
    assert isinstance(event, Event)
    assert event.type == "a.b"


def test_a_line_that_broke_before_the_first_event_goes_on_where_it_began(
    client: GoViral, service: Stumbling
) -> None:
    service.says(200, b"retry: 2000\nid: 7\n\n: alive\n\nid: 8\nevent: clip.ready\n")
    service.says(200, lines(8))
    assert next(client.events()).position == 8
    assert [headers.get("last-event-id") for _, _, headers, _ in service.asked] == [None, "7"]


def test_the_key_is_not_sent_to_the_store(
    client: GoViral, service: Stumbling, tmp_path: Any
) -> None:
    store = Stumbling()
    thread = threading.Thread(target=store.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    service.says(200, {"url": f"{store.url}/clip.mp4?signature=x", "expires_at": AT})
    store.says(200, b"film")
    saved = client.clips.download("clip_1", tmp_path / "clip.mp4")
    store.server.shutdown()
    store.server.server_close()
    assert saved.read_bytes() == b"film"
    assert "x-api-key" not in store.asked[0][2]
