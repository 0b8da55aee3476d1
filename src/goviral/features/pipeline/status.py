"""How runs stand: what is asked most often of all, so read without objects, two statements for a list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select
from sqlalchemy.engine import Connection

from goviral.features.pipeline.models import PipelineRun, RunState, StageRun
from goviral.features.pipeline.recorder import stage_progress
from goviral.features.pipeline.runs import ended_by
from goviral.features.pipeline.schemas import RunOut, StageOut
from goviral.kit.db.repository import held, is_of, missing, page_of
from goviral.kit.db.view import Columns
from goviral.kit.jobs.models import Job
from goviral.kit.paging import DEFAULT_LIMIT, Page, decode_cursor

_RUN: Any = PipelineRun.__table__
_JOB: Any = Job.__table__
_STAGE: Any = StageRun.__table__
_NAMES = tuple(RunOut.model_fields.keys() - {"progress", "stages"})
_STAGE_NAMES = tuple(StageOut.model_fields.keys() - {"progress"})
_FROM_JOB = ("state", "progress", "error_code", "error_message")

_RUNS = (
    select(
        *(_RUN.c[name] for name in _NAMES),
        *(_JOB.c[name].label(f"job_{name}") for name in _FROM_JOB),
    )
    .select_from(_RUN.outerjoin(_JOB, _JOB.c.id == _RUN.c.job_id))
    .where(is_of(_RUN.c, bindparam("owner")))
)
_STAGES_OF_ALL = (
    select(_STAGE.c.run_id, *(_STAGE.c[name] for name in _STAGE_NAMES))
    .where(_STAGE.c.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(_STAGE.c.started_at, _STAGE.c.id)
)
# One run and its stages come together: a row a stage, one without a stage where none has begun.
_ONE = (
    _RUNS.add_columns(*(_STAGE.c[name].label(f"stage_{name}") for name in _STAGE_NAMES))
    .outerjoin_from(_RUN, _STAGE, _STAGE.c.run_id == _RUN.c.id)
    .order_by(_STAGE.c.started_at, _STAGE.c.id)
)
_BY_ID = _ONE.where(_RUN.c.id == bindparam("wanted"))
_OF_VIDEO = select(_RUN.c.id).where(_RUN.c.video_id == bindparam("wanted"))
_NEWEST = _ONE.where(_RUN.c.id == _OF_VIDEO.order_by(_RUN.c.id.desc()).limit(1).scalar_subquery())


def status_of(connection: Connection, owner_id: str, run_or_video_id: str) -> Columns:
    """One run for `RunOut`; by a video's id its newest. Raises `NotFoundError`."""
    asked = {"owner": owner_id, "wanted": run_or_video_id}
    found = connection.execute(_BY_ID, asked).all() or connection.execute(_NEWEST, asked).all()
    if not found:
        raise missing("pipeline run", run_or_video_id)
    stages = [row for row in found if row.stage_stage is not None]
    return _shown(
        found[0], [{name: row._mapping[f"stage_{name}"] for name in _STAGE_NAMES} for row in stages]
    )


def statuses(
    connection: Connection,
    owner_id: str,
    *where: ColumnElement[bool],
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Columns]:
    """Runs for `RunOut`, newest first."""
    statement = _RUNS.where(*where).order_by(_RUN.c.id.desc()).limit(held(limit) + 1)
    if cursor:
        statement = statement.where(_RUN.c.id < decode_cursor(cursor))
    found = connection.execute(statement, {"owner": owner_id}).all()
    page = page_of(found, limit, lambda row: str(row.id))
    return Page(_with_stages(connection, page.items), page.next_cursor)


def _with_stages(connection: Connection, runs: Sequence[Row[Any]]) -> list[Columns]:
    of_run: dict[str, list[Columns]] = {run.id: [] for run in runs}
    for stage in connection.execute(_STAGES_OF_ALL, {"runs": list(of_run)}):
        of_run[stage.run_id].append(dict(stage._mapping))
    return [_shown(run, of_run[run.id]) for run in runs]


def _shown(run: Row[Any], stages: Sequence[Columns]) -> Columns:
    done = run.job_progress or 0.0
    return {
        **run._mapping,
        "state": ended_by(run.state, run.job_state) or run.state,
        "progress": 1.0 if run.state == RunState.SUCCEEDED else round(done, 4),
        "error_code": run.error_code or run.job_error_code,
        "error_message": run.error_message or run.job_error_message,
        "stages": [
            {**one, "progress": stage_progress(one["stage"], one["state"], done)} for one in stages
        ],
    }
