"""A video through all stages on Google Cloud Storage."""

import httpx2
import pytest
from fastapi.testclient import TestClient

from features.library.conftest import RunJobs
from features.pipeline.test_runs import start, status
from goviral.features.accounts.services import Services
from goviral.features.library.models import Video
from goviral.kit.settings import Settings
from servers import store_settings


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    return settings.model_copy(update={"storage": store_settings(request, "gcs")})


def test_clips_are_made_told_by_their_address_streamed_and_deleted(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    run = start(api, video)
    run_jobs()
    assert status(api, run["id"])["state"] == "succeeded"
    clips = api.get(f"/api/v1/videos/{video.id}/clips").json()["items"]
    assert len(clips) == 2
    for clip in clips:
        key = f"clips/{clip['id']}.mp4"
        assert clip["output_path"] == f"gs://{services.settings.storage.gcs_bucket}/{key}"
        link = api.get(f"/clips/{clip['id']}/signed_url").json()["url"]
        film = httpx2.get(link, timeout=60).content
        assert film == b"".join(services.store.read(key))
        assert film[4:8] == b"ftyp"
    assert api.delete(f"/api/v1/videos/{video.id}").status_code in (200, 202)
    run_jobs()
    for clip in clips:
        assert services.store.stat(f"clips/{clip['id']}.mp4") is None
