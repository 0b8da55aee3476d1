"""A load generator that is not the bottleneck: ready-made requests on sockets that stay open.

`python -m bench.load PORT CONNECTIONS COUNT < REQUEST` prints JSON: seconds, latencies in milliseconds,
statuses, its own CPU seconds. Each connection has one request under way.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Heard:
    """What a burst of requests got."""

    per_s: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]
    own_cpu_s: float


def burst(port: int, request: bytes, *, connections: int, count: int) -> Heard:
    """Send `count` times the same request from a process of its own."""
    command = [sys.executable, "-m", "bench.load", str(port), str(connections), str(count)]
    done = subprocess.run(command, input=request, capture_output=True, check=True, timeout=300)
    said = json.loads(done.stdout)
    times = sorted(said["times_ms"])
    return Heard(
        per_s=len(times) / said["took_s"],
        p50_ms=times[len(times) // 2],
        p99_ms=times[int(len(times) * 0.99)],
        statuses=said["statuses"],
        own_cpu_s=said["cpu_s"],
    )


def http_request(method: str, path: str, body: bytes = b"", key: str = "") -> bytes:
    """One HTTP/1.1 request as bytes."""
    head = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    head += [f"x-api-key: {key}"] if key else []
    if body:
        head += ["content-type: application/json", f"content-length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


class _Line:
    """One connection with one request under way."""

    __slots__ = ("_buffer", "_needed", "sent_s", "socket", "status")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer, self._needed = b"", -1
        self.sent_s, self.status = 0.0, ""

    def send(self, request: bytes) -> None:
        self.sent_s = time.perf_counter()
        self.socket.sendall(request)

    def heard_all(self) -> bool:
        """Read what is there; whether the answer is whole."""
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError("the server hung up")
        self._buffer += data
        if self._needed < 0:
            end = self._buffer.find(_END_OF_HEAD)
            if end < 0:
                return False
            head = self._buffer[:end].lower()
            start = head.index(_LENGTH) + len(_LENGTH)
            length = int(head[start:].split(b"\r\n", 1)[0])
            self._needed = end + len(_END_OF_HEAD) + length
            self.status = head[9:12].decode()
        if len(self._buffer) < self._needed:
            return False
        self._buffer, self._needed = b"", -1
        return True


def main(port: int, connections: int, count: int) -> None:
    """Keep every connection busy until `count` answers are here."""
    request = sys.stdin.buffer.read()
    waiting = selectors.DefaultSelector()
    lines = [_Line(port) for _ in range(connections)]
    times_ms: list[float] = []
    statuses: Counter[str] = Counter()
    for line in lines:
        waiting.register(line.socket, selectors.EVENT_READ, line)
    began_s, left = time.perf_counter(), count - connections
    for line in lines:
        line.send(request)
    while len(times_ms) < count:
        for ready, _ in waiting.select():
            line = ready.data
            if not line.heard_all():
                continue
            times_ms.append((time.perf_counter() - line.sent_s) * 1000)
            statuses[line.status] += 1
            if left > 0:
                left -= 1
                line.send(request)
    took_s = time.perf_counter() - began_s
    cpu_s = time.process_time()
    json.dump(
        {"took_s": took_s, "times_ms": times_ms, "statuses": statuses, "cpu_s": cpu_s}, sys.stdout
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
