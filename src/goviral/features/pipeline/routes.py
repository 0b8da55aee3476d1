"""The pipeline over HTTP: runs, finding and refining moments, rendering, editing plans."""

from typing import Annotated, Any

from fastapi import Depends, Path

from goviral.features.accounts.deps import (
    Looking,
    Paged,
    Reading,
    Router,
    Wired,
    Writing,
    require,
)
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import Clip, ClipState, Moment
from goviral.features.library.schemas import ClipOut, Listed, MomentOut
from goviral.features.library.transcripts import open_transcript
from goviral.features.pipeline.errors import BusyError
from goviral.features.pipeline.models import ModelRun, PipelineRun, RunState, Stage
from goviral.features.pipeline.moments import guarded, limits, rebound, wished_bounds
from goviral.features.pipeline.plans import edit_plan, order_render
from goviral.features.pipeline.repository import ModelRuns, Runs
from goviral.features.pipeline.runs import cancel_run, ended_state, start_run
from goviral.features.pipeline.schemas import (
    EditedOut,
    ExtractionOut,
    Generated,
    ModelRunsOut,
    MomentChange,
    PlanChange,
    RefinedOut,
    Refinement,
    Rendered,
    RunOut,
    Started,
)
from goviral.features.pipeline.status import status_of, statuses
from goviral.features.pipeline.wishes import ClipOptions, MomentOptions, RunWishes
from goviral.kit.errors import NotFoundError
from goviral.kit.jobs.models import Job

router = Router(tags=["pipeline"])

Reader = Annotated[Principal, Depends(require("videos:read"))]
Runner = Annotated[Principal, Depends(require("pipeline:run"))]
Editor = Annotated[Principal, Depends(require("clips:write"))]
VideoId = Annotated[str, Path(max_length=64)]
RunId = Annotated[str, Path(max_length=64, description="Of a run, or of a video: its newest run.")]
MomentId = Annotated[str, Path(max_length=64)]
ClipId = Annotated[str, Path(max_length=64)]


@router.post("/pipeline/start", status_code=202, response_model=RunOut, responses=refuses(404))
def start_pipeline(wanted: Started, session: Writing, by: Runner, wired: Wired) -> Any:
    """Begin a run of a video through the stages. 409 while another is under way."""
    fields = wanted.model_dump(exclude={"video_id"})
    run = start_run(session, wired, by, wanted.video_id, RunWishes.model_validate(fields))
    return _shown(session, run)


@router.get("/pipeline/status/{run_id}", response_model=RunOut)
def show_status(run_id: RunId, looking: Looking, by: Reader) -> Any:
    """Where a run is, stage by stage."""
    return status_of(looking, by.owner_id, run_id)


@router.get("/pipeline/runs", response_model=Listed[RunOut])
def list_runs(looking: Looking, by: Reader, paging: Paged, video_id: str | None = None) -> Any:
    """One's runs, newest first."""
    where = [PipelineRun.video_id == video_id] if video_id else []
    return statuses(looking, by.owner_id, *where, cursor=paging.cursor, limit=paging.limit)


@router.post("/pipeline/cancel/{run_id}", response_model=RunOut)
def cancel_pipeline(run_id: RunId, session: Writing, by: Runner, wired: Wired) -> Any:
    """Stop a run, in the middle of an encode too. What is finished is kept."""
    return _shown(session, cancel_run(session, wired, _run(session, by, run_id)))


@router.post("/videos/{video_id}/generate-moments", status_code=202, response_model=RunOut)
def generate_moments(
    video_id: VideoId, wanted: Generated, session: Writing, by: Runner, wired: Wired
) -> Any:
    """Find moments, once more where there are some."""
    options = MomentOptions.model_validate(wanted.model_dump(exclude={"choose_again"}))
    wishes = RunWishes(until=Stage.MOMENTS, moments=options, choose_again=wanted.choose_again)
    return _shown(session, start_run(session, wired, by, video_id, wishes))


@router.post("/videos/{video_id}/render", status_code=202, response_model=RunOut)
def render_moments(
    video_id: VideoId, wanted: Rendered, session: Writing, by: Runner, wired: Wired
) -> Any:
    """Make clips of some moments of a video."""
    options = ClipOptions.model_validate(wanted.model_dump(exclude={"moment_ids"}))
    wishes = RunWishes(clips=options, moment_ids=wanted.moment_ids)
    return _shown(session, start_run(session, wired, by, video_id, wishes))


@router.get("/videos/{video_id}/clip-extraction-status", response_model=ExtractionOut)
def show_extraction(video_id: VideoId, session: Reading, by: Reader) -> Any:
    """How far the clips of a video are."""
    library = Library(session, by.owner_id)
    clips = library.clips.of_video(library.videos.get(video_id).id)
    run = Runs(session, by.owner_id).latest(video_id)
    counts = {state.value: sum(c.state == state for c in clips) for state in ClipState}
    return {
        "video_id": video_id,
        "run_id": run.id if run else None,
        "state": _state_of(session, run) if run else "none",
        "progress": _progress(session, run) if run else 0.0,
        "total": len(clips),
        **counts,
        "clips": clips,
    }


