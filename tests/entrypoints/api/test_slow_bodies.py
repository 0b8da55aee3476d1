"""Bodies that come slowly or not at all, over real sockets, with a limit of half a second."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import pytest

from features.library.sending import TUS, TYPE
from goviral.features.accounts.services import Services
from goviral.kit.settings import Settings
from twins.live import listening
from twins.service import over

KEY = {"x-api-key": "dev-key"}
JSON = {"content-type": "application/json"}
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(200_000)
WAIT_S = 0.5
PATIENCE_S = 60.0
"""How long a test waits for what must come; no test is about this time."""


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    limits = settings.limits.model_copy(update={"body_wait_s": WAIT_S})
    with over(settings.model_copy(update={"limits": limits})) as built:
        yield built


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with listening(services) as address:
        yield address


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def slowly(
    url: str, method: str, path: str, said: dict[str, str], pieces: Iterator[bytes]
) -> Answer:
    """Send a head, then each of `pieces`, and never an end; what is answered before the line is closed."""
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in said.items())
    port = urlsplit(url).port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
        line.sendall(head.encode() + b"\r\n")
        try:
            for piece in pieces:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it is answered and closed
        return read_to_the_end(line)


def read_to_the_end(line: socket.socket) -> Answer:
    whole = b""
    while got := line.recv(65536):
        whole += got
    head, body = whole.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(first.split(" ")[1]), headers, body)


def a_byte_now_and_then() -> Iterator[bytes]:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        time.sleep(WAIT_S / 10)
        yield b" "


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/videos"),  # read by FastAPI
        ("POST", "/api/v1/auth/token"),  # read by the handler
        ("POST", "/api/v1/hooks/completion"),
    ],
)
@pytest.mark.parametrize("pieces", [lambda: iter([b"{"]), a_byte_now_and_then])
def test_a_body_that_does_not_come_on_is_408_and_its_line_is_closed(
    url: str, method: str, path: str, pieces: object
) -> None:
    said = {**KEY, **JSON, "content-length": "100000"}
    answer = slowly(url, method, path, said, pieces())  # type: ignore[operator]
    assert answer.status == 408
    assert json.loads(answer.body)["error"]["code"] == "request_timeout"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-request-id"]


def test_a_body_in_chunks_without_a_size_is_bounded_too(url: str) -> None:
    said = {**KEY, **JSON, "transfer-encoding": "chunked"}
    answer = slowly(url, "POST", "/api/v1/videos", said, iter([b"1\r\n{\r\n"]))
    assert answer.status == 408


def begin(url: str, size: int) -> str:
    headers = {**TUS, **KEY, "Upload-Length": str(size)}
    answer = httpx2.post(f"{url}/api/v1/uploads/tus", headers=headers)
    assert answer.status_code == 201
    return str(answer.headers["location"])


def offset_of(url: str, address: str) -> int:
    return int(httpx2.head(url + address, headers={**TUS, **KEY}).headers["upload-offset"])


def appending(offset: int, length: int, **more: str) -> dict[str, str]:
    said = {"upload-offset": str(offset), "content-type": TYPE, "content-length": str(length)}
    return {**TUS, **KEY, **said, **more}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_an_upload_that_comes_to_a_halt_keeps_what_came_and_goes_on_later(
    url: str, method: str
) -> None:
    address = begin(url, len(FILM))
    said = appending(0, len(FILM), **{"x-http-method-override": "PATCH"})
    answer = slowly(url, method, address, said, iter([FILM[:20_000], FILM[20_000:50_000]]))
    assert answer.status == 408
    assert answer.headers["Tus-Resumable".lower()] == "1.0.0"
    assert offset_of(url, address) == 50_000
    rest = httpx2.patch(
        url + address, headers=appending(50_000, len(FILM) - 50_000), content=FILM[50_000:]
    )
    assert rest.status_code == 204
    assert offset_of(url, address) == len(FILM)


def test_an_upload_that_must_add_up_keeps_nothing_of_a_piece_that_comes_to_a_halt(url: str) -> None:
    address = begin(url, len(FILM))
    said = appending(0, len(FILM), **{"upload-checksum": "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="})
    assert slowly(url, "PATCH", address, said, iter([FILM[:50_000]])).status == 408
    assert offset_of(url, address) == 0
    rest = httpx2.patch(url + address, headers=appending(0, len(FILM)), content=FILM)
    assert rest.status_code == 204


def test_a_slow_line_has_its_bytes_counted_long_before_a_megabyte(settings: Settings) -> None:
    with over(settings) as services, listening(services, []) as url:
        address = begin(url, len(FILM))
        head = f"PATCH {address} HTTP/1.1\r\nhost: x\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in appending(0, len(FILM)).items())
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as line:
            line.sendall(head.encode() + b"\r\n" + FILM[:10_000])
            for sent in range(10_000, len(FILM), 500):
                line.sendall(FILM[sent : sent + 500])
                time.sleep(0.1)
                if offset_of(url, address):
                    break
            assert 0 < offset_of(url, address) < len(FILM)


def test_who_only_listens_is_not_sent_away(url: str) -> None:
    with httpx2.stream("GET", f"{url}/api/v1/events", headers=KEY, timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200
        time.sleep(4 * WAIT_S)
        said = {"url": "https://example.com/a.mp4"}
        assert httpx2.post(f"{url}/api/v1/videos", headers=KEY, json=said).status_code == 201
        assert any("video.created" in line for line in answer.iter_lines())
