"""Real servers for tests, on loopback, as children that do not outlive the test run.

PostgreSQL and Redis come from Debian: where they are missing and we are root they are installed, else the
tests that need them are skipped and say so. `GOVIRAL_TEST_SERVERS=require` (CI) makes that a failure,
`=off` leaves them out. The fixtures are known in every test (`tests/conftest.py`).
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from redis import Redis

from goviral.kit.db import migrate
from goviral.kit.db.database import Database
from goviral.kit.server_settings import DatabaseSettings, JobSettings, StorageSettings
from goviral.kit.settings import Settings
from kit.storage.buckets import BUCKET, gcs_server, s3_server
from ports import free_port

_WANTED = os.environ.get("GOVIRAL_TEST_SERVERS", "")
SIZE = os.environ.get("GOVIRAL_TEST_SIZE", "one")
_START_S = 120.0
_INSTALL_S = 300
P = TypeVar("P")


class Postgres:
    """A running cluster: fsync off, everybody is trusted, gone afterwards."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._made = 0

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self) -> str:
        """The address of a new empty database."""
        self._made += 1
        name = f"test_{self._made}"
        self._run(f'create database "{name}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is connected."""
        self._run(f'drop database if exists "{url.rsplit("/", 1)[1]}" with (force)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def size() -> str:
    """What the service of this run stands on: one machine or many. Who asks for it is run on both."""
    return SIZE


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run on many machines leaves out what would run as it did on one."""
    if SIZE == "one":
        return
    left, alike = [], []
    for item in items:
        (left if "size" in getattr(item, "fixturenames", ()) else alike).append(item)
    config.hook.pytest_deselected(items=alike)
    items[:] = left


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster a test run (and xdist worker)."""
    programs = postgres_programs() or _installed("postgresql", postgres_programs)
    with _folder() as folder, postgres_server(programs, folder) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of the test's own."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def pooled_postgres_url(postgres: Postgres, postgres_url: str) -> Iterator[str]:
    """The same empty database behind PgBouncer, which hands two connections round, a transaction at a time."""
    find = lambda: shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")  # noqa: E731
    program = find() or _installed("pgbouncer", find)
    with _folder() as folder:
        port = free_port()
        (folder / "pool.ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={postgres.port} user=postgres\n"
            f"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n"
            "auth_type=any\npool_mode=transaction\ndefault_pool_size=2\n"
        )
        folder.chmod(0o755)
        # It refuses to run as root, as PostgreSQL does.
        become = ["--user=postgres"] if os.getuid() == 0 else []
        with running([program, *become, folder / "pool.ini"], port, folder / "log"):
            yield postgres_url.replace(f":{postgres.port}/", f":{port}/")


@pytest.fixture(scope="session")
def postgres_with_tables(postgres: Postgres) -> tuple[str, frozenset[str]]:
    """One database with every table, and the names of its tables."""
    url = postgres.create()
    _migrate(url)
    with psycopg.connect(url) as connection:
        return url, _tables(connection)


@pytest.fixture
def migrated_postgres_url(postgres_with_tables: tuple[str, frozenset[str]]) -> str:
    """A database with every table and no row. Emptied, not made: that is 0.1 s instead of 0.7 s."""
    return _emptied(postgres_with_tables)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def migrated_sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database of the test's own with every table."""
    shutil.copy(sqlite_template, tmp_path / "migrated.db")
    return f"sqlite:///{tmp_path / 'migrated.db'}"


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """One Redis a test run (and xdist worker)."""
    program = shutil.which("redis-server") or _installed(
        "redis-server", lambda: shutil.which("redis-server")
    )
    with redis_server(program) as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """An empty Redis."""
    return _flushed(redis_server_url)


@pytest.fixture(scope="session")
def s3_server_url() -> Iterator[str]:
    """An S3 server with the bucket `kit.storage.buckets.BUCKET`."""
    with s3_server() as url:
        yield url


@pytest.fixture(scope="session")
def gcs_server_url() -> Iterator[str]:
    """A Google Cloud Storage emulator with the bucket `kit.storage.buckets.BUCKET`."""
    with gcs_server() as url:
        yield url


@contextmanager
def postgres_server(programs: Path, folder: Path, port: int = 0) -> Iterator[Postgres]:
    """A new cluster in `folder`, run by `programs`; started again on the same folder it keeps its rows."""
    port = port or free_port()
    # PostgreSQL refuses to run as root; Debian's package brings the user.
    become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    command = become if os.getuid() == 0 else []
    cluster = folder / "cluster"
    if not cluster.exists():
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        init: list[str | Path] = [
            programs / "initdb",
            "-D",
            cluster,
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
        ]
        init += ["--no-sync", "--locale=C.UTF-8"]
        subprocess.run([*command, *init], check=True, capture_output=True)
    tuned = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
    serve: list[str | Path] = [programs / "postgres", "-D", cluster, "-p", str(port), "-k", folder]
    serve += [word for value in ("listen_addresses=127.0.0.1", *tuned) for word in ("-c", value)]
    with running([*command, *serve], port, folder / "log", stop=signal.SIGINT):
        server = Postgres(port)
        _wait_until(lambda: _answers(server))
        yield server


@contextmanager
def redis_server(program: str | Path, port: int = 0) -> Iterator[str]:
    """The address of a new Redis that keeps nothing on disk."""
    port = port or free_port()
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with _folder() as folder, running([*command, "--dir", folder], port, folder / "log"):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def running(
    command: list[str | Path], port: int, log: Path, *, stop: int = signal.SIGTERM
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the block ends; it listens on `port` when the block begins."""
    # The kernel ends it when we are killed before we can.
    tied = ["setpriv", f"--pdeathsig={signal.Signals(stop).name[3:]}"]
    words = [str(word) for word in command]
    if shutil.which("setpriv"):
        words = [*tied, *words] if words[0] != "setpriv" else [*tied, *words[1:]]
    with log.open("wb") as stream:
        child = subprocess.Popen(words, stdout=stream, stderr=stream)
    try:
        _wait_until(lambda: _listens(port, child, log))
        yield child
    finally:
        child.send_signal(stop)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def many_machines(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """`settings` on PostgreSQL, Redis, Celery and S3, empty; for a test, or for a module of tests."""
    redis_url = _flushed(request.getfixturevalue("redis_server_url"))
    jobs = {**settings.jobs.model_dump(), "backend": "celery", "redis_url": redis_url}
    return settings.model_copy(
        update={
            "database": DatabaseSettings(
                url=_emptied(request.getfixturevalue("postgres_with_tables"))
            ),
            "jobs": JobSettings.model_validate(jobs),
            "storage": store_settings(request, "s3"),
        }
    )


def _emptied(postgres_with_tables: tuple[str, frozenset[str]]) -> str:
    url, tables = postgres_with_tables
    _empty(url, tables)
    return url


def _flushed(redis_server_url: str) -> str:
    with Redis.from_url(redis_server_url) as redis:
        redis.flushall()
    return redis_server_url


def store_settings(request: pytest.FixtureRequest, backend: str) -> StorageSettings:
    """A folder, or a bucket on a server that is started for it."""
    chosen = {"backend": backend}
    if backend == "s3":
        chosen |= {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": request.getfixturevalue("s3_server_url"),
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
    if backend == "gcs":
        url = request.getfixturevalue("gcs_server_url")
        chosen |= {"GCS_BUCKET": BUCKET, "STORAGE_EMULATOR_HOST": url}
    return StorageSettings.model_validate(chosen)


def _migrate(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()


def _empty(url: str, tables: frozenset[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        # No triggers: foreign keys then do not ask for an order.
        connection.execute("set session_replication_role = replica; set lock_timeout = '20s'")
        there = _tables(connection)
        statements = [f"delete from {name}" for name in there & tables - {"alembic_version"}]
        # What a test added to the models for itself.
        statements += [f"drop table {name} cascade" for name in there - tables]
        connection.execute("; ".join(statements).encode())


def _tables(connection: "psycopg.Connection[tuple[str]]") -> frozenset[str]:
    every = "select quote_ident(tablename) from pg_tables where schemaname = 'public'"
    return frozenset(row[0] for row in connection.execute(every))


def _listens(port: int, child: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert child.poll() is None, log.read_text(errors="replace")
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _answers(server: Postgres) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(server.url("postgres")):
        return True
    return False


def _wait_until(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + _START_S
    while not ready():
        assert time.monotonic() < until, "a server does not come up"
        time.sleep(0.02)


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).parent if on_path else None


def _installed(package: str, find: Callable[[], P | None]) -> P:
    """What `find` finds once the package is there; skips where it cannot be."""
    why = _install(package)
    found = find() if not why else None
    if found is None:
        refuse = pytest.fail if _WANTED == "require" else pytest.skip
        refuse(f"{package} is not installed and {why or 'its package lacks the program'}")
    return found


def _install(package: str) -> str:
    if _WANTED == "off":
        return "GOVIRAL_TEST_SERVERS=off"
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return "only root may install it here (apt-get)"
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=200"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", package]):
        done = subprocess.run(
            words, check=False, capture_output=True, env=quiet, timeout=_INSTALL_S
        )
        if done.returncode != 0:
            return f"apt-get failed: {done.stderr.decode(errors='replace')[-300:]}"
    return ""


@contextmanager
def _folder() -> Iterator[Path]:
    # Not pytest's: its folders may only be entered by root, and PostgreSQL runs as somebody else.
    with tempfile.TemporaryDirectory(prefix="goviral-server-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
