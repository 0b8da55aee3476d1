"""Films that come from an address: with the page's captions, without, cut off, gone, and forbidden."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from features.library.conftest import RunJobs
from features.pipeline.talk import SAID
from goviral.features.accounts.services import Services
from goviral.kit.settings import Settings
from twins.http_server import LocalServer, Reply, Request

_HTML = {"Content-Type": "text/html"}
_SHORT = {"count": 1, "min_ms": 3000, "max_ms": 6000}


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """yt-dlp leaves the sockets of failed requests to the collector, which complains."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The server on loopback is a trusted one here."""
    return settings.model_copy(update={"allow_private_urls": True})


def _stamp(ms: int) -> str:
    return f"00:00:{ms // 1000:02}.{ms % 1000:03}"


VTT = "WEBVTT\n\n" + "\n\n".join(
    f"{_stamp(i * 2000 + 100)} --> {_stamp(i * 2000 + 1900)}\n{text}" for i, text in enumerate(SAID)
)


@pytest.fixture
def server(talk: bytes) -> Iterator[LocalServer]:
    page = (
        b"<html><head><title>Money talk</title></head><body><video src='/talk.mp4' controls>"
        b"<track kind='captions' src='/talk.vtt' srclang='en' label='English'></video></body></html>"
    )
    pages = {
        "/page": Reply(200, page, _HTML),
        "/talk.mp4": Reply(200, talk, {"Content-Type": "video/mp4"}),
        "/talk.vtt": Reply(200, VTT.encode(), {"Content-Type": "text/vtt"}),
        "/empty": Reply(200, b"<html><body>No film here.</body></html>", _HTML),
    }

    def route(request: Request) -> Reply:
        return pages.get(request.path.split("?")[0], Reply(404, b"nothing here"))

    with LocalServer(route) as running:
        yield running


def start(api: TestClient, url: str, **wishes: object) -> tuple[str, str]:
    """A video of that address and its run."""
    made = api.post("/api/v1/videos", json={"url": url})
    assert made.status_code == 201, made.text
    video_id = made.json()["id"]
    run = api.post(
        "/api/v1/pipeline/start", json={"video_id": video_id, "moments": _SHORT, **wishes}
    )
    assert run.status_code == 202, run.text
    return video_id, run.json()["id"]


def test_a_page_gives_its_film_its_title_and_its_captions(
    api: TestClient, services: Services, server: LocalServer, run_jobs: RunJobs
) -> None:
    video_id, run_id = start(api, f"{server.url}/page", until="moments")
    run_jobs()
    shown = api.get(f"/api/v1/pipeline/status/{run_id}").json()
    assert (shown["state"], shown["error_message"]) == ("succeeded", None)
    assert [stage["progress"] for stage in shown["stages"]] == [1.0] * 4
    video = api.get(f"/api/v1/videos/{video_id}").json()
    assert (video["state"], video["title"], video["language"]) == ("ready", "Money talk", "en")
    assert abs(video["duration_ms"] - 16_000) < 200
    transcript = api.get(f"/api/v1/videos/{video_id}/transcript").json()
    assert [one["text"] for one in transcript["document"]["sentences"]] == list(SAID)
    assert len(api.get(f"/api/v1/videos/{video_id}/moments").json()["items"]) == 1
    tmp = services.settings.server.data_dir / "tmp"
    assert _left(tmp) == []


def test_a_page_without_a_film_fails_the_run_and_says_so_on_the_video(
    api: TestClient, server: LocalServer, run_jobs: RunJobs
) -> None:
    video_id, run_id = start(api, f"{server.url}/empty")
    run_jobs()
    shown = api.get(f"/api/v1/pipeline/status/{run_id}").json()
    assert shown["state"] == "failed"
    assert [(s["stage"], s["state"]) for s in shown["stages"]] == [("ingest", "failed")]
    video = api.get(f"/api/v1/videos/{video_id}").json()
    assert video["state"] == "failed"
    assert video["error_message"] == shown["error_message"]


def test_an_address_that_leads_inside_is_refused_when_it_is_opened(
    api: TestClient, services: Services, server: LocalServer, run_jobs: RunJobs
) -> None:
    """It was judged when it was given; settings, names and redirects may have changed since."""
    _, run_id = start(api, f"{server.url}/talk.mp4")
    object.__setattr__(services, "settings", _strict(services.settings))
    run_jobs()
    shown = api.get(f"/api/v1/pipeline/status/{run_id}").json()
    assert (shown["state"], shown["error_code"]) == ("failed", "forbidden_url")
    assert server.requests == []


def _strict(settings: Settings) -> Settings:
    return settings.model_copy(update={"allow_private_urls": False})


def _left(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*")) if folder.exists() else []
