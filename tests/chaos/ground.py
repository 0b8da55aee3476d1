"""What a storm begins with: tables, an administrator, and videos whose pipelines run through it."""

from pathlib import Path
from unittest import mock

from chaos.place import Place
from e2e.films import film
from features.library.shelf import DEV, add_video
from features.pipeline.talk import SECONDS, spoken
from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.first_start import first_start
from goviral.features.library.transcripts import save_transcript
from goviral.kit.db import migrate
from goviral.kit.settings import Settings

SHORT = {"count": 2, "min_ms": 3000, "max_ms": 6000}


def prepare(place: Place, videos: int, folder: Path) -> list[str]:
    """Bring the database up; make videos with transcripts. Returns their ids."""
    with mock.patch.dict("os.environ", place.env, clear=True):
        services = build_services(Settings())
    try:
        migrate.upgrade(services.database)
        first_start(services)
        talk = film(folder / "talk.mp4", seconds=SECONDS).read_bytes() if videos else b""
        made = [add_video(services, talk, DEV, title="Money") for _ in range(videos)]
        for video in made:
            save_transcript(services, DEV, video.id, spoken())
        return [video.id for video in made]
    finally:
        services.database.close()


def start_runs(place: Place, videos: list[str]) -> list[str]:
    """Start the pipeline of each. Returns the runs' ids."""
    runs = []
    for video_id in videos:
        wanted = {"video_id": video_id, "moments": SHORT}
        status, run = place.call("POST", "/api/v1/pipeline/start", wanted, f"start-{video_id}")
        assert status == 202, (status, run)
        runs.append(str(run["id"]))
    return runs
