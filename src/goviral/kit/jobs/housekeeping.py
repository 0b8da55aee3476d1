"""Jobs that keep the database small: finished jobs are forgotten, months are made and dropped."""

from collections.abc import Mapping
from datetime import timedelta

from goviral.kit.clock import utc_now
from goviral.kit.db.partitions import drop_months, make_months
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry, Task

PRUNE = "jobs.prune"
MONTHS = "database.months"


def register_tasks(
    registry: Registry, *, keep_days: int, keep_months: Mapping[str, int | None]
) -> None:
    """`jobs.prune`: forget what ended more than `keep_days` ago. `database.months`: make the parts to come
    of tables kept by month, drop those of `keep_months` that are over (None: kept for ever).
    """

    def prune(context: JobContext, _payload: Payload) -> Payload:
        ledger = Ledger()
        with context.database.transaction() as session:
            before = ledger.clock() - timedelta(days=keep_days)
            return {"forgotten": ledger.prune(session, before)}

    def turn_months(context: JobContext, _payload: Payload) -> Payload:
        now = utc_now()
        make_months(context.database, now)
        limited = {table: keep for table, keep in keep_months.items() if keep is not None}
        gone = {
            table: drop_months(context.database, table, now, keep)
            for table, keep in limited.items()
        }
        return {"gone": gone}

    registry.register(Task(PRUNE, prune))
    registry.register(Task(MONTHS, turn_months, max_attempts=8))


def add_to_schedule(schedule: Schedule) -> None:
    """Every night."""
    schedule.add(PRUNE, "20 3 * * *", PRUNE)
    schedule.add(MONTHS, "40 3 * * *", MONTHS)
