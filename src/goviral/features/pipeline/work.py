"""What the stages of a run share: its wishes, its video as it is now, the engine's tools, a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from goviral.engine.studio.tools import Tools
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import Video
from goviral.features.library.sources import film_of
from goviral.features.pipeline.models import PipelineRun
from goviral.features.pipeline.recorder import Recorder
from goviral.features.pipeline.wishes import RunWishes
from goviral.kit.jobs.context import JobContext


@dataclass(frozen=True)
class Work:
    """One run under way. Rows it holds are as they were at its start: ask again for what may change."""

    services: Services
    context: JobContext
    run: PipelineRun
    wishes: RunWishes
    tools: Tools
    folder: Path
    recorder: Recorder

    @property
    def video_id(self) -> str:
        return self.run.video_id

    @contextmanager
    def library(self) -> Iterator[tuple[Session, Library]]:
        """The owner's library in a transaction."""
        with self.services.database.transaction() as session:
            yield session, Library(session, self.run.owner_id)

    def video(self) -> Video:
        """The video now. Raises `NotFoundError` where it was deleted."""
        with self.services.database.reading() as session:
            return Library(session, self.run.owner_id).videos.get(self.video_id)

    @contextmanager
    def film(self) -> Iterator[Path]:
        """The film as a local file, while the block runs."""
        with film_of(self.services, self.video()) as path:
            yield path
