"""Whether what this process stands on answers: database, Redis, storage. Bounded, whatever hangs."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, ClipState, Video
from goviral.kit.errors import AppError
from goviral.kit.jobs.models import Job, JobState

CHECK_S = 2.0
_FRESH_S = 1.0
_PROBE_KEY = "health/probe"
_LEAST_FREE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checked:
    """One answer. `detail` is for people, and holds no secret."""

    ok: bool
    took_ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. Numbers are None where the database does not answer."""

    checks: Mapping[str, Checked]
    queue_length: int | None = None
    oldest_waiting_s: float | None = None
    jobs: Mapping[tuple[str, str], int] | None = None
    videos: int | None = None
    clips: int | None = None

    @property
    def ok(self) -> bool:
        """Everything answers."""
        return all(checked.ok for checked in self.checks.values())


@dataclass(frozen=True, slots=True)
class _Numbers:
    jobs: Mapping[tuple[str, str], int]
    oldest_waiting_s: float
    videos: int
    clips: int

    @property
    def queue_length(self) -> int:
        return sum(count for (_, state), count in self.jobs.items() if state == JobState.QUEUED)


class HealthChecks:
    """Looks at most once a second, however often it is asked; a check that hangs is not begun again."""

    def __init__(self, services: Services, *, check_s: float = CHECK_S) -> None:
        self.services = services
        self._check_s = check_s
        self._pool = ThreadPoolExecutor(4, "health")
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[object]] = {}
        self._last: tuple[float, Health] | None = None

    def look(self) -> Health:
        """The health now, after at most `check_s` seconds and a little."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > _FRESH_S:
                self._last = time.monotonic(), self._look()
            return self._last[1]

    def _look(self) -> Health:
        started_s = time.monotonic()
        calls: dict[str, Callable[[], object]] = {
            "database": self._numbers,
            "redis": self._redis,
            "storage": self._storage,
        }
        begun = {name: self._begin(name, call) for name, call in calls.items()}
        wait(begun.values(), self._check_s)
        took_ms = (time.monotonic() - started_s) * 1000
        checks = {name: _checked(future, took_ms) for name, future in begun.items()}
        if not checks["database"].ok:
            return Health(checks)
        numbers = begun["database"].result()
        assert isinstance(numbers, _Numbers)
        return Health(
            checks,
            numbers.queue_length,
            numbers.oldest_waiting_s,
            numbers.jobs,
            numbers.videos,
            numbers.clips,
        )

    def _begin(self, name: str, call: Callable[[], object]) -> Future[object]:
        last = self._under_way.get(name)
        if last is not None and not last.done():
            return last
        self._under_way[name] = self._pool.submit(call)
        return self._under_way[name]

    def _numbers(self) -> _Numbers:
        waiting = (Job.state == JobState.QUEUED, Job.run_at <= self.services.clock())
        by_state = select(Job.queue, Job.state, func.count()).group_by(Job.queue, Job.state)
        with self.services.database.reading() as session:
            jobs = {(queue, state): count for queue, state, count in session.execute(by_state)}
            oldest = session.scalar(select(func.min(Job.run_at)).where(*waiting))
            videos = session.scalar(select(func.count()).select_from(Video)) or 0
            ready = Clip.state == ClipState.READY
            clips = session.scalar(select(func.count()).select_from(Clip).where(ready)) or 0
        late_s = (self.services.clock() - oldest).total_seconds() if oldest else 0.0
        return _Numbers(jobs, max(0.0, late_s), videos, clips)

    def _redis(self) -> str:
        url = self.services.settings.jobs.redis_url
        if not url:
            return "not configured"
        import redis  # noqa: PLC0415  only where many machines are configured

        try:
            with redis.Redis.from_url(
                url, socket_timeout=self._check_s, socket_connect_timeout=self._check_s
            ) as client:
                client.ping()
        except (redis.RedisError, OSError) as error:
            raise _UnwellError(type(error).__name__) from error
        return ""

    def _storage(self) -> str:
        folder = self.services.settings.server.data_dir
        self.services.store.stat(_PROBE_KEY)
        if self.services.store.name != "local":
            return ""
        if folder.exists():
            if not os.access(folder, os.W_OK):
                raise _UnwellError("the data folder may not be written to")
            if shutil.disk_usage(folder).free < _LEAST_FREE_BYTES:
                raise _UnwellError("the disk is full")
        return ""


class _UnwellError(Exception):
    """A check that did not succeed, in words for people."""


def _checked(future: "Future[object]", took_ms: float) -> Checked:
    if not future.done():
        return Checked(False, round(took_ms, 1), "no answer in time")
    try:
        found = future.result()
    except _UnwellError as error:
        return Checked(False, round(took_ms, 1), str(error))
    except (SQLAlchemyError, AppError, OSError) as error:
        # The kind of error only: messages of drivers name hosts and users.
        return Checked(False, round(took_ms, 1), type(error).__name__)
    return Checked(True, round(took_ms, 1), found if isinstance(found, str) else "")
