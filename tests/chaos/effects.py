"""The independent observer: a place outside the service where effects happen, and are counted.

It refuses nothing and merges nothing. A job that acts twice is seen to have acted twice.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Effects:
    """How often each effect happened, and when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()
        self.times: list[tuple[float, str]] = []

    def happen(self, key: str) -> int:
        """One effect more; how many of that key there are now."""
        with self._lock:
            self._count[key] += 1
            self.times.append((time.time(), key))
            return self._count[key]

    def count(self, key: str) -> int:
        """How often the effect of that key happened."""
        with self._lock:
            return self._count[key]

    def all(self) -> dict[str, int]:
        """The count of each key."""
        with self._lock:
            return dict(self._count)


@contextmanager
def observing() -> Iterator[tuple[Effects, int]]:
    """Effects, and the port where they happen: `PUT /key`; `GET /key` says how often one did."""
    effects = Effects()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(effects.count(self.path[1:]))

        def do_PUT(self) -> None:
            self._say(effects.happen(self.path[1:]))

        def _say(self, count: int) -> None:
            body = str(count).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield effects, server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def ask(port: int, method: str, key: str) -> int:
    """Speak to the observer. Raises `OSError`."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, f"/{key}")
        return int(connection.getresponse().read())
    finally:
        connection.close()
