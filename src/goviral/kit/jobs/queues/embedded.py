"""The queue of one machine: workers are threads that look into the database and are woken by a bell."""

import threading
from collections.abc import Iterable, Sequence

from typing_extensions import override

from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.queues.rows import RowQueue
from goviral.kit.jobs.task import Registry


class Bell:
    """Wakes the threads that serve a queue. A ring is never lost: each waiter counts what it heard."""

    def __init__(self) -> None:
        self._rings: dict[str, int] = {}
        self._closed = False
        self._change = threading.Condition()

    def ring(self, queues: Iterable[str]) -> None:
        """There may be work in these queues."""
        with self._change:
            for queue in queues:
                self._rings[queue] = self._rings.get(queue, 0) + 1
            self._change.notify_all()

    def heard(self, queue: str) -> int:
        """The count to give to `wait`; taken before looking for work."""
        return self._rings.get(queue, 0)

    def wait(self, queue: str, heard: int) -> None:
        """Return when `queue` was rung after `heard`, or the bell is closed."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._rings.get(queue, 0) != heard)

    def close(self) -> None:
        """Wake everybody for good."""
        with self._change:
            self._closed = True
            self._change.notify_all()


class EmbeddedQueue(RowQueue):
    """Workers in this process hear of new jobs at once; those of other processes by looking."""

    def __init__(self, database: Database, registry: Registry, ledger: Ledger) -> None:
        super().__init__(database, registry, ledger)
        self.bell = Bell()

    @override
    def send(self, jobs: Sequence[Job]) -> None:
        self.bell.ring({job.queue for job in jobs})

    @override
    def messages(self, queue: str) -> int | None:
        return None
