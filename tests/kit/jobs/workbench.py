"""An embedded queue whose jobs the test runs itself, one after the other."""

from typing import Any

from sqlalchemy import update

from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.queues import make_queue
from goviral.kit.jobs.task import Registry, Task
from goviral.kit.jobs.workers import make_runner
from goviral.kit.server_settings import JobSettings


class Bench:
    """One embedded queue of one task, run by the test's own thread."""

    def __init__(self, database: Database, *tasks: Task, ledger: Ledger | None = None) -> None:
        self.database = database
        self.ledger = ledger or Ledger()
        self.queue: Queue = make_queue(JobSettings(), database, Registry(*tasks), self.ledger)

    def add(self, name: str = "t", **options: Any) -> str:
        with self.database.transaction() as session:
            return self.queue.enqueue(session, name, {}, owner_id="ann", **options).id

    def run(self, **options: Any) -> Job | None:
        runner = make_runner(self.queue, **options)
        try:
            return runner.run_next("default")
        finally:
            runner.close()

    def job(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return session.get_one(Job, job_id)

    def make_due(self) -> None:
        """All that waits for its time need not wait any more."""
        with self.database.transaction() as session:
            session.execute(update(Job).values(run_at=self.ledger.clock()))
