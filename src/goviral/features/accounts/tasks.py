"""The background work of accounts, for the composition root."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from goviral.features.accounts.idempotency import forget_answers
from goviral.features.accounts.models import MagicLink
from goviral.features.accounts.repository import Sessions
from goviral.kit.clock import utc_now
from goviral.kit.db.repository import EVERYONE
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry, Task

TIDY_TASK = "accounts.tidy"
TIDY_CRON = "17 3 * * *"
_KEPT = timedelta(days=7)
"""Ended logins and links stay a week, so that one who asks why he is out can be answered."""


def register_tasks(registry: Registry) -> None:
    """Make the jobs of accounts known."""
    registry.register(Task(TIDY_TASK, tidy))


def add_to_schedule(schedule: Schedule) -> None:
    """What runs at fixed times."""
    schedule.add(TIDY_TASK, TIDY_CRON, TIDY_TASK)


def tidy(context: JobContext, _payload: dict[str, Any]) -> None:
    """Delete answers, logins and links nobody needs any more."""
    now = utc_now()
    with context.database.transaction() as session:
        forget_answers(session, now)
        Sessions(session, EVERYONE).forget_older_than(now - _KEPT)
        session.execute(delete(MagicLink).where(MagicLink.expires_at < now - _KEPT))
