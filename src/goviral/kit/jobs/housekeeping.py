"""Jobs about jobs: finished ones are forgotten after a while."""

from datetime import timedelta

from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Payload, Registry, Task

PRUNE = "jobs.prune"


def register_tasks(registry: Registry, *, keep_days: int) -> None:
    """`jobs.prune`: forget what ended more than `keep_days` ago."""

    def prune(context: JobContext, _payload: Payload) -> Payload:
        ledger = Ledger()
        with context.database.transaction() as session:
            before = ledger.clock() - timedelta(days=keep_days)
            return {"forgotten": ledger.prune(session, before)}

    registry.register(Task(PRUNE, prune))


def add_to_schedule(schedule: Schedule) -> None:
    """Every night."""
    schedule.add(PRUNE, "20 3 * * *", PRUNE)
