"""A service whose films are spoken about in words we know; jobs run when told."""

import pytest

from e2e.films import film as make_film
from features.library.conftest import RunJobs, run_jobs
from features.library.shelf import DEV, add_video
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.features.accounts.services import Services
from goviral.features.library.models import Video
from goviral.features.library.transcripts import save_transcript

__all__ = ["RunJobs", "run_jobs"]

SECONDS = 16
SAID = (
    "Nobody tells you this about money.",
    "I lost ten thousand dollars in one day!",
    "So why did I smile?",
    "By the way, the weather was fine.",
    "Because the lesson was worth more.",
    "The secret is to start before you are ready.",
    "Most people wait for years.",
    "Do not be most people.",
)


def spoken() -> Transcript:
    """Eight sentences of two seconds each."""
    cues = [Cue(text, i * 2000 + 100, i * 2000 + 1900) for i, text in enumerate(SAID)]
    return build_transcript(sentences=cues, language="en", engine="test", keep_sentences=True)


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