@router.get("/videos/{video_id}/model-runs", response_model=ModelRunsOut)
def list_model_runs(video_id: VideoId, session: Reading, by: Reader, paging: Paged) -> Any:
    """What models were asked about a video, how long they took, what that cost."""
    Library(session, by.owner_id).videos.get(video_id)
    runs = ModelRuns(session, by.owner_id)
    page = runs.page(ModelRun.video_id == video_id, cursor=paging.cursor, limit=paging.limit)
    totals = runs.spent(video_id)
    return {"items": page.items, "next_cursor": page.next_cursor, "totals": totals}


@router.post("/videos/{video_id}/moments/{moment_id}/refine", response_model=RefinedOut)
def refine_of_video(
    video_id: VideoId, moment_id: MomentId, wanted: Refinement, by: Editor, wired: Wired
) -> Any:
    """New bounds for a moment of this video."""
    with wired.database.reading() as session:
        if Library(session, by.owner_id).moments.get(moment_id).video_id != video_id:
            raise NotFoundError(f"The video has no moment {moment_id}.", remedy="Check the id.")
    return _refined(moment_id, wanted, by, wired)


@router.post("/moments/{moment_id}/refine", response_model=RefinedOut)
def refine_moment(moment_id: MomentId, wanted: Refinement, by: Editor, wired: Wired) -> Any:
    """New bounds for a moment: in words ("start earlier, drop the aside") or as times.

    Either way they end at whole sentences and within the length asked for.
    """
    return _refined(moment_id, wanted, by, wired)


@router.get("/moments/{moment_id}", response_model=MomentOut)
def show_moment(moment_id: MomentId, session: Reading, by: Reader) -> Moment:
    """One moment."""
    return Library(session, by.owner_id).moments.get(moment_id)


@router.patch("/moments/{moment_id}", response_model=MomentOut)
def alter_moment(moment_id: MomentId, change: MomentChange, session: Writing, by: Editor) -> Moment:
    """Select or reject a moment, or name it otherwise."""
    moment = Library(session, by.owner_id).moments.get(moment_id)
    moment.state = change.state or moment.state
    moment.title = moment.title if change.title is None else change.title
    session.flush()
    return moment


@router.put("/clips/{clip_id}/plan", response_model=EditedOut)
def change_plan(
    clip_id: ClipId, change: PlanChange, session: Writing, by: Editor, wired: Wired
) -> Any:
    """An edited plan. 409 where somebody else edited it meanwhile."""
    clip = edit_plan(Library(session, by.owner_id), clip_id, change.version, change.plan)
    job = order_render(session, wired, clip) if change.render else None
    return EditedOut(clip=ClipOut.model_validate(clip), job_id=job.id if job else None)


@router.post("/clips/{clip_id}/render", status_code=202, response_model=EditedOut)
def render_clip(clip_id: ClipId, session: Writing, by: Editor, wired: Wired) -> Any:
    """Make a clip anew whose plan was edited since."""
    clip: Clip = Library(session, by.owner_id).clips.get(clip_id)
    if clip.rendered_version == clip.version:
        raise BusyError("The clip shows its newest plan already.", remedy="Edit the plan first.")
    job = order_render(session, wired, clip)
    return EditedOut(clip=ClipOut.model_validate(clip), job_id=job.id)


def _refined(moment_id: str, wanted: Refinement, by: Principal, wired: Services) -> RefinedOut:
    with wired.database.reading() as session:
        library = Library(session, by.owner_id)
        moment = library.moments.get(moment_id)
        video = library.videos.get(moment.video_id)
        record = library.transcripts.of_video(video.id)
        wishes = limits(wanted, Runs(session, by.owner_id).finder(video.id))
    if record is None:
        raise NotFoundError("The video has no transcript.", remedy="Start its pipeline.")
    # Reading a file and scoring a talk: not while a transaction is open.
    transcript = open_transcript(wired.store, record)
    refined = wished_bounds(wanted, moment, video, transcript)
    found = guarded(refined, wishes, transcript)
    with wired.database.transaction() as session:
        library = Library(session, by.owner_id)
        row = rebound(session, library, moment_id, moment.version, found, refined)
        shown = MomentOut.model_validate(row).model_dump()
    return RefinedOut.model_validate({**shown, "understood": list(refined.understood)})


def _run(session: Any, by: Principal, run_id: str) -> PipelineRun:
    runs = Runs(session, by.owner_id)
    run = runs.find(run_id) or runs.latest(run_id)
    return run if run is not None else runs.get(run_id)


def _shown(session: Any, run: PipelineRun) -> Any:
    session.flush()
    return status_of(session.connection(), run.owner_id, run.id)


def _state_of(session: Any, run: PipelineRun) -> str:
    """The run's state, or what its job says where that ended and the run has not heard of it yet."""
    return ended_state(session, run) or run.state


def _progress(session: Any, run: PipelineRun) -> float:
    if run.state == RunState.SUCCEEDED:
        return 1.0
    job = session.get(Job, run.job_id) if run.job_id else None
    return round(job.progress, 4) if job is not None else 0.0
