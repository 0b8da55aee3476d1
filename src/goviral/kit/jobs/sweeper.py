"""Finds what was lost: jobs of dead workers, messages a broker forgot, jobs whose time has come."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import QUEUES, Job, JobState
from goviral.kit.jobs.queue import Queue

log = logging.getLogger(__name__)
SWEEP_S = 2.0
RESEND_AFTER_S = 15.0
_BATCH = 500


class Sweeper:
    """Any process may sweep, several at a time: rows are locked, a second message does nothing."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        ledger: Ledger,
        *,
        resend_after_s: float = RESEND_AFTER_S,
    ) -> None:
        self._database = database
        self._queue = queue
        self._ledger = ledger
        self._resend_after = timedelta(seconds=resend_after_s)
        self._was_away = False

    def sweep(self) -> list[Job]:
        """Reap and send once. Returns the jobs that lost their worker.

        Raises `sqlalchemy.exc.SQLAlchemyError` where the database does not answer; the next sweep then
        reaps nothing: no worker could renew its lease, and living ones do so before the one after.
        """
        try:
            reaped = [] if self._was_away else self._reap()
            self._send_all_due()
        except SQLAlchemyError:
            self._was_away = True
            raise
        self._was_away = False
        return reaped

    def _send_all_due(self) -> None:
        for name in QUEUES:
            self._send_due(name)

    def _reap(self) -> list[Job]:
        # A read first: on SQLite an idle sweep then takes no write lock.
        expired = (Job.state == JobState.RUNNING, Job.lease_until < self._ledger.clock())
        with self._database.reading() as session:
            if session.scalar(select(Job.id).where(*expired).limit(1)) is None:
                return []
        with self._database.transaction() as session:
            jobs = self._ledger.reap(session)
        for job in jobs:
            log.warning("job %s lost its worker: now %s", job.id, job.state)
        return jobs

    def _send_due(self, queue: str) -> None:
        waiting = self._queue.messages(queue)
        if waiting is None:
            return
        with self._database.transaction() as session:
            jobs = self._unsent(session, queue)
            jobs += self._forgotten(session, queue, waiting)
            self._mark(session, jobs)
        self._queue.send(jobs)

    def _unsent(self, session: Session, queue: str) -> list[Job]:
        statement = select(Job).where(*self._due(queue), Job.sent_at.is_(None))
        return _locked(session, statement.order_by(Job.run_at), _BATCH)

    def _forgotten(self, session: Session, queue: str, waiting: int) -> list[Job]:
        """Each due job has a message of its own; where fewer wait than jobs, the oldest are told again."""
        told = (
            select(func.count()).select_from(Job).where(*self._due(queue), Job.sent_at.is_not(None))
        )
        missing = (session.scalar(told) or 0) - waiting
        if missing <= 0:
            return []
        old = Job.sent_at < self._ledger.clock() - self._resend_after
        statement = select(Job).where(*self._due(queue), old).order_by(Job.sent_at)
        return _locked(session, statement, min(missing, _BATCH))

    def _due(self, queue: str) -> tuple[ColumnElement[bool], ...]:
        now = self._ledger.clock()
        return (Job.queue == queue, Job.state == JobState.QUEUED, Job.run_at <= now)

    def _mark(self, session: Session, jobs: Sequence[Job]) -> None:
        ids = [job.id for job in jobs]
        session.execute(update(Job).where(Job.id.in_(ids)).values(sent_at=self._ledger.clock()))


def _locked(session: Session, statement: Select[tuple[Job]], limit: int) -> list[Job]:
    return list(session.scalars(statement.limit(limit).with_for_update(skip_locked=True)))
