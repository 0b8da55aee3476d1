"""The worker's stub, spoken to over HTTP."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from goviral.entrypoints.runpod.stub import LocalStub
from goviral.kit.http import Answer, HttpClient
from goviral.kit.urls import UrlPolicy


def echo(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields an event and the input; fails or waits when told to."""
    asked = job["input"]
    yield {"event": "started"}
    time.sleep(asked.get("wait_s", 0))
    if asked.get("fail"):
        yield {"error": "it failed", "code": "x"}
    yield {"job_id": job["id"], "echo": asked}


@pytest.fixture
def stub() -> Iterator[LocalStub]:
    running = LocalStub(echo, port=0)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()


def ask(stub: LocalStub, method: str, path: str, body: Any = None) -> tuple[Answer, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    http = HttpClient(UrlPolicy(allow_private=True))
    answer = http.send(method, f"{stub.url}{path}", content=content if body is not None else None)
    return answer, json.loads(answer.body)


def test_runsync_answers_with_all_that_was_yielded(stub: LocalStub) -> None:
    answer, told = ask(stub, "POST", "/runsync", {"input": {"a": "ü"}})
    assert answer.status == 200
    assert told["status"] == "COMPLETED"
    assert told["output"][0] == {"event": "started"}
    assert told["output"][1] == {"job_id": told["id"], "echo": {"a": "ü"}}


def test_a_failing_job_is_failed(stub: LocalStub) -> None:
    _, told = ask(stub, "POST", "/runsync", {"input": {"fail": True}})
    assert (told["status"], told["error"]) == ("FAILED", "it failed")


def test_run_answers_at_once_and_status_tells_the_rest(stub: LocalStub) -> None:
    _, begun = ask(stub, "POST", "/run", {"input": {"wait_s": 0.3}})
    assert begun["status"] in ("IN_QUEUE", "IN_PROGRESS")
    path = f"/status/{begun['id']}"
    deadline = time.monotonic() + 60
    while ask(stub, "GET", path)[1]["status"] != "COMPLETED":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(ask(stub, "POST", path)[1]["output"]) == 2
    _, stream = ask(stub, "GET", f"/stream/{begun['id']}")
    assert stream["stream"][0] == {"output": {"event": "started"}}


def test_health_is_told(stub: LocalStub) -> None:
    assert ask(stub, "GET", "/health")[1]["workers"] == {"idle": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/status/none", None, 404),
        ("GET", "/nothing", None, 404),
        ("GET", "/runsync", None, 404),
        ("POST", "/runsync", b"{", 400),
        ("POST", "/runsync", {"no": "input"}, 400),
        ("POST", "/runsync", [1], 400),
    ],
)
def test_what_it_does_not_know_is_refused(
    stub: LocalStub, method: str, path: str, body: Any, status: int
) -> None:
    answer, told = ask(stub, method, path, body)
    assert answer.status == status
    assert told["error"]


def test_too_large_a_body_is_refused(stub: LocalStub) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", int(stub.url.rsplit(":", 1)[1])), 60) as connection:
        connection.sendall(b"POST /runsync HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in connection.recv(200)
