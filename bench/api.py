"""The API beside the bare framework: the same validation and the same rows, in turn, in one run.

The service has its defaults: keys, rates counted, events, access log, metrics, idempotency, tenancy.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figure import Figure
from bench.load import Heard, burst, http_request
from goviral.kit.db import migrate
from goviral.kit.db.database import Database

_RUNS = 5
_CONNECTIONS = 16
_POSTS = 1_500
_READS = 3_000
_LISTS = 600
_BODY = b'{"url": "https://example.com/talk.mp4", "title": "A talk about money", "language": "en"}'
_LEAST_SHARE = 0.6
_P99_AT_MOST = 5.0
_UP_S = 60.0


@dataclass(frozen=True)
class Server:
    """One API under load."""

    port: int
    pid: int
    key: str = ""

    def cpu_s(self) -> float:
        """What it has used so far."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def call(self, method: str, path: str, body: bytes | None = None) -> dict[str, object]:
        """One request by hand."""
        headers = {"x-api-key": self.key, "content-type": "application/json"}
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            said: dict[str, object] = json.loads(answer.read())
        return said


@dataclass
class Series:
    """Bursts on one server."""

    heard: list[Heard]
    cpu_ms: list[float]

    def median(self, of: Callable[[Heard], float]) -> float:
        return statistics.median(of(one) for one in self.heard)


def measure(folder: Path) -> list[Figure]:
    """Requests a second, CPU a request and the 99th percentile, ours and bare, creating and reading."""
    with ExitStack() as stack:
        ours = stack.enter_context(service(folder / "ours", "api"))
        bare = stack.enter_context(_bare(folder / "bare"))
        figures = _compare("POST /videos", ours, bare, _POSTS, lambda _: _post)
        figures += _compare("GET /videos/{id}", ours, bare, _READS, _reader)
        figures += _compare("GET /pipeline/status/{id}", ours, bare, _READS // 2, _asker)
        # After the first, which left enough for a whole page. No aim: only told.
        listed = _compare("GET /videos, fifty", ours, bare, _LISTS, lambda _: _list)
        return figures + [replace(figure, aim=None) for figure in listed]


def _post(server: Server) -> bytes:
    return http_request("POST", "/api/v1/videos", _BODY, server.key)


def _list(server: Server) -> bytes:
    return http_request("GET", "/api/v1/videos", key=server.key)


def _reader(server: Server) -> Callable[[Server], bytes]:
    made = server.call("POST", "/api/v1/videos", _BODY)
    return lambda one: http_request("GET", f"/api/v1/videos/{made['id']}", key=one.key)


def _asker(server: Server) -> Callable[[Server], bytes]:
    """How a run stands; the bare side, which knows none, reads its one row."""
    if not server.key:
        return _reader(server)
    made = server.call("POST", "/api/v1/videos", _BODY)
    body = json.dumps({"video_id": made["id"]}).encode()
    run = server.call("POST", "/api/v1/pipeline/start", body)
    return lambda one: http_request("GET", f"/api/v1/pipeline/status/{run['id']}", key=one.key)


def _compare(
    name: str,
    ours: Server,
    bare: Server,
    count: int,
    request: Callable[[Server], Callable[[Server], bytes]],
) -> list[Figure]:
    found: list[Series] = []
    requests = [request(server)(server) for server in (ours, bare)]
    series = [Series([], []), Series([], [])]
    for run in range(_RUNS + 1):
        # In turn, and the first unheard: what else the machine does strikes both alike.
        for one, server, words in zip(series, (ours, bare), requests, strict=True):
            before_s = server.cpu_s()
            heard = burst(server.port, words, connections=_CONNECTIONS, count=count)
            assert set(heard.statuses) <= {"200", "201"}, heard.statuses
            if run:
                one.heard.append(heard)
                one.cpu_ms.append((server.cpu_s() - before_s) * 1000 / count)
    found += series
    return _figures(name, *found)


def _figures(name: str, ours: Series, bare: Series) -> list[Figure]:
    per_s = [one.median(lambda heard: heard.per_s) for one in (ours, bare)]
    p99_ms = [one.median(lambda heard: heard.p99_ms) for one in (ours, bare)]
    cpu_ms = [statistics.median(one.cpu_ms) for one in (ours, bare)]
    # In turn: each of ours beside the bare one that followed it.
    pairs = zip(bare.heard, ours.heard, strict=True)
    share = statistics.median(b.per_s / o.per_s for b, o in pairs)
    return [
        Figure(f"{name}, ours", per_s[0], "/s"),
        Figure(f"{name}, bare framework", per_s[1], "/s"),
        Figure(f"{name}, bare / ours", share, "x", 1 / _LEAST_SHARE),
        Figure(f"{name}, CPU of ours", cpu_ms[0], "ms"),
        Figure(f"{name}, CPU of bare", cpu_ms[1], "ms"),
        Figure(f"{name}, CPU ours / bare", cpu_ms[0] / cpu_ms[1], "x"),
        Figure(f"{name}, p99 of ours", p99_ms[0], "ms"),
        Figure(f"{name}, p99 ours / bare", p99_ms[0] / p99_ms[1], "x", _P99_AT_MOST),
    ]


@contextmanager
def service(folder: Path, command: str) -> Iterator[Server]:
    """`goviral api` or `goviral serve` on SQLite, as a process; its log goes to a file."""
    folder.mkdir()
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env |= {
        "GOVIRAL_ENV": "dev",
        "GOVIRAL_DATA_DIR": str(folder / "data"),
        "GOVIRAL_OFFLINE": "1",
        # Counted as ever, but not refused.
        "LIMIT_REQUESTS_PER_MINUTE": "100000000",
        "LIMIT_ADDRESS_REQUESTS_PER_MINUTE": "100000000",
    }
    _tables(f"sqlite:///{folder / 'data' / 'goviral.db'}")
    goviral = str(Path(sys.executable).with_name("goviral"))
    with _listening([goviral, command, "--port", "0"], env, folder) as (port, pid):
        yield Server(port, pid, "dev-key")


@contextmanager
def _bare(folder: Path) -> Iterator[Server]:
    folder.mkdir()
    url = f"sqlite:///{folder / 'bare.db'}"
    _tables(url)
    port = _free_port()
    command = [sys.executable, "-m", "bench.api_bare", url, str(port)]
    with _running(command, dict(os.environ), folder) as child:
        _wait_for(port)
        yield Server(port, child.pid)


def _tables(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()


@contextmanager
def _listening(command: list[str], env: dict[str, str], folder: Path) -> Iterator[tuple[int, int]]:
    with _running(command, env, folder) as child:
        until = time.monotonic() + _UP_S
        while "listens on" not in (said := (folder / "out").read_text(encoding="utf-8")):
            assert time.monotonic() < until, (folder / "log").read_text(encoding="utf-8")[-2000:]
            assert child.poll() is None, (folder / "log").read_text(encoding="utf-8")[-2000:]
            time.sleep(0.05)
        port = int(said.partition("listens on")[2].split()[0].rpartition(":")[2])
        _wait_for(port)
        yield port, child.pid


@contextmanager
def _running(
    command: list[str], env: dict[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "out").open("wb") as out, (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=out, stderr=log, env=env)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    import socket

    until = time.monotonic() + _UP_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
            continue
        return
    raise AssertionError("the server does not come up")
