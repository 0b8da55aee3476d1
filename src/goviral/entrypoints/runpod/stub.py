"""The worker's HTTP door on this machine, where the runpod package is not: the same jobs, the same answers.

POST /runsync {"input": …} answers {"id", "status", "output": […]}; POST /run answers at once, then
GET or POST /status/ID and /stream/ID tell how it goes; GET /health.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

from goviral.kit.ids import new_id

Handler = Callable[[Mapping[str, Any]], Iterator[dict[str, Any]]]
_LARGEST_BYTES = 20 << 20


@dataclass
class _Job:
    id: str
    output: list[dict[str, Any]] = field(default_factory=list)
    status: str = "IN_QUEUE"
    error: str | None = None

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "status": self.status}
        return {**told, "error": self.error} if self.error else {**told, "output": self.output}


class LocalStub:
    """Runs a worker's handler behind HTTP on loopback. Jobs are kept in memory."""

    def __init__(self, handler: Handler, host: str = "127.0.0.1", port: int = 8000) -> None:
        self._handler = handler
        self._jobs: dict[str, _Job] = {}
        self.server = _Server((host, port), self)

    @property
    def url(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def serve_forever(self) -> None:
        """Until `server.shutdown()` or Ctrl-C."""
        with self.server:
            self.server.serve_forever(0.1)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON for one request."""
        verb, _, job_id = path.strip("/").partition("/")
        if verb == "health" and method == "GET":
            return 200, {"jobs": {"inProgress": self._count("IN_PROGRESS")}, "workers": {"idle": 1}}
        if verb in ("status", "stream"):
            return self._told(verb, job_id)
        if verb not in ("run", "runsync") or method != "POST":
            return 404, {"error": "no such endpoint"}
        try:
            payload = json.loads(body)["input"]
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "the body is not JSON with an input"}
        return 200, self._start(payload, wait=verb == "runsync")

    def _start(self, payload: Any, *, wait: bool) -> dict[str, Any]:
        job = _Job(new_id("local"))
        self._jobs[job.id] = job
        if wait:
            self._run(job, payload)
        else:
            threading.Thread(target=self._run, args=(job, payload), daemon=True).start()
        return job.told() if wait else {"id": job.id, "status": job.status}

    def _run(self, job: _Job, payload: Any) -> None:
        job.status = "IN_PROGRESS"
        for part in self._handler({"id": job.id, "input": payload}):
            if part.get("error"):
                job.status, job.error = "FAILED", str(part["error"])
                return
            job.output.append(part)
        job.status = "COMPLETED"

    def _told(self, verb: str, job_id: str) -> tuple[int, dict[str, Any]]:
        job = self._jobs.get(job_id)
        if job is None:
            return 404, {"error": "no such job"}
        if verb == "status":
            return 200, job.told()
        stream = [{"output": part} for part in job.output]
        return 200, {"id": job.id, "status": job.status, "stream": stream}

    def _count(self, status: str) -> int:
        return sum(job.status == status for job in list(self._jobs.values()))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], stub: LocalStub) -> None:
        self.stub = stub
        super().__init__(at, _Door)


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._reply(*self.server.stub.answer("GET", self.path, b""))

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > _LARGEST_BYTES:
            self.close_connection = True
            self._reply(413, {"error": "the body is over 20 MB"})
            return
        self._reply(*self.server.stub.answer("POST", self.path, self.rfile.read(length)))

    def _reply(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Quiet: addresses may hold a caller's secrets."""
