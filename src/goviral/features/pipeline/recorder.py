"""The history of a run, written as it happens: each stage with its times, tries, facts and log."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from goviral.engine.llm.runs import RunLog
from goviral.features.accounts.services import Services
from goviral.features.pipeline import events, locks
from goviral.features.pipeline.model_runs import write_calls
from goviral.features.pipeline.models import PipelineRun, RunState, Stage, StageRun, StageState
from goviral.features.pipeline.repository import Runs
from goviral.features.pipeline.runs import is_ours
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext
from goviral.kit.telemetry.measured import Happened, tell

log = logging.getLogger(__name__)
_LOG = 4_000


@dataclass
class Noted:
    """What a stage says of itself while it works."""

    facts: dict[str, Any] = field(default_factory=dict)
    skipped: bool = False

    def skip(self, why: str) -> None:
        """Its result was there already."""
        self.skipped = True
        self.facts["skipped"] = why


# How much of a run's bar each stage fills; the steps report into it.
BAR: Final[Mapping[Stage, tuple[float, float]]] = {
    Stage.INGEST: (0.0, 0.15),
    Stage.AUDIO: (0.15, 0.2),
    Stage.TRANSCRIBE: (0.2, 0.45),
    Stage.MOMENTS: (0.45, 0.5),
    Stage.CLIPS: (0.5, 0.95),
    Stage.THUMBNAILS: (0.95, 1.0),
}


def stage_progress(stage: str, state: str, done: float) -> float:
    """How far a stage is, 0 to 1, where its run's whole bar stands at `done`."""
    if state in (StageState.SUCCEEDED, StageState.SKIPPED):
        return 1.0
    start, end = BAR[Stage(stage)]
    return round(min(1.0, max(0.0, (done - start) / (end - start))), 4)


class Recorder:
    """Writes the stages of one run, each in a transaction of its own; renews the run's lock with each.

    What the stages asked of models stands in `calls` and is written with the stage, however that ends.
    """

    def __init__(
        self, services: Services, context: JobContext, run_id: str, calls: RunLog | None = None
    ) -> None:
        self._calls = calls if calls is not None else RunLog()
        self._services = services
        self._context = context
        self._run_id = run_id

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[Noted]:
        """Record the block as a stage. Raises `CancelledError` when the video is no longer ours."""
        self._context.check()
        # What an earlier try did is done, whoever passes over it now.
        self._context.report(BAR[stage][0])
        self._begin(stage)
        self._context.log(f"{stage}: begun")
        noted = Noted()
        try:
            yield noted
        except CancelledError:
            raise
        except AppError as error:
            self._failed(stage, error)
            raise
        else:
            self._ended(stage, noted)
        finally:
            self._keep_calls(stage)

    def keep_lock(self) -> None:
        """Hold the video for longer: called now and then during long stages."""
        with self._services.database.transaction() as session:
            run = Runs(session, EVERYONE).get(self._run_id)
            self._hold(session, run)

    def _begin(self, stage: Stage) -> None:
        now = self._services.clock()
        with self._services.database.transaction() as session:
            runs = Runs(session, EVERYONE)
            self._fence(session)
            run = runs.get(self._run_id)
            self._hold(session, run)
            run.state, run.stage = RunState.RUNNING.value, stage.value
            run.started_at = run.started_at or now
            row = runs.stage(run.id, stage.value)
            if row is None:
                session.add(_new(run, stage, now))
            else:
                row.attempts += 1
                row.state, row.started_at, row.finished_at = StageState.RUNNING.value, now, None
                row.error_code = row.error_message = None
            events.announce(session, events.STAGE, run, {"stage": stage.value, "state": "running"})

    def _ended(self, stage: Stage, noted: Noted) -> None:
        state = StageState.SKIPPED if noted.skipped else StageState.SUCCEEDED
        with self._services.database.transaction() as session:
            runs = Runs(session, EVERYONE)
            self._fence(session)
            run, row = runs.get(self._run_id), runs.stage(self._run_id, stage.value)
            if row is None:
                return
            row.state, row.finished_at = state.value, self._services.clock()
            _measured(row)
            row.facts, row.log = noted.facts, self._excerpt(stage)
            told = {"stage": stage.value, "state": state.value, **noted.facts}
            self._write_calls(session, run, stage)
            events.announce(session, events.STAGE, run, told)

    def _failed(self, stage: Stage, error: AppError) -> None:
        with self._services.database.transaction() as session:
            runs = Runs(session, EVERYONE)
            if not is_ours(session, self._context):
                return
            run, row = runs.find(self._run_id), runs.stage(self._run_id, stage.value)
            if run is None or row is None:
                return
            row.state, row.finished_at = StageState.FAILED.value, self._services.clock()
            _measured(row)
            row.error_code, row.error_message = error.code, str(error)
            row.log = self._excerpt(stage)
            self._write_calls(session, run, stage)
            told = {"stage": stage.value, "state": row.state, "error_code": error.code}
            events.announce(session, events.STAGE, run, told)

    def _keep_calls(self, stage: Stage) -> None:
        """Of a stage that was stopped, or is no longer ours: models were asked all the same."""
        if not self._calls.runs:
            return
        with self._services.database.transaction() as session:
            # Held, so that its video is not deleted between this look and the insert.
            run = session.get(PipelineRun, self._run_id, with_for_update=True)
            if run is not None:
                self._write_calls(session, run, stage)

    def _write_calls(self, session: Session, run: PipelineRun, stage: Stage) -> None:
        write_calls(session, self._services.settings.llm, run, stage, self._calls.take())

    def _excerpt(self, stage: Stage) -> str:
        text = self._context.standing.log
        begun = text.rfind(f"{stage}: begun")
        return text[max(0, begun) :][-_LOG:]

    def _fence(self, session: Session) -> None:
        # Before any other row is read: a deletion holds the job's row, and has taken them when it lets go.
        if not is_ours(session, self._context):
            raise CancelledError("Another worker has this run.")

    def _hold(self, session: Session, run: PipelineRun) -> None:
        if not locks.take(session, run.video_id, run.id, self._services.clock()):
            raise CancelledError("Another run has taken this video over.")


def _measured(row: StageRun) -> None:
    if row.finished_at is not None:
        took_s = (row.finished_at - row.started_at).total_seconds()
        tell(Happened.STAGE, took_s, row.stage, row.state)


def _new(run: PipelineRun, stage: Stage, now: Any) -> StageRun:
    return StageRun(
        id=new_id("stg"),
        owner_id=run.owner_id,
        run_id=run.id,
        video_id=run.video_id,
        stage=stage.value,
        started_at=now,
    )
