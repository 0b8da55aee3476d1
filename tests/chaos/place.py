"""The service as processes that can be killed, with the servers and the disk it stands on."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

import goviral
from chaos.child import OBSERVER_PORT, STEPS
from ports import free_port
from servers import Postgres, postgres_server, redis_server

_TESTS = Path(__file__).parents[1]
_DISK_MB = 192
_UP_S = 180.0
_LONGEST_FULL_S = 120.0
_FULL_DISK_WAIT_S = 1.0
"""Ours is full for a few seconds, others' for hours."""


class Child:
    """One process of the service: killed with all its children, started again the same way."""

    def __init__(self, kind: str, port: int, env: dict[str, str], log: Path) -> None:
        self.kind = kind
        self._command = [sys.executable, "-m", "chaos.child", kind, str(port)]
        self._env = env
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.is_up:
            return
        self.kill()  # what a dead parent left of its pool
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=_TESTS,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def group(self) -> int:
        """Its process group; 0 where it never ran."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL the whole group: nobody gets a word."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            return
        # Its number may be another's by now: only those of the group that are ours.
        for pid in _left_of(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_one(self, chance: float) -> bool:
        """SIGKILL one process of its pool, or itself where it has none."""
        if self._process is None or self._process.poll() is not None:
            return False
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._process.pid)],
            check=False,
            capture_output=True,
            text=True,
        )
        pids = [int(word) for word in listed.stdout.split()] or [self._process.pid]
        with suppress(ProcessLookupError):
            os.kill(pids[int(chance * len(pids))], signal.SIGKILL)
        return True

    def limit_files(self, size: int) -> None:
        """No file may grow beyond `size` bytes: the disk of a machine where we may not mount one."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                limits = (size, resource.RLIM_INFINITY)
                resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, limits)


class Place:
    """`many`: PostgreSQL, Redis and Celery; else SQLite and embedded workers. Both as processes."""

    def __init__(
        self,
        folder: Path,
        env: dict[str, str],
        *,
        port: int,
        mounted: bool,
        postgres: "Cluster | None" = None,
        redis_url: str = "",
        workers: int = 2,
    ) -> None:
        self.folder = folder
        self.env = env
        self.port = port
        self.mounted = mounted
        self.postgres = postgres
        self.redis_url = redis_url
        kinds = ["api", *["worker"] * workers, "scheduler", "relay"]
        self.children = [Child(kind, port, env, folder / f"{kind}.log") for kind in kinds]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def of(self, kind: str) -> list[Child]:
        return [child for child in self.children if child.kind == kind]

    def start(self) -> None:
        for child in self.children:
            child.start()
        self.until_up()

    def until_up(self) -> None:
        """The API answers."""
        until = time.monotonic() + _UP_S
        while self.call("GET", "/api/v1")[0] != 200:
            assert time.monotonic() < until, (self.folder / "api.log").read_text()[-3000:]
            for child in self.children:
                child.start()
            time.sleep(0.1)

    def stop(self) -> None:
        for child in self.children:
            child.kill()

    def call(
        self, method: str, path: str, body: object = None, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """What the API says; (0, {}) where nobody answers."""
        headers = {"x-api-key": "dev-key", "content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}
        except (OSError, ValueError, urllib.error.URLError):
            return 0, {}
        except Exception as error:  # a server killed in the middle of a line of its answer
            if "http.client" not in type(error).__module__:
                raise
            return 0, {}

    def flush_redis(self) -> None:
        with suppress(RedisError), Redis.from_url(self.redis_url) as redis:
            redis.flushall()

    def fill_disk(self, for_s: float, met: Callable[[], bool] = lambda: True) -> None:
        """Nothing can be written to the data folder for a while (SQLite lies there too).

        That is `for_s`, and until it `met` somebody, at most two minutes.
        """
        began_s = time.monotonic()
        if not self.mounted:
            for child in self.of("worker"):
                child.limit_files(0)
            while not _is_over(began_s, for_s, met):
                time.sleep(0.02)
            for child in self.of("worker"):
                child.limit_files(resource.RLIM_INFINITY)
            return
        filler = self.data / "filler"
        with filler.open("wb", buffering=0) as stream:
            while not _is_over(began_s, for_s, met):
                try:
                    stream.write(b"\0" * 65_536)
                except OSError:
                    time.sleep(0.02)
        filler.unlink()


def _is_over(began_s: float, for_s: float, met: Callable[[], bool]) -> bool:
    been_s = time.monotonic() - began_s
    return been_s > _LONGEST_FULL_S or (been_s > for_s and met())


class Cluster:
    """A PostgreSQL that can be stopped and started on the same rows."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._port = free_port()
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> Postgres:
        return self._stack.enter_context(postgres_server(self._programs, self._folder, self._port))

    def stop(self) -> None:
        self._stack.close()

    def restart(self, away_s: float) -> None:
        with self._lock:
            self.stop()
            time.sleep(away_s)
            self.start()


@contextmanager
def standing(
    observer_port: int,
    *,
    lease_s: float,
    steps: int,
    programs: Path | None = None,
    redis_program: str | None = None,
) -> Iterator[Place]:
    """A place where nothing runs yet. `programs` and `redis_program`: the one of many machines."""
    many = programs is not None and redis_program is not None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goviral-chaos-")))
        folder.chmod(0o755)
        (folder / "data").mkdir()
        mounted = _mount(folder / "data")
        if mounted:
            stack.callback(_unmount, folder / "data")
        cluster, redis_url = None, ""
        if programs is not None and redis_program is not None:
            (folder / "postgres").mkdir()
            cluster = Cluster(programs, folder / "postgres")
            stack.callback(cluster.stop)
            redis_url = stack.enter_context(redis_server(redis_program))
        env = _environment(folder, cluster.url if cluster else "", redis_url)
        env |= {
            "JOBS_LEASE_S": str(lease_s),
            "JOBS_FULL_DISK_WAIT_S": str(_FULL_DISK_WAIT_S),
            OBSERVER_PORT: str(observer_port),
            STEPS: str(steps),
            "JOBS_BACKEND": "celery" if many else "embedded",
        }
        place = Place(
            folder, env, port=free_port(), mounted=mounted, postgres=cluster, redis_url=redis_url
        )
        stack.callback(place.stop)
        yield place


def _environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {
        # The package this process has, wherever it is installed.
        "PYTHONPATH": os.pathsep.join([str(_TESTS), str(Path(goviral.__file__).parents[1])]),
        "GOVIRAL_ENV": "dev",
        "GOVIRAL_OFFLINE": "1",
        "GOVIRAL_DATA_DIR": str(folder / "data"),
        "GOVIRAL_LOG_LEVEL": "WARNING",
        "JWT_SECRET": "chaos" * 10,
        "LIMIT_REQUESTS_PER_MINUTE": "0",
        "LIMIT_ADDRESS_REQUESTS_PER_MINUTE": "0",
    }
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return kept | own | {name: value for name, value in given.items() if value}


def _left_of(group: int) -> list[int]:
    """Processes of a group whose leader is dead: a pool outlives its parent for a moment."""
    command = ["ps", "-eo", "pid=,pgid=,args="]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split(None, 2) for line in listed.splitlines()]
    return [int(one[0]) for one in lines if int(one[1]) == group and "chaos.child" in one[-1]]


def _mount(folder: Path) -> bool:
    """A small disk of its own, where we may have one."""
    if os.getuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "goviral-chaos", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
