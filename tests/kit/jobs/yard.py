"""A place where jobs run: one queue of one kind, and workers of that kind as processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from redis import Redis
from sqlalchemy import update

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job, JobState, Payload
from goviral.kit.jobs.queues import make_queue
from goviral.kit.jobs.queues.celery import CeleryQueue
from goviral.kit.server_settings import JobSettings
from kit.jobs.watched import Watched

_TESTS = Path(__file__).parents[2]
WAIT_S = 120.0
"""Only what hangs for ever is as late: machines of CI stall for seconds."""
T = TypeVar("T")


def wait_for(true: Callable[[], T], within_s: float = WAIT_S) -> T:
    """What `true` says as soon as it is true."""
    until = time.monotonic() + within_s
    while not (said := true()):
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.02)
    return said


class Yard:
    """A queue, what its jobs did, and workers when they are wanted."""

    def __init__(self, kind: str, url: str, folder: Path, redis_url: str, lease_s: float) -> None:
        self.kind = kind
        self.lease_s = lease_s
        self.redis_url = redis_url
        self.database = Database(url)
        Base.metadata.create_all(self.database.engine)
        self.watched = Watched(folder)
        self.ledger = Ledger(lease_s=lease_s)
        settings = JobSettings.model_validate({"backend": kind, "REDIS_URL": redis_url})
        self.queue = make_queue(settings, self.database, self.watched.registry, self.ledger)
        self._log = folder / "log"

    def enqueue(self, name: str, payload: Payload | None = None, **options: Any) -> str:
        """The id of a new job that is committed."""
        options = {"owner_id": "ann", **options}
        with self.database.transaction() as session:
            return self.queue.enqueue(session, name, payload or {}, **options).id

    def job(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return session.get_one(Job, job_id)

    def until(self, job_id: str, *states: str, within_s: float = WAIT_S) -> Job:
        """The job as soon as it is in one of `states`."""
        wait_for(lambda: self.job(job_id).state in states, within_s)
        return self.job(job_id)

    def calls(self, job_id: str) -> int:
        return len(self.watched.calls(job_id))

    def end_lease(self, job_id: str) -> None:
        """As if the lease of a running job had ended while its worker was dead or frozen."""
        held = update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING)
        with self.database.transaction() as session:
            session.execute(held.values(lease_until=self.ledger.clock()))

    def end_lease_of_the_dead(self, job_id: str) -> None:
        """As `end_lease`, once the process that made the job's last call is gone."""
        job, calls = self.job(job_id), self.watched.calls(job_id)
        if calls and calls[-1]["try"] == job.attempts and not _is_alive(calls[-1]["pid"]):
            self.end_lease(job_id)

    def forget_messages(self) -> None:
        """As if Redis had lost all it knew; workers of one machine know nothing but rows."""
        if self.kind == "celery":
            with Redis.from_url(self.redis_url) as redis:
                redis.flushall()

    @contextmanager
    def worker(self, *, grace_s: float = 5.0, **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
        """A worker process until the block ends, killed then; it may be signalled before."""
        options = {
            "database": self.database.url.render_as_string(hide_password=False),
            "folder": str(self.watched.folder),
            "redis": self.redis_url,
            "lease_s": self.lease_s,
            "grace_s": grace_s,
            **more,
        }
        command = [sys.executable, "-m", "kit.jobs.worker_process", self.kind, json.dumps(options)]
        with self._log.open("ab") as log:
            child = subprocess.Popen(
                command, cwd=_TESTS, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield child
        finally:
            kill(child)

    def close(self) -> None:
        self.database.close()
        if isinstance(self.queue, CeleryQueue):
            self.queue.close()


def kill(child: "subprocess.Popen[bytes]") -> None:
    """End a worker and all its processes without a word."""
    if child.poll() is None:
        signal_group(child, signal.SIGKILL)
    child.wait()


def signal_group(child: "subprocess.Popen[bytes]", number: int) -> None:
    os.killpg(child.pid, number)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
