"""A thousand listeners to events on one process: how long until the last hears, what each costs."""

import resource
import socket
import statistics
import time
from pathlib import Path

from bench.api import _BODY, Server, service
from bench.figure import Figure
from bench.load import http_request

_LISTENERS = 1_000
_EVENTS = 5
_LAST_HEARS_MS = 2_000.0
_PATIENCE_S = 60.0


def measure(folder: Path) -> list[Figure]:
    """`goviral serve` with 1,000 server-sent event streams; every one must hear every event."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with service(folder / "listeners", "serve") as server:
        server.call("POST", "/api/v1/videos", _BODY)
        before_mb = server.resident_mb()
        sockets = _listen(server)
        grown_mb = server.resident_mb() - before_mb
        began_cpu_s = server.cpu_s()
        took_ms = [_last_hears(server, sockets) for _ in range(_EVENTS)]
        cpu_ms = (server.cpu_s() - began_cpu_s) * 1000 / _EVENTS
        for one in sockets:
            one.close()
    return [
        Figure("listeners on one process", float(len(sockets))),
        Figure(
            "event, until the last of 1,000 hears it",
            statistics.median(took_ms),
            "ms",
            _LAST_HEARS_MS,
        ),
        Figure("event to 1,000 listeners, CPU", cpu_ms, "ms"),
        Figure("memory a listener", grown_mb * 1024 / len(sockets), "kB"),
    ]


def _listen(server: Server) -> list[socket.socket]:
    request = http_request("GET", "/api/v1/events", key=server.key)
    sockets = []
    for _ in range(_LISTENERS):
        one = socket.create_connection(("127.0.0.1", server.port), timeout=_PATIENCE_S)
        one.sendall(request)
        sockets.append(one)
    for one in sockets:
        _read_until(one, b"retry: 2000")
    return sockets


def _last_hears(server: Server, sockets: list[socket.socket]) -> float:
    """Milliseconds from before the request that causes the event until everybody has it."""
    began_s = time.perf_counter()
    made = server.call("POST", "/api/v1/videos", _BODY)
    wanted = str(made["id"]).encode()
    for one in sockets:
        _read_until(one, wanted)
    return (time.perf_counter() - began_s) * 1000


def _read_until(one: socket.socket, wanted: bytes) -> None:
    heard = b""
    while wanted not in heard:
        data = one.recv(65_536)
        assert data, "the stream ended"
        heard += data
