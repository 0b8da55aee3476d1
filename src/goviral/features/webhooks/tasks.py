"""The background work of webhooks and events, for the composition root."""

from datetime import timedelta

from sqlalchemy import delete

from goviral.features.accounts.services import Services
from goviral.features.webhooks.deliveries import deliver_task
from goviral.features.webhooks.models import Completion, Delivery, DeliveryState
from goviral.kit.events.outbox import purge
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry, Task

FORGET_TASK = "webhooks.forget"
FORGET_CRON = "43 3 * * *"


def register_tasks(registry: Registry) -> None:
    """Make the jobs known."""
    registry.register(deliver_task())
    registry.register(Task(FORGET_TASK, _forget))


def add_to_schedule(schedule: Schedule) -> None:
    """What runs at fixed times."""
    schedule.add(FORGET_TASK, FORGET_CRON, FORGET_TASK)


def _forget(context: JobContext, _payload: Payload) -> Payload:
    """Delete what is older than the operator keeps: deliveries, completions, relayed events."""
    services: Services = context.services
    before = services.clock() - timedelta(days=services.settings.delivery.keep_days)
    with context.database.transaction() as session:
        done = (Delivery.created_at < before, Delivery.state != DeliveryState.PENDING)
        session.execute(delete(Delivery).where(*done))
        session.execute(delete(Completion).where(Completion.received_at < before))
        return {"events": purge(session, before)}
