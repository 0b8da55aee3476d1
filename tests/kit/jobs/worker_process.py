"""A worker as a process of its own: `python -m kit.jobs.worker_process KIND JSON`."""

import json
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from goviral.kit.db.database import Database
from goviral.kit.jobs.celery_app import BrokerSettings
from goviral.kit.jobs.celery_worker import Draining, worker_app, worker_arguments
from goviral.kit.jobs.embedded_worker import EmbeddedWorker
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queues.celery import CeleryQueue
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.sweeper import Sweeper
from kit.jobs.watched import Watched


def embedded(options: dict[str, Any]) -> None:
    """Threads on the queue `default`, drained on SIGTERM. `timing` {} in the options: as in earnest."""
    database = Database(options["database"])
    registry = Watched(Path(options["folder"])).registry
    ledger = Ledger(lease_s=options["lease_s"], per_owner=options.get("per_owner"))
    queue = EmbeddedQueue(database, registry, ledger)
    sweeper = Sweeper(database, queue, ledger)
    runner = Runner(database, registry, queue, ledger, stuck_after_s=0.5)
    timing = options.get("timing", {"poll_s": 0.1, "sweep_s": 0.3})
    concurrency = {"default": 2, "media": 1}
    worker = EmbeddedWorker(runner, queue.bell, sweeper, concurrency=concurrency, **timing)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    worker.start()
    over.wait()
    worker.stop(grace_s=options["grace_s"])


def celery(options: dict[str, Any]) -> None:
    """A prefork worker of two on the queues `default` and `media`."""
    broker = BrokerSettings(options["redis"], options.get("visibility_timeout_s", 3600), 1)

    def build(draining: Draining) -> Runner:
        database = Database(options["database"])
        registry = Watched(Path(options["folder"])).registry
        ledger = Ledger(lease_s=options["lease_s"], per_owner=options.get("per_owner"))
        queue = CeleryQueue(database, registry, ledger, broker)
        return Runner(database, registry, queue, ledger, draining=draining, stuck_after_s=0.5)

    grace_s = options["grace_s"]
    timing = options.get("timing", {"sweep_s": 0.5, "resend_after_s": 0.5})
    app = worker_app(broker, build, grace_s=grace_s, **timing)
    pool = options.get("pool", "prefork")
    arguments = worker_arguments(["default", "media"], options.get("processes", 2), pool=pool)
    app.worker_main(arguments)


if __name__ == "__main__":
    logging.basicConfig(level="INFO")
    {"embedded": embedded, "celery": celery}[sys.argv[1]](json.loads(sys.argv[2]))
