"""Every address the founding documents name works exactly as written there, and as its canonical self."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from features.library.shelf import DEV, add_clip, add_moment, add_transcript, add_video, plan_of
from features.library.shelf import add_thumbnail as make_thumbnail
from goviral.features.accounts.models import User
from goviral.features.accounts.services import Services
from goviral.features.accounts.tasks import TIDY_TASK
from goviral.features.pipeline.models import PipelineRun
from goviral.kit.ids import new_id
from goviral.kit.jobs.models import Job
from twins.people import key_of
from twins.service import app_over, over, settings_in

Row = tuple[str, str, str, Any, int]
_V = "/api/v1"
# Method, as it is written, canonical, body, answer.
PATHS: tuple[Row, ...] = (
    ("POST", "/auth/magic", f"{_V}/auth/magic", {"purpose": "view", "ttl_minutes": 5}, 201),
    ("POST", f"{_V}/auth/token", f"{_V}/auth/token", {"api_key": "{key}"}, 200),
    ("GET", "/api/videos", f"{_V}/videos", None, 200),
    ("POST", "/api/videos", f"{_V}/videos", {"url": "https://example.com/a.mp4"}, 201),
    ("DELETE", "/api/videos?id={video}", f"{_V}/videos/{{video}}", None, 200),
    ("DELETE", "/api/videos/{video}", f"{_V}/videos/{{video}}", None, 200),
    ("GET", "/api/videos/{video}/transcript", f"{_V}/videos/{{video}}/transcript", None, 200),
    ("GET", "/api/videos/{video}/moments", f"{_V}/videos/{{video}}/moments", None, 200),
    (
        "POST",
        "/api/videos/{video}/generate-moments",
        f"{_V}/videos/{{video}}/generate-moments",
        {"count": 1},
        202,
    ),
    (
        "POST",
        "/api/videos/{video}/moments/{moment}/refine",
        f"{_V}/videos/{{video}}/moments/{{moment}}/refine",
        {"start_ms": 0, "end_ms": 1600, "min_ms": 1000},
        200,
    ),
    (
        "POST",
        "/moments/{moment}/refine",
        f"{_V}/moments/{{moment}}/refine",
        {"end_ms": 1600, "min_ms": 1000},
        200,
    ),
    (
        "GET",
        "/api/videos/{video}/clip-extraction-status",
        f"{_V}/videos/{{video}}/clip-extraction-status",
        None,
        200,
    ),
    ("GET", "/api/clips/{moment}/stream", f"{_V}/clips/{{moment}}/stream", None, 307),
    ("POST", "/api/pipeline/start", f"{_V}/pipeline/start", {"video_id": "{video}"}, 202),
    ("GET", "/api/pipeline/status/{run}", f"{_V}/pipeline/status/{{run}}", None, 200),
    ("GET", "/clips/{clip}/signed_url", f"{_V}/clips/{{clip}}/signed_url", None, 200),
    (
        "POST",
        "/clips/{clip}/thumbnail",
        f"{_V}/clips/{{clip}}/thumbnail",
        {"title": "Wait for it", "aspect_ratio": "9:16"},
        202,
    ),
    ("GET", "/thumbnails/styles", f"{_V}/thumbnails/styles", None, 200),
    (
        "POST",
        "/thumbnails/set",
        f"{_V}/thumbnails/set",
        {"clip_id": "{clip}", "thumbnail_id": "{thumbnail}"},
        200,
    ),
    (
        "GET",
        "/admin/jobs?status=error&limit=100",
        f"{_V}/admin/jobs?status=error&limit=100",
        None,
        200,
    ),
    (
        "GET",
        f"{_V}/admin/jobs?status=error&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z",
        f"{_V}/admin/jobs?status=error&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z",
        None,
        200,
    ),
    ("POST", "/admin/jobs/{dead}/retry", f"{_V}/admin/jobs/{{dead}}/retry", None, 200),
    ("DELETE", "/admin/jobs/{dead}", f"{_V}/admin/jobs/{{dead}}", None, 204),
    ("GET", "/health", f"{_V}/health", None, 200),
    ("GET", "/metrics", "/metrics", None, 200),
    ("GET", "/", _V, None, 200),
    ("GET", "/docs", "/docs", None, 200),
    ("POST", f"{_V}/hooks/completion", f"{_V}/hooks/completion", {"job_id": "1"}, 401),
)


class Place:
    """One owner with something of everything; made anew for each request."""

    def __init__(self, services: Services, client: TestClient) -> None:
        self.services = services
        self.client = client
        self.key = key_of(services, DEV)

    def send(self, method: str, path: str, body: Any) -> httpx2.Response:
        ids = self._ids()
        return self.client.request(
            method, _filled(path, ids), json=_filled(body, ids), follow_redirects=False
        )

    def _ids(self) -> dict[str, str]:
        services = self.services
        video = add_video(services, title="Talk", duration_ms=2000)
        add_transcript(services, video)
        moment = add_moment(services, video)
        clip = add_clip(services, video, moment, plan=plan_of(video))
        still = make_thumbnail(services, clip)
        run = PipelineRun(id=new_id("run"), owner_id=DEV, video_id=video.id, state="succeeded")
        with services.database.transaction() as session:
            session.add(run)
            job: Job = services.queue.enqueue(session, TIDY_TASK, {}, owner_id=DEV)
            job.state = "dead"
        return {
            "video": video.id,
            "moment": moment.id,
            "clip": clip.id,
            "thumbnail": still.id,
            "run": run.id,
            "dead": job.id,
            "key": self.key,
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with over(settings_in(tmp_path_factory.mktemp("paths"))) as services:
        with services.database.reading() as session:
            assert session.get(User, DEV) is not None
        with TestClient(app_over(services), headers={"x-api-key": "dev-key"}) as client:
            yield Place(services, client)


@pytest.mark.parametrize("row", PATHS, ids=lambda row: f"{row[0]} {row[1]}")
def test_an_address_works_as_it_is_written_and_as_its_canonical_self(
    place: Place, row: Row
) -> None:
    method, written, canonical, body, status = row
    answers = [place.send(method, path, body) for path in (written, canonical)]
    assert [answer.status_code for answer in answers] == [status, status], [
        answer.text for answer in answers
    ]
    assert _shape(answers[0]) == _shape(answers[1])
    assert all(answer.headers["x-request-id"] for answer in answers)


def test_health_tells_what_is_asked_of_it(place: Place) -> None:
    told = place.client.get("/health").json()
    assert {"status", "uptime_s", "queue_length", "checks"} <= set(told)
    assert {"database", "storage"} <= set(told["checks"])


def test_metrics_tell_what_is_asked_of_them(place: Place) -> None:
    told = place.client.get("/metrics").text
    names = set(re.findall(r"^(\w+)[ {]", told, re.MULTILINE))
    wanted = "app_db_ok app_redis_ok app_jobs_queue_length app_videos_total app_clips_total"
    assert names >= {*wanted.split(), "app_uptime_seconds"}


def test_the_events_of_an_owner_are_a_stream_at_the_address_that_is_named(place: Place) -> None:
    found = place.client.get("/openapi.json").json()["paths"]["/api/v1/events"]["get"]
    assert "text/event-stream" in found["responses"]["200"]["content"]


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"{(\w+)}", lambda match: ids[match.group(1)], value)
    if isinstance(value, dict):
        return {name: _filled(inner, ids) for name, inner in value.items()}
    return value


def _shape(answer: httpx2.Response) -> Any:
    """The names in an answer; of what is no JSON its type."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json" or not answer.content:
        return kind
    said = answer.json()
    return sorted(said) if isinstance(said, dict) else type(said).__name__
