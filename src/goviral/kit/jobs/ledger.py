"""The only place where job rows change. Every call works in the caller's transaction.

The database decides who runs what: a claim is one statement that two workers cannot both win, and
whoever lost the lease (another `worker` or a later `attempts` in the row) can change nothing any more.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from goviral.kit.clock import Clock, utc_now
from goviral.kit.db.locks import lock_name
from goviral.kit.errors import ConflictError, NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext, Standing
from goviral.kit.jobs.models import ACTIVE, FINISHED, LOG_CHARACTERS, Job, JobState
from goviral.kit.jobs.outcome import Abandoned, Cancelled, Failed, GivenBack, Outcome, Succeeded

OnChange = Callable[[Session, Job], None]
"""Called in the transaction that changes a job, so that an event exists if and only if the change does."""

LEASE_S = 40.0
WORKER_LOST = "worker_lost"
_REAP_AT_ONCE = 200
_KEY_RACES = 5


def _nobody(_session: Session, _job: Job) -> None:
    return None


def _claim(*, fairly: bool = False) -> Any:
    # The comparison with one value, not IN: PostgreSQL then runs the inner query once, and its
    # lock skips what others are taking. SQLite leaves the lock out; its writers come one by one.
    due: tuple[Any, ...] = (
        Job.state == JobState.QUEUED,
        Job.queue == bindparam("of"),
        Job.run_at <= bindparam("now"),
    )
    if fairly:
        due = (*due, or_(Job.owner_id.is_(None), Job.owner_id.not_in(_full())))
    first = (
        select(Job.id)
        .where(*due)
        .order_by(Job.priority, Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return _changing(
        Job.id == first,
        state=JobState.RUNNING,
        worker=bindparam("by"),
        attempts=Job.attempts + 1,
        lease_until=bindparam("until"),
        started_at=bindparam("now"),
    )


def _full() -> Any:
    """Owners who have all the places of a queue that one owner may have."""
    # In words, not as a parameter: SQLite then knows the index of what runs.
    running = (text("state = 'running'"), Job.queue == bindparam("of"), Job.owner_id.is_not(None))
    by_owner = select(Job.owner_id).where(*running).group_by(Job.owner_id).correlate(None)
    return by_owner.having(func.count() >= bindparam("most"))


def _changing(*where: Any, **values: Any) -> Any:
    statement = update(Job).where(*where).values(**values).returning(Job)
    return statement.execution_options(synchronize_session=False, populate_existing=True)


# Made once: building the two statements of every job again cost a third of its time.
_CLAIM = _claim()
_CLAIM_FAIRLY = _claim(fairly=True)
_SUCCEED = _changing(
    Job.id == bindparam("job"),
    Job.worker == bindparam("by"),
    Job.attempts == bindparam("attempt"),
    Job.state == JobState.RUNNING,
    state=JobState.SUCCEEDED,
    progress=1.0,
    lease_until=None,
    error_code=None,
    error_message=None,
    stage=bindparam("stage"),
    log=bindparam("log"),
    result=bindparam("result"),
    finished_at=bindparam("finished_at"),
)


class Ledger:
    """Changes jobs and tells `on_change` of each change of state, in the same transaction; not of progress.

    Stateless but for its collaborators; thread-safe. `redact` goes over messages and logs before they are stored.
    `per_owner`: queues of which no owner has more than so many jobs running, wherever they run.
    """

    def __init__(
        self,
        *,
        clock: Clock = utc_now,
        on_change: OnChange = _nobody,
        lease_s: float = LEASE_S,
        redact: Callable[[str], str] = str,
        per_owner: Mapping[str, int] | None = None,
    ) -> None:
        self.clock = clock
        self.lease_s = lease_s
        self._on_change = on_change
        self._redact = redact
        self._per_owner = dict(per_owner or {})

    def add(self, session: Session, **columns: Any) -> tuple[Job, bool]:
        """A new waiting job and True; or the active one with the same `unique_key` and False."""
        now = self.clock()
        columns = {"run_at": now, **columns, "id": new_id("job"), "created_at": now}
        if columns.get("unique_key") is None:
            job = Job(**columns)
            session.add(job)
            session.flush()
            return self._changed(session, job), True
        return self._add_unless_active(session, columns)

    def claim(self, session: Session, queue: str, worker: str) -> Job | None:
        """Take the most urgent due job of `queue` for `worker`; None when there is none.

        Where an owner has all the places he may have, his jobs are passed over.
        """
        most, statement = self._per_owner.get(queue), _CLAIM
        now = self.clock()
        claim = {"of": queue, "by": worker, "now": now, "until": self._lease_end(now)}
        if most is not None:
            # One claim at a time: two that count in the same moment would both find room.
            lock_name(session, "claim", queue)
            claim, statement = {**claim, "most": most}, _CLAIM_FAIRLY
        job = session.scalars(statement, claim).one_or_none()
        return job and self._changed(session, job)

    def passed_over(self, session: Session, ended: Job) -> Job | None:
        """A due job that may have been passed over for the sake of `ended`; None: nothing is limited."""
        if ended.queue not in self._per_owner or ended.owner_id is None:
            return None
        due = (text("state = 'queued'"), Job.queue == ended.queue, Job.run_at <= self.clock())
        his = select(Job).where(*due, Job.owner_id == ended.owner_id)
        return session.scalars(his.order_by(Job.run_at).limit(1)).one_or_none()

    def beat(self, session: Session, context: JobContext, standing: Standing) -> bool:
        """Renew the lease and write where the job is; nobody is told. False: the lease is lost."""
        statement = (
            update(Job)
            .where(*_held_by(context))
            .values(
                lease_until=self._lease_end(self.clock()),
                progress=standing.progress,
                stage=standing.stage,
                log=self._clean(standing.log),
            )
            .returning(Job.id)
        )
        return session.scalars(statement).one_or_none() is not None

    def finish(self, session: Session, context: JobContext, outcome: Outcome) -> Job | None:
        """Write what became of a try; None when the job is no longer this worker's."""
        if isinstance(outcome, Succeeded):
            return self._succeed(session, context, outcome)
        job = session.scalars(select(Job).where(*_held_by(context)).with_for_update()).one_or_none()
        if job is None or isinstance(outcome, Abandoned):
            return None
        standing = context.standing
        job.progress, job.stage = standing.progress, standing.stage
        job.log = self._clean(standing.log)
        self._write(job, outcome)
        session.flush()
        return self._changed(session, job)

    def cancel(self, session: Session, job_id: str) -> Job:
        """See `Queue.cancel`."""
        job = self._locked(session, job_id)
        if job.state == JobState.QUEUED:
            self._end(job, JobState.CANCELLED)
        elif job.state == JobState.RUNNING:
            job.cancel_requested = True
        else:
            return job
        session.flush()
        return self._changed(session, job)

    def retry(self, session: Session, job_id: str) -> Job:
        """See `Queue.retry`."""
        job = self._locked(session, job_id)
        if job.state not in (JobState.DEAD, JobState.CANCELLED):
            raise ConflictError(
                f"The job {job.id} is {job.state}.",
                remedy="Only dead and cancelled jobs can be run anew.",
            )
        if job.unique_key and (other := self._active(session, job.unique_key)):
            raise ConflictError(f"The job {other.id} does the same.", remedy="Wait for it.")
        self._wait(job, self.clock())
        job.attempts, job.progress = 0, 0.0
        job.finished_at = job.error_code = job.error_message = None
        job.cancel_requested = False
        session.flush()
        return self._changed(session, job)

    def reap(self, session: Session) -> list[Job]:
        """Jobs whose worker is gone: those with tries left wait again, the others are dead."""
        statement = (
            select(Job)
            .where(Job.state == JobState.RUNNING, Job.lease_until < self.clock())
            .order_by(Job.lease_until)
            .limit(_REAP_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        jobs = list(session.scalars(statement))
        for job in jobs:
            self._lost(job)
        session.flush()
        return [self._changed(session, job) for job in jobs]

    def prune(self, session: Session, before: datetime) -> int:
        """Forget jobs that ended before `before`. Returns how many."""
        old = (Job.state.in_(FINISHED), Job.finished_at < before)
        gone = cast("CursorResult[Any]", session.execute(delete(Job).where(*old)))
        return gone.rowcount

    def _succeed(self, session: Session, context: JobContext, outcome: Succeeded) -> Job | None:
        standing = context.standing
        values = {
            "stage": standing.stage,
            "log": self._clean(standing.log),
            "result": outcome.result,
            "finished_at": self.clock(),
        }
        held = {"job": context.job_id, "by": context.worker, "attempt": context.attempt}
        job = session.scalars(_SUCCEED, {**held, **values}).one_or_none()
        return job and self._changed(session, job)

    def _add_unless_active(self, session: Session, columns: dict[str, Any]) -> tuple[Job, bool]:
        for _ in range(_KEY_RACES):
            made = session.scalars(
                _insert_or_nothing(session, columns).returning(Job)
            ).one_or_none()
            if made is not None:
                return self._changed(session, made), True
            if there := self._active(session, columns["unique_key"]):
                return there, False
        raise ConflictError("Another job with the same key comes and goes.", remedy="Try again.")

    def _write(self, job: Job, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self._fail(job, outcome)
        elif isinstance(outcome, Cancelled) or job.cancel_requested:
            self._end(job, JobState.CANCELLED)
        elif isinstance(outcome, GivenBack):
            job.attempts -= 1
            self._wait(job, self.clock() + timedelta(seconds=outcome.delay_s))

    def _fail(self, job: Job, failure: Failed) -> None:
        job.error_code, job.error_message = failure.code, self._clean(failure.message)
        self._note(job, f"failed: {failure.code}: {failure.message}\n{failure.trace}")
        job.max_attempts += failure.one_more
        if job.cancel_requested:
            self._end(job, JobState.CANCELLED)
        elif failure.delay_s is None:
            self._end(job, JobState.DEAD)
        else:
            self._wait(job, self.clock() + timedelta(seconds=failure.delay_s))

    def _lost(self, job: Job) -> None:
        job.error_code, job.error_message = WORKER_LOST, "Its worker died in the middle of the job."
        self._note(job, f"worker {job.worker} is gone")
        if job.cancel_requested:
            self._end(job, JobState.CANCELLED)
        elif job.attempts >= job.max_attempts:
            self._end(job, JobState.DEAD)
        else:
            self._wait(job, self.clock())

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.finished_at = state, self.clock()
        job.lease_until = None

    def _wait(self, job: Job, run_at: datetime) -> None:
        job.state, job.run_at = JobState.QUEUED, run_at
        job.lease_until = job.sent_at = job.worker = None

    def _note(self, job: Job, text: str) -> None:
        stamp = self.clock().strftime("%H:%M:%S")
        job.log = self._clean(f"{job.log}{stamp} [{job.attempts}] {text.rstrip()}\n")

    def _clean(self, text: str) -> str:
        # PostgreSQL refuses NUL in text, and UTF-8 has no lone surrogates (names of odd files).
        plain = self._redact(text).replace("\0", "").encode("utf-8", "replace").decode()
        return plain[-LOG_CHARACTERS:]

    def _lease_end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.lease_s)

    def _changed(self, session: Session, job: Job) -> Job:
        self._on_change(session, job)
        return job

    def _locked(self, session: Session, job_id: str) -> Job:
        # populate_existing: the caller may have read the row before a worker changed it.
        statement = select(Job).where(Job.id == job_id).with_for_update()
        job = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
        if job is None:
            raise NotFoundError(f"There is no job {job_id}.", remedy="Check the id.")
        return job

    def _active(self, session: Session, unique_key: str) -> Job | None:
        where = (Job.unique_key == unique_key, Job.state.in_(ACTIVE))
        return session.scalars(select(Job).where(*where)).one_or_none()


def _held_by(context: JobContext) -> tuple[Any, ...]:
    return (
        Job.id == context.job_id,
        Job.worker == context.worker,
        Job.attempts == context.attempt,
        Job.state == JobState.RUNNING,
    )


def _insert_or_nothing(session: Session, columns: dict[str, Any]) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(Job).values(**columns).on_conflict_do_nothing()
    return postgresql.insert(Job).values(**columns).on_conflict_do_nothing()
