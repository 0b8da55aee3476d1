"""Starting, stopping and ending runs. The job's row is the truth; a run says what it means for a video."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.pipeline import events, locks
from goviral.features.pipeline.errors import BusyError
from goviral.features.pipeline.models import PipelineRun, RunState, StageRun, StageState
from goviral.features.pipeline.repository import Runs
from goviral.features.pipeline.resting import put_down
from goviral.features.pipeline.wishes import RunWishes
from goviral.kit.errors import NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job, JobState

TASK = "pipeline.run"
_ENDS = {
    JobState.SUCCEEDED: RunState.SUCCEEDED,
    JobState.DEAD: RunState.FAILED,
    JobState.CANCELLED: RunState.CANCELLED,
}
_TOLD = {
    RunState.SUCCEEDED: events.SUCCEEDED,
    RunState.FAILED: events.FAILED,
    RunState.CANCELLED: events.CANCELLED,
}


def start_run(
    session: Session, services: Services, by: Principal, video_id: str, wishes: RunWishes
) -> PipelineRun:
    """A new run of a video. Raises `NotFoundError`, `BusyError` while another is under way."""
    library = Library(session, by.owner_id)
    video = library.videos.get(video_id)
    for moment_id in wishes.moment_ids or ():
        if library.moments.get(moment_id).video_id != video.id:
            raise NotFoundError(f"The video has no moment {moment_id}.", remedy="Check the id.")
    video.used_at = services.clock()
    runs = Runs(session, by.owner_id)
    run = PipelineRun(
        id=new_id("run"),
        video_id=video.id,
        plan_name=by.plan,
        wishes=wishes.model_dump(mode="json"),
    )
    _hold(session, services, runs, run)
    runs.add(run)
    job = services.queue.enqueue(
        session, TASK, {"run_id": run.id}, owner_id=by.owner_id, subject=video.id
    )
    run.job_id = job.id
    events.announce(session, events.STARTED, run)
    return run


def cancel_run(session: Session, services: Services, run: PipelineRun) -> PipelineRun:
    """Stop a run: at once where it waits, within seconds where it works. One that is over stays so."""
    if run.job_id is not None and not RunState(run.state).is_over:
        job = services.queue.cancel(session, run.job_id)
        settle(session, services, run, job)
    return run


def settle(session: Session, services: Services, run: PipelineRun, job: Job | None = None) -> None:
    """Bring a run in line with its job, whichever way that ended: killed workers end runs too."""
    if RunState(run.state).is_over:
        return
    job = job or (session.get(Job, run.job_id) if run.job_id else None)
    if job is None:
        end_run(session, services, run, RunState.FAILED, "job_lost", "Its job is gone.")
        return
    state = _ENDS.get(JobState(job.state))
    if state is not None:
        end_run(session, services, run, state, job.error_code, job.error_message)


def ended_by(run_state: str, job_state: str | None) -> str | None:
    """How a run ended by its job's word, where the run itself was not told; None while it goes on."""
    if RunState(run_state).is_over or job_state is None:
        return None
    state = _ENDS.get(JobState(job_state))
    return state.value if state is not None else None


def ended_state(session: Session, run: PipelineRun) -> str | None:
    """The same of a row."""
    job = session.get(Job, run.job_id) if run.job_id else None
    return ended_by(run.state, job.state if job else None)


def end_run(
    session: Session,
    services: Services,
    run: PipelineRun,
    state: RunState,
    error_code: str | None = None,
    error_message: str | None = None,
) -> None:
    """Write a run's end, with whatever stage was under way, let go of the video, and tell."""
    now = services.clock()
    run.state, run.finished_at = state.value, now
    if state is RunState.FAILED:
        run.error_code, run.error_message = error_code, error_message
    open_stages = (StageRun.run_id == run.id, StageRun.state == StageState.RUNNING.value)
    for stage in session.scalars(select(StageRun).where(*open_stages)):
        ended = StageState.CANCELLED if state is RunState.CANCELLED else StageState.FAILED
        stage.state, stage.finished_at = ended.value, now
        stage.error_code, stage.error_message = error_code, error_message
    locks.release(session, run.video_id, run.id)
    session.flush()
    put_down(session, run.video_id)
    told = {"error_code": error_code, "error_message": error_message}
    events.announce(session, _TOLD[state], run, told if state is RunState.FAILED else None)


def reopen(run: PipelineRun) -> None:
    """A run whose job is run anew goes on where it stopped."""
    run.state, run.finished_at = RunState.RUNNING.value, None
    run.error_code = run.error_message = None


def is_ours(session: Session, context: JobContext) -> bool:
    """Whether this try still holds its job; where it does not, another worker writes the run's history."""
    job = session.get(Job, context.job_id, with_for_update=True, populate_existing=True)
    held = (context.worker, context.attempt, JobState.RUNNING)
    return job is not None and (job.worker, job.attempts, job.state) == held


def settle_all(session: Session, services: Services) -> int:
    """Every run whose job is over and that does not know it yet; how many there were."""
    ended = select(PipelineRun).join(Job, Job.id == PipelineRun.job_id, isouter=True)
    active = PipelineRun.state.in_((RunState.QUEUED.value, RunState.RUNNING.value))
    over = Job.id.is_(None) | Job.state.in_([state.value for state in _ENDS])
    runs = session.scalars(ended.where(active, over).limit(500)).all()
    for run in runs:
        settle(session, services, run)
    return len(runs)


def _hold(session: Session, services: Services, runs: Runs, run: PipelineRun) -> None:
    now = services.clock()
    holder = locks.holder_of(session, run.video_id)
    before = runs.find(holder) if holder else None
    if before is not None:
        settle(session, services, before)
    busy = before is not None and not RunState(before.state).is_over
    if busy or not locks.take(session, run.video_id, run.id, now):
        raise BusyError(
            f"A run of this video is under way: {holder}.",
            remedy="Wait for it or cancel it.",
        )
