"""The queue of many machines: Celery on Redis tells workers that there is a row to run."""

import logging
from collections.abc import Sequence

from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError
from typing_extensions import override

from goviral.kit.db.database import Database
from goviral.kit.jobs.celery_app import CONNECT_TIMEOUT_S, WAKE_TASK, BrokerSettings, make_app
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.queues.rows import RowQueue
from goviral.kit.jobs.task import Registry

log = logging.getLogger(__name__)
_ANSWER_TIMEOUT_S = 5.0


class CeleryQueue(RowQueue):
    """Sends each job's id after its commit. Redis may be away, flushed or slow: the sweeper sends again."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        ledger: Ledger,
        broker: BrokerSettings,
    ) -> None:
        super().__init__(database, registry, ledger)
        self._app = make_app(broker, only_sends=True)
        self._redis = Redis.from_url(
            broker.redis_url,
            socket_timeout=_ANSWER_TIMEOUT_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
        )

    @override
    def send(self, jobs: Sequence[Job]) -> None:
        try:
            for job in jobs:
                self._app.send_task(WAKE_TASK, (job.id,), queue=job.queue, ignore_result=True)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("%d jobs not sent, the sweeper will: %s", len(jobs), error)

    @override
    def messages(self, queue: str) -> int | None:
        try:
            return int(self._redis.llen(queue))
        except RedisError as error:
            log.warning("no answer from Redis: %s", error)
            return None

    def close(self) -> None:
        """Give the connections back."""
        self._app.close()
        self._redis.close()
