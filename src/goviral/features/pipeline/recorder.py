"""The history of a run, written as it happens: each stage with its times, tries, facts and log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from goviral.features.accounts.services import Services
from goviral.features.pipeline import events, locks
from goviral.features.pipeline.models import PipelineRun, RunState, Stage, StageRun, StageState
from goviral.features.pipeline.repository import Runs
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext

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


class Recorder:
    """Writes the stages of one run, each in a transaction of its own; renews the run's lock with each."""

    def __init__(self, services: Services, context: JobContext, run_id: str) -> None:
        self._services = services
        self._context = context
        self._run_id = run_id

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[Noted]:
        """Record the block as a stage. Raises `CancelledError` when the video is no longer ours."""
        self._context.check()
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
        self._ended(stage, noted)

    def keep_lock(self) -> None:
        """Hold the video for longer: called now and then during long stages."""
        with self._services.database.transaction() as session:
            run = Runs(session, EVERYONE).get(self._run_id)
            self._hold(session, run)

    def _begin(self, stage: Stage) -> None:
        now = self._services.clock()
        with self._services.database.transaction() as session:
            runs = Runs(session, EVERYONE)
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
            run, row = runs.get(self._run_id), runs.stage(self._run_id, stage.value)
            if row is None:
                return
            row.state, row.finished_at = state.value, self._services.clock()
            row.facts, row.log = noted.facts, self._excerpt(stage)
            told = {"stage": stage.value, "state": state.value, **noted.facts}
            events.announce(session, events.STAGE, run, told)

    def _failed(self, stage: Stage, error: AppError) -> None:
        with self._services.database.transaction() as session:
            row = Runs(session, EVERYONE).stage(self._run_id, stage.value)
            if row is None:
                return
            row.state, row.finished_at = StageState.FAILED.value, self._services.clock()
            row.error_code, row.error_message = error.code, str(error)
            row.log = self._excerpt(stage)

    def _excerpt(self, stage: Stage) -> str:
        text = self._context.standing.log
        begun = text.rfind(f"{stage}: begun")
        return text[max(0, begun) :][-_LOG:]

    def _hold(self, session: Any, run: PipelineRun) -> None:
        if not locks.take(session, run.video_id, run.id, self._services.clock()):
            raise CancelledError("Another run has taken this video over.")


def _new(run: PipelineRun, stage: Stage, now: Any) -> StageRun:
    return StageRun(
        id=new_id("stg"),
        owner_id=run.owner_id,
        run_id=run.id,
        video_id=run.video_id,
        stage=stage.value,
        started_at=now,
    )
