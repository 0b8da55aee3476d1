"""What runs beside the API in one process: worker, scheduler, relay, each a thread that stops when asked."""

import threading
from collections.abc import Callable
from typing import Protocol

from typing_extensions import override

from goviral.entrypoints.api.services import build_relay, build_schedule
from goviral.entrypoints.running.around import around_job
from goviral.features.accounts.services import Services
from goviral.kit.jobs.embedded_worker import EmbeddedWorker
from goviral.kit.jobs.schedule import Scheduler
from goviral.kit.jobs.workers import make_embedded_worker

_LAST_WORD_S = 5.0


class Part(Protocol):
    """Something that runs until it is told to stop. `stop` may be called from any thread, once."""

    name: str

    def start(self) -> None:
        """Begin; returns at once."""
        ...

    def stop(self) -> None:
        """End what is begun, and wait for it."""
        ...


class WorkerPart(Part):
    """The embedded worker: its jobs finish within the grace, or go back."""

    name = "worker"

    def __init__(self, services: Services) -> None:
        jobs = services.settings.jobs
        self._grace_s = jobs.grace_s
        self._worker: EmbeddedWorker = make_embedded_worker(
            jobs, services.queue, services=services, around=around_job
        )

    @override
    def start(self) -> None:
        self._worker.start()

    @override
    def stop(self) -> None:
        self._worker.stop(self._grace_s)


class ThreadPart(Part):
    """A loop that ends soon after its event is set."""

    def __init__(self, name: str, run: Callable[[threading.Event], None]) -> None:
        self.name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=run, args=(self._over,), name=name, daemon=True)

    @override
    def start(self) -> None:
        self._thread.start()

    @override
    def stop(self) -> None:
        self._over.set()
        self._thread.join(_LAST_WORD_S)


def scheduler_part(services: Services) -> Part:
    """Makes the jobs of the schedule."""
    scheduler = Scheduler(services.database, services.queue, build_schedule(), clock=services.clock)
    return ThreadPart("scheduler", scheduler.run)


def relay_part(services: Services) -> Part:
    """Hands events to their subscribers."""
    return ThreadPart("relay", build_relay(services).run)


def run_parts(parts: list[Part], stopping: threading.Event) -> None:
    """Start all, wait for `stopping`, end them in the same order."""
    for part in parts:
        part.start()
    stopping.wait()
    for part in parts:
        part.stop()
