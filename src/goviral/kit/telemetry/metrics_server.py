"""`/metrics` of a process that has no API."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

from goviral.kit.errors import ConflictError
from goviral.kit.telemetry.metrics import CONTENT_TYPE, exposition


def serve_metrics(host: str, port: int) -> int:
    """Answer in a thread until the process ends; the port. Raises `ConflictError` where it is taken."""
    try:
        server = ThreadingHTTPServer((host, port), _Handler)
    except OSError as error:
        raise ConflictError(
            f"Cannot show metrics on {host} port {port}: {error.strerror or error}.",
            remedy="Set GOVIRAL_METRICS_PORT to a free one.",
        ) from error
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = exposition() if self.path.partition("?")[0] == "/metrics" else b""
        self.send_response(200 if body else 404)
        self.send_header("content-type", CONTENT_TYPE)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        return None
