"""Runs and their stages, each owner his own."""

from collections.abc import Sequence

from sqlalchemy import select

from goviral.features.pipeline.models import PipelineRun, StageRun
from goviral.kit.db.repository import Repository


class Runs(Repository[PipelineRun]):
    """Walks of videos through the stages."""

    model = PipelineRun
    noun = "pipeline run"

    def latest(self, video_id: str) -> PipelineRun | None:
        """The newest run of a video."""
        statement = self.rows().where(PipelineRun.video_id == video_id)
        return self.session.scalars(statement.order_by(PipelineRun.id.desc())).first()

    def stages(self, run_id: str) -> Sequence[StageRun]:
        """The history of a run, in the order in which it happened."""
        statement = select(StageRun).where(StageRun.run_id == run_id)
        return self.session.scalars(statement.order_by(StageRun.started_at, StageRun.id)).all()

    def stage(self, run_id: str, stage: str) -> StageRun | None:
        """One stage of a run."""
        where = (StageRun.run_id == run_id, StageRun.stage == stage)
        return self.session.scalars(select(StageRun).where(*where)).one_or_none()
