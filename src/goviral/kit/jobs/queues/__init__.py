"""The queues there are; the settings choose one."""

from collections.abc import Callable

from goviral.kit.db.database import Database
from goviral.kit.errors import DependencyError
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.queues.embedded import EmbeddedQueue
from goviral.kit.jobs.task import Registry
from goviral.kit.server_settings import JobSettings

MakeQueue = Callable[[JobSettings, Database, Registry, Ledger], Queue]


def _embedded(
    _settings: JobSettings, database: Database, registry: Registry, ledger: Ledger
) -> Queue:
    return EmbeddedQueue(database, registry, ledger)


def _celery(settings: JobSettings, database: Database, registry: Registry, ledger: Ledger) -> Queue:
    # One machine needs no Celery: it is imported only where it is asked for.
    from goviral.kit.jobs.celery_app import broker_of  # noqa: PLC0415
    from goviral.kit.jobs.queues.celery import CeleryQueue  # noqa: PLC0415

    return CeleryQueue(database, registry, ledger, broker_of(settings))


BACKENDS: dict[str, MakeQueue] = {"embedded": _embedded, "celery": _celery}


def make_queue(
    settings: JobSettings, database: Database, registry: Registry, ledger: Ledger
) -> Queue:
    """The queue the settings name. Opens no connection. Raises `DependencyError`."""
    if settings.backend == "celery" and not settings.redis_url:
        raise DependencyError(
            "JOBS_BACKEND is celery, but REDIS_URL is not set.", remedy="Set REDIS_URL."
        )
    return BACKENDS[settings.backend](settings, database, registry, ledger)
