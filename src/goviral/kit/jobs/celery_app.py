"""Celery on Redis: wakes workers, nothing more. What runs, and how often, the job row says.

A message carries a job id for the eye; the worker that gets it claims the most urgent job of that queue.
So priorities hold whatever the broker thinks, and a message that comes twice, late or never does no harm.
"""

from dataclasses import dataclass
from typing import Any

from celery import Celery

from goviral.kit.jobs.models import QUEUES
from goviral.kit.server_settings import JobSettings

WAKE_TASK = "goviral.wake"
CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """`visibility_timeout_s`: when Redis gives a message of a vanished worker to another one.

    It may be shorter than a job: the second worker finds nothing to claim. `restore_interval_s`: how
    often somebody looks for such messages.
    """

    redis_url: str
    visibility_timeout_s: int = 3600
    restore_interval_s: int = 5
    tasks_per_child: int = 100


def broker_of(settings: JobSettings) -> BrokerSettings:
    """What the settings say about the broker."""
    return BrokerSettings(settings.redis_url, settings.visibility_timeout_s)


# Who sends is a request somebody waits for: one more try, then it is the sweeper's.
_GIVE_UP_SOON = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0.1,
    "socket_timeout": 5.0,
}


def make_app(broker: BrokerSettings, *, only_sends: bool = False) -> Celery:
    """The Celery application, for sending alone (`CeleryQueue`) or as the base of a worker."""
    app = Celery("goviral", broker=broker.redis_url, set_as_current=False)
    app.conf.update(
        # The nameless exchange delivers by queue name. Any other keeps its bindings in Redis, and a
        # flushed Redis then swallows messages until every producer has started anew.
        task_queues={name: {"exchange": "", "routing_key": name} for name in QUEUES},
        task_default_queue="default",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=broker.tasks_per_child,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport(broker) | (_GIVE_UP_SOON if only_sends else {}),
        result_backend=None,
    )
    return app


def _transport(broker: BrokerSettings) -> dict[str, Any]:
    # Measured with kombu 5.7: it looks for unacknowledged messages every interval x throttle (10)
    # seconds, so without the last two a vanished worker's message waits 100 s longer.
    return {
        "visibility_timeout": broker.visibility_timeout_s,
        "unacked_restore_interval": broker.restore_interval_s,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": 30.0,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
