"""What both queues do alike: rows in the caller's transaction, a word to the workers after its commit."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from goviral.kit.db.database import Database, after_commit
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import DEFAULT_PRIORITY, QUEUES, Job, JobState, Payload
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.task import Registry
from goviral.kit.request_id import request_id
from goviral.kit.telemetry.tracing import traceparent


class RowQueue(Queue):
    """Base of the queues; a subclass says how workers are told (`send`, `messages`)."""

    def __init__(self, database: Database, registry: Registry, ledger: Ledger) -> None:
        self.database = database
        self.registry = registry
        self.ledger = ledger

    @override
    def enqueue(
        self,
        session: Session,
        name: str,
        payload: Payload,
        *,
        owner_id: str | None,
        queue: str | None = None,
        priority: int = DEFAULT_PRIORITY,
        run_at: datetime | None = None,
        unique_key: str | None = None,
        subject: str | None = None,
        max_attempts: int | None = None,
    ) -> Job:
        task = self.registry.get(name)
        if queue is not None and queue not in QUEUES:
            raise ValueError(f"no queue {queue!r}")
        now = self.ledger.clock()
        due_at = run_at or now
        job, is_new = self.ledger.add(
            session,
            name=name,
            payload=payload,
            owner_id=owner_id,
            queue=queue or task.queue,
            priority=priority,
            run_at=due_at,
            unique_key=unique_key,
            subject=subject,
            max_attempts=max_attempts or task.max_attempts,
            request_id=request_id.get() or None,
            traceparent=traceparent.get() or None,
            # Said before it is done: the sweeper notices when the message did not arrive.
            sent_at=now if due_at <= now else None,
        )
        if is_new:
            self._send_after_commit(session, job)
        return job

    @override
    def cancel(self, session: Session, job_id: str) -> Job:
        return self.ledger.cancel(session, job_id)

    @override
    def retry(self, session: Session, job_id: str) -> Job:
        job = self.ledger.retry(session, job_id)
        job.sent_at = self.ledger.clock()
        self._send_after_commit(session, job)
        return job

    @override
    def length(self, queue: str | None = None) -> int:
        where = [Job.state == JobState.QUEUED]
        if queue is not None:
            where.append(Job.queue == queue)
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Job).where(*where)) or 0

    def _send_after_commit(self, session: Session, job: Job) -> None:
        if job.run_at <= self.ledger.clock():
            after_commit(session, lambda: self.send([job]))
