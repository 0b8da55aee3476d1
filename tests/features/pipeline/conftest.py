"""A service whose films are spoken about in words we know; jobs run when told."""

import pytest

from e2e.films import film as make_film
from features.library.conftest import RunJobs, run_jobs
from features.library.shelf import DEV, add_video
from features.pipeline.talk import SECONDS, spoken
from goviral.features.accounts.services import Services
from goviral.features.library.models import Video
from goviral.features.library.transcripts import save_transcript

__all__ = ["RunJobs", "run_jobs"]


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("talks") / "talk.mp4"
    return make_film(path, seconds=SECONDS).read_bytes()


@pytest.fixture
def video(services: Services, talk: bytes) -> Video:
    """A film that is here, with its transcript."""
    made = add_video(services, talk, DEV, title="Money", duration_ms=SECONDS * 1000)
    save_transcript(services, DEV, made.id, spoken())
    return made
