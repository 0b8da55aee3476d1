"""The background work of the pipeline: a run, one clip rendered anew, and putting truth right."""

from collections.abc import Callable, Mapping
from pathlib import Path

from goviral.engine.llm.clients import find_client
from goviral.engine.llm.runs import RunLog
from goviral.engine.studio.tools import LocalTools
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import Clip
from goviral.features.library.sources import film_of, opened_plan
from goviral.features.pipeline.models import PipelineRun, RunState, Stage
from goviral.features.pipeline.recorder import Noted, Recorder
from goviral.features.pipeline.repository import Runs
from goviral.features.pipeline.resting import put_down
from goviral.features.pipeline.runs import TASK, end_run, is_ours, reopen, settle_all
from goviral.features.pipeline.steps.choosing import choose
from goviral.features.pipeline.steps.cutting import clip_failed, cut, render
from goviral.features.pipeline.steps.hearing import listen, transcribe
from goviral.features.pipeline.steps.ingest import ingest
from goviral.features.pipeline.steps.stills import take_stills
from goviral.features.pipeline.wishes import RunWishes
from goviral.features.pipeline.work import Work
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.jobs.context import JobContext, StopReason
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry, Task
from goviral.kit.scratch import Scratch

RENDER_TASK = "pipeline.render_clip"
SETTLE_TASK = "pipeline.settle"
SETTLE_CRON = "* * * * *"
_RUN_TIMEOUT_S = 6 * 3600.0

_STEPS: Mapping[Stage, Callable[[Work, Noted], None]] = {
    Stage.INGEST: ingest,
    Stage.AUDIO: listen,
    Stage.TRANSCRIBE: transcribe,
    Stage.MOMENTS: choose,
    Stage.CLIPS: cut,
    Stage.THUMBNAILS: take_stills,
}


def register_tasks(registry: Registry) -> None:
    """Make the pipeline's jobs known."""
    registry.register(Task(TASK, _run, queue="media", timeout_s=_RUN_TIMEOUT_S))
    registry.register(Task(RENDER_TASK, _render_clip, queue="media", timeout_s=3600.0))
    registry.register(Task(SETTLE_TASK, _settle))


def add_to_schedule(schedule: Schedule) -> None:
    """What runs at fixed times."""
    schedule.add(SETTLE_TASK, SETTLE_CRON, SETTLE_TASK)


def _run(context: JobContext, payload: Payload) -> Payload | None:
    services: Services = context.services
    run = _open_run(context, payload["run_id"])
    if run is None:
        return {"skipped": "the run is over"}
    try:
        _walk(services, context, run)
    except CancelledError:
        # One that is given back or was lost goes on elsewhere.
        if context.stop_reason in (None, StopReason.CANCEL):
            _end(context, run.id, RunState.CANCELLED)
        raise
    except AppError as error:
        if context.gives_up(error):
            _end(context, run.id, RunState.FAILED, error)
        raise
    _end(context, run.id, RunState.SUCCEEDED)
    return {"run_id": run.id}


def _walk(services: Services, context: JobContext, run: PipelineRun) -> None:
    wishes = RunWishes.model_validate(run.wishes)
    calls = RunLog()
    recorder = Recorder(services, context, run.id, calls)
    with _scratch(services).folder(run.video_id) as folder:
        work = Work(
            services=services,
            context=context,
            run=run,
            wishes=wishes,
            tools=_tools(services, context, calls),
            folder=folder,
            recorder=recorder,
        )
        for stage in wishes.stages:
            with recorder.stage(stage) as noted:
                _STEPS[stage](work, noted)


def _render_clip(context: JobContext, payload: Payload) -> Payload | None:
    """A clip whose plan was edited, made anew."""
    services: Services = context.services
    assert context.owner_id is not None
    with services.database.reading() as session:
        library = Library(session, context.owner_id)
        clip = library.clips.find(payload["clip_id"])
        video = library.videos.find(clip.video_id) if clip is not None else None
    if clip is None or video is None or clip.rendered_version == clip.version:
        return {"skipped": True}
    with film_of(services, video) as film, _scratch(services).folder(clip.id) as folder:
        work = _lone_work(services, context, clip, folder)

        def advance(share: float) -> None:
            context.check()
            context.report(share, "clips")

        try:
            render(work, clip, opened_plan(clip.plan, film), advance)
        except CancelledError:
            raise
        except AppError as error:
            if context.gives_up(error):
                clip_failed(work, clip, error)
            raise
    return {"clip_id": clip.id, "version": clip.version}


def _lone_work(services: Services, context: JobContext, clip: Clip, folder: Path) -> Work:
    """A run that is no row: one clip, rendered by itself."""
    run = PipelineRun(id=context.job_id, owner_id=clip.owner_id, video_id=clip.video_id)
    return Work(
        services=services,
        context=context,
        run=run,
        wishes=RunWishes(),
        tools=_tools(services, context),
        folder=folder,
        recorder=Recorder(services, context, run.id),
    )


def _settle(context: JobContext, _payload: Payload) -> Payload:
    services: Services = context.services
    with context.database.transaction() as session:
        settled = settle_all(session, services)
        return {"settled": settled, "put_down": put_down(session)}


def _open_run(context: JobContext, run_id: str) -> PipelineRun | None:
    """The run, open again where its job is run anew (by an administrator, or after a kill at its end)."""
    services: Services = context.services
    with services.database.transaction() as session:
        run = Runs(session, EVERYONE).find(run_id)
        if run is None or run.state == RunState.SUCCEEDED:
            return None
        if RunState(run.state).is_over:
            if run.job_id != context.job_id:
                return None
            reopen(run)
    return run


def _end(context: JobContext, run_id: str, state: RunState, error: AppError | None = None) -> None:
    services: Services = context.services
    with services.database.transaction() as session:
        run = Runs(session, EVERYONE).find(run_id) if is_ours(session, context) else None
        if run is None or RunState(run.state).is_over:
            return
        code, message = (error.code, str(error)) if error else (None, None)
        end_run(session, services, run, state, code, message)


def _tools(services: Services, context: JobContext, calls: RunLog | None = None) -> LocalTools:
    settings = services.settings
    llm = find_client(settings)
    return LocalTools(settings, llm=llm, cancelled=context.cancelled, runs=calls)


def _scratch(services: Services) -> Scratch:
    return Scratch(services.settings.server.data_dir / "tmp")
