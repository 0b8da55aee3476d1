"""A real HTTP server on loopback that answers as a test tells it to."""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from ports import free_port


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`delay_s` before the first byte; `drip_s` between single bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drip_s: float = 0.0


Route = Callable[[Request], Reply]


class LocalServer:
    """`with LocalServer(route) as server: ... server.url ... server.requests`."""

    def __init__(
        self, route: Route, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.route = route
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._server = _Server((host, 0), self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self._server.server_address[0]!s}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], owner: LocalServer) -> None:
        self.owner = owner
        super().__init__(at, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    # Head and body leave as one packet, or the kernel holds the second back for 40 ms.
    wbufsize = -1

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        owner.requests.append(request)
        reply = owner.route(request)
        owner.closing.wait(reply.delay_s)
        self.send(reply, _ranged(reply, headers))

    def send(self, reply: Reply, body: bytes) -> None:
        partial = len(body) != len(reply.body)
        self.send_response(206 if partial else reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if partial:
            total = len(reply.body)
            self.send_header("Content-Range", f"bytes {total - len(body)}-{total - 1}/{total}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.send_body(body, reply.drip_s)

    def send_body(self, body: bytes, drip_s: float) -> None:
        step = 1 if drip_s else max(1, len(body))
        for index in range(0, len(body), step):
            if self.server.owner.closing.is_set():
                return
            self.wfile.write(body[index : index + step])
            self.wfile.flush()
            time.sleep(drip_s)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _ranged(reply: Reply, headers: dict[str, str]) -> bytes:
    """The rest of the body where the client asks to go on at an offset."""
    wanted = headers.get("range", "")
    if reply.status != 200 or not wanted.startswith("bytes=") or not wanted.endswith("-"):
        return reply.body
    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
    return reply.body if start == 0 else reply.body[start:]


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    return free_port()
