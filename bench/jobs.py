"""Jobs of the embedded queue that do nothing: what the queue itself costs, and whether memory stays."""

import sqlite3
import threading
import time
from pathlib import Path

from bench.figure import Figure
from goviral.kit.db import migrate
from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.task import Registry, Task
from goviral.kit.jobs.workers import make_embedded_worker
from goviral.kit.server_settings import JobSettings

_BARE = 2_000
_WARM = 1_000
_JOBS = 10_000
_BATCH = 100
_MS_A_JOB_AT_MOST = 1000 / 300
_MB_AT_MOST = 8.0


def measure(folder: Path) -> list[Figure]:
    """Bare claim and completion by sqlite3 alone, then the same through the queue, in one run."""
    bare_ms = _bare(folder / "bare.db")
    database = Database(f"sqlite:///{folder / 'jobs.db'}")
    migrate.upgrade(database)
    _run(database, _WARM)
    before_mb, began_cpu_s = _resident_mb(), time.process_time()
    ours_ms = _run(database, _JOBS)
    cpu_ms = (time.process_time() - began_cpu_s) * 1000 / _JOBS
    grown_mb = _resident_mb() - before_mb
    database.close()
    return [
        Figure("job that does nothing, wall", ours_ms, "ms", _MS_A_JOB_AT_MOST),
        Figure("job that does nothing, with its enqueueing, CPU", cpu_ms, "ms"),
        Figure("job / bare claim and completion", ours_ms / bare_ms, "x"),
        Figure("memory grown over 10,000 jobs", grown_mb, "MB", _MB_AT_MOST),
    ]


def _run(database: Database, count: int) -> float:
    """Milliseconds a job from the start of the worker until all are done."""
    done = threading.Semaphore(0)
    task = Task("noop", lambda _context, _payload: done.release())
    queue = EmbeddedQueue(database, Registry(task), Ledger())
    for start in range(0, count, _BATCH):
        with database.transaction() as session:
            for number in range(start, start + _BATCH):
                queue.enqueue(session, "noop", {"number": number}, owner_id="bench")
    settings = JobSettings(
        media_concurrency=0,
        ai_concurrency=0,
        publish_concurrency=0,
        uploads_concurrency=0,
        webhooks_concurrency=0,
    )
    worker = make_embedded_worker(settings, queue)
    began_s = time.perf_counter()
    worker.start()
    for _ in range(count):
        done.acquire()
    took_s = time.perf_counter() - began_s
    worker.stop()
    return took_s * 1000 / count


def _bare(path: Path) -> float:
    """Milliseconds for one claim and one completion, each a transaction, of the same kind of row."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=normal")
    connection.execute(
        "create table jobs (id text primary key, state text, prio int, run_at real, worker text)"
    )
    connection.execute("create index due on jobs (prio, run_at, id) where state = 'queued'")
    connection.execute("begin immediate")
    rows = [(f"job_{number:06}", number) for number in range(_BARE)]
    connection.executemany("insert into jobs values (?, 'queued', 100, ?, null)", rows)
    connection.execute("commit")
    began_s = time.perf_counter()
    for _ in range(_BARE):
        connection.execute("begin immediate")
        claimed = connection.execute(
            "update jobs set state = 'running', worker = 'w' where id = (select id from jobs "
            "where state = 'queued' and run_at <= 1e9 order by prio, run_at, id limit 1) returning *"
        ).fetchone()
        connection.execute("commit")
        connection.execute("begin immediate")
        connection.execute("update jobs set state = 'succeeded' where id = ?", claimed[:1])
        connection.execute("commit")
    took_s = time.perf_counter() - began_s
    connection.close()
    return took_s * 1000 / _BARE


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
