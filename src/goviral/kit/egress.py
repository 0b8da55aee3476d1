"""A proxy on loopback through which libraries that open connections themselves must go.

yt-dlp follows redirects, playlists and embedded players on its own, so judging the first URL protects
nothing. Given this proxy, every connection it opens is resolved and judged here, then made to the judged
address. Rejected: a socket guard patched into the process (it would bind all threads, and yt-dlp's child
processes would escape it).
"""

import selectors
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from typing_extensions import override

from goviral.kit.errors import AppError, ForbiddenUrlError, InputError
from goviral.kit.guarded import Resolve, judged_addresses, resolve_host
from goviral.kit.urls import DEFAULT_PORTS, UrlPolicy

_HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
_CONNECT_S = 10.0
_HOP_HEADERS = ("proxy-", "connection:", "keep-alive:")


class EgressProxy:
    """An HTTP proxy (CONNECT and absolute-form requests) that opens only what `policy` accepts.

    Used as a context manager; `url` is what a library's proxy option takes. `max_bytes` is the most that
    all answers together may have. `refusal` says what it refused first, so that the caller can say more
    than "proxy error".
    """

    def __init__(
        self,
        policy: UrlPolicy,
        *,
        resolve: Resolve = resolve_host,
        idle_s: float = 60.0,
        max_bytes: int | None = None,
    ) -> None:
        self.policy = policy
        self.resolve = resolve
        self.idle_s = idle_s
        self.max_bytes = max_bytes
        self.refusal: InputError | None = None
        self._carried = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handle)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    def _handle(self, client: socket.socket) -> None:
        client.settimeout(self.idle_s)
        head, rest = _read_head(client)
        if not head:
            return
        try:
            method, target, version = _request_line(head)
            upstream = self._connect(*_destination(method, target))
        except ForbiddenUrlError as error:
            self.refusal = self.refusal or error
            client.sendall(_plain_answer(403, "Forbidden", error.message))
            return
        except (AppError, OSError, ValueError) as error:
            client.sendall(_plain_answer(502, "Bad Gateway", str(error)))
            return
        with upstream:
            upstream.settimeout(self.idle_s)
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                upstream.sendall(rest)
            else:
                upstream.sendall(_origin_form(method, target, version, head))
                _send_body(client, upstream, rest, _content_length(head))
                beginning = _last_answer_head(upstream)
                self.count(len(beginning))
                client.sendall(beginning)
            _relay(client, upstream, self, only_answer=method != "CONNECT")

    def count(self, size: int) -> None:
        """Note so many bytes of an answer. Raises `OSError`, which ends a connection, where it is too much."""
        with self._lock:
            self._carried += size
            if self.max_bytes is None or self._carried <= self.max_bytes:
                return
        self.refusal = self.refusal or InputError(
            f"There is more than {self.max_bytes} bytes at this address.",
            remedy="Use a shorter or smaller film.",
        )
        raise OSError("too much")

    def _connect(self, host: str, port: int) -> socket.socket:
        failure = OSError("no address")
        for address in judged_addresses(host, port, self.policy, self.resolve):
            try:
                return socket.create_connection((address, port), timeout=_CONNECT_S)
            except OSError as error:
                failure = error
        raise failure


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], handle: Callable[[socket.socket], None]) -> None:
        self._handle = handle
        self._open: set[socket.socket] = set()
        super().__init__(at, socketserver.BaseRequestHandler)

    @override
    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.add(request)
        try:
            with suppress(OSError, ValueError):
                self._handle(request)
        finally:
            self._open.discard(request)

    def close_connections(self) -> None:
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _read_head(end: socket.socket) -> tuple[bytes, bytes]:
    """Bytes up to the blank line, and what came after it; empty when that end left or babbles."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        chunk = end.recv(_CHUNK)
        if not chunk or len(seen) > _HEAD_LIMIT:
            return b"", b""
        seen += chunk
    head, _, rest = seen.partition(b"\r\n\r\n")
    return head, rest


def _request_line(head: bytes) -> tuple[str, str, str]:
    method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return method, target, version


def _destination(method: str, target: str) -> tuple[str, int]:
    """Host and port that a request line names; nothing sensible is left for the policy to refuse."""
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    default = 443 if method == "CONNECT" else DEFAULT_PORTS.get(parts.scheme, 0)
    return parts.hostname or "", parts.port or default


def _origin_form(method: str, target: str, version: str, head: bytes) -> bytes:
    """The request as the origin expects it, to be closed after the answer."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in _header_lines(head) if not line.lower().startswith(_HOP_HEADERS)]
    lines = [f"{method} {path} {version}", *kept, "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _content_length(head: bytes) -> int:
    for line in _header_lines(head):
        name, _, value = line.partition(":")
        if name.lower() == "transfer-encoding":
            raise ValueError("chunked requests are not carried")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _header_lines(head: bytes) -> list[str]:
    return head.decode("latin-1").split("\r\n")[1:]


def _plain_answer(status: int, phrase: str, text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def _send_body(client: socket.socket, upstream: socket.socket, first: bytes, length: int) -> None:
    """The request's body and nothing after it."""
    if len(first) > length:
        raise ValueError("more than one request at once is not carried")
    upstream.sendall(first)
    left = length - len(first)
    while left > 0 and (chunk := client.recv(min(_CHUNK, left))):
        upstream.sendall(chunk)
        left -= len(chunk)


def _last_answer_head(upstream: socket.socket) -> bytes:
    head, rest = _read_head(upstream)
    if not head:
        return rest
    lines = head.decode("latin-1").split("\r\n")
    kept = [line for line in lines if not line.lower().startswith(_HOP_HEADERS)]
    return "\r\n".join([*kept, "Connection: close", "", ""]).encode("latin-1") + rest


def _relay(
    client: socket.socket, upstream: socket.socket, proxy: EgressProxy, *, only_answer: bool
) -> None:
    """Carry bytes both ways until either side is done, or both are silent for the proxy's `idle_s`.

    A client may use a proxy connection again for another host. So the answer to a plain request is
    marked as the last one, and should the client speak all the same (`only_answer`), that is the end.
    """
    with selectors.DefaultSelector() as ready:
        ready.register(client, selectors.EVENT_READ, upstream)
        ready.register(upstream, selectors.EVENT_READ, client)
        while found := ready.select(proxy.idle_s):
            for key, _ in found:
                source, sink = key.fileobj, key.data
                assert isinstance(source, socket.socket)
                chunk = source.recv(_CHUNK)
                if not chunk or (only_answer and source is client):
                    return
                if source is upstream:
                    proxy.count(len(chunk))
                sink.sendall(chunk)
