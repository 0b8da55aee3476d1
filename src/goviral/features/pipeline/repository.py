"""Runs and their stages, each owner his own."""

from dataclasses import dataclass

from sqlalchemy import func, select

from goviral.features.pipeline.models import (
    ModelRun,
    PipelineRun,
    Stage,
    StageRun,
    StageState,
)
from goviral.kit.db.repository import Repository


class Runs(Repository[PipelineRun]):
    """Walks of videos through the stages."""

    model = PipelineRun
    noun = "pipeline run"

    def latest(self, video_id: str) -> PipelineRun | None:
        """The newest run of a video."""
        statement = self.rows().where(PipelineRun.video_id == video_id)
        return self.session.scalars(statement.order_by(PipelineRun.id.desc())).first()

    def finder(self, video_id: str) -> PipelineRun | None:
        """The run that found a video's moments, the newest of them."""
        found = (
            StageRun.stage == Stage.MOMENTS.value,
            StageRun.state == StageState.SUCCEEDED.value,
        )
        statement = self.rows().join(StageRun, StageRun.run_id == PipelineRun.id)
        statement = statement.where(PipelineRun.video_id == video_id, *found)
        return self.session.scalars(statement.order_by(PipelineRun.id.desc())).first()

    def stage(self, run_id: str, stage: str) -> StageRun | None:
        """One stage of a run."""
        where = (StageRun.run_id == run_id, StageRun.stage == stage)
        return self.session.scalars(select(StageRun).where(*where)).one_or_none()


@dataclass(frozen=True, slots=True)
class Spent:
    """Sums over model runs; `cost_micro_usd` is of those whose cost is known, the others are `unpriced`."""

    runs: int
    input_tokens: int
    output_tokens: int
    audio_ms: int
    cost_micro_usd: int
    unpriced: int


class ModelRuns(Repository[ModelRun]):
    """Calls to models."""

    model = ModelRun
    noun = "model run"

    def spent(self, video_id: str) -> Spent:
        """What the calls about a video came to."""
        mine = self.rows().where(ModelRun.video_id == video_id).subquery().c
        sums = (mine.input_tokens, mine.output_tokens, mine.audio_ms, mine.cost_micro_usd)
        columns = [func.coalesce(func.sum(column), 0) for column in sums]
        row = self.session.execute(
            select(
                func.count(mine.id), *columns, func.count(mine.id) - func.count(mine.cost_micro_usd)
            )
        ).one()
        return Spent(*map(int, row))
