"""Workers for the queue the settings chose: what entrypoints start."""

from collections.abc import Callable, Sequence
from typing import Any

from goviral.kit.errors import DependencyError
from goviral.kit.jobs.embedded_worker import EmbeddedWorker
from goviral.kit.jobs.patience import FULL_DISK_WAIT_S
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.queues.rows import RowQueue
from goviral.kit.jobs.runner import FINISH_WAITS_S, Around, Runner, nothing_around
from goviral.kit.jobs.sweeper import Sweeper
from goviral.kit.server_settings import JobSettings


def make_runner(
    queue: Queue,
    *,
    services: Any = None,
    around: Around = nothing_around,
    draining: Callable[[], bool] = lambda: False,
    full_disk_wait_s: float = FULL_DISK_WAIT_S,
    finish_waits_s: Sequence[float] = FINISH_WAITS_S,
) -> Runner:
    """A runner of the jobs of `queue`, with the tasks and the database the queue knows."""
    rows = _rows(queue)
    return Runner(
        rows.database,
        rows.registry,
        queue,
        rows.ledger,
        services=services,
        around=around,
        draining=draining,
        full_disk_wait_s=full_disk_wait_s,
        finish_waits_s=finish_waits_s,
    )


def make_sweeper(queue: Queue) -> Sweeper:
    """Finds what `queue` lost; the scheduler runs it beside the workers."""
    rows = _rows(queue)
    return Sweeper(rows.database, queue, rows.ledger)


def make_embedded_worker(
    settings: JobSettings,
    queue: Queue,
    *,
    services: Any = None,
    around: Around = nothing_around,
) -> EmbeddedWorker:
    """Threads for the queues of the settings. Raises `DependencyError` where Celery was chosen."""
    if not isinstance(queue, EmbeddedQueue):
        raise DependencyError("Jobs of this queue run in Celery.", remedy="Start `goviral worker`.")
    runner = make_runner(
        queue, services=services, around=around, full_disk_wait_s=settings.full_disk_wait_s
    )
    return EmbeddedWorker(runner, queue.bell, make_sweeper(queue), concurrency=settings.concurrency)


def _rows(queue: Queue) -> RowQueue:
    assert isinstance(queue, RowQueue), "a queue without rows has no worker of ours"
    return queue
