"""Health and metrics: what they say, also when something is away."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, ClipState, Video
from goviral.features.ops.checks import HealthChecks
from goviral.features.ops.lifecycle import Lifecycle
from goviral.kit.db.database import Database
from goviral.kit.ids import new_id
from goviral.kit.jobs.task import Task
from goviral.kit.telemetry import measured
from goviral.kit.telemetry.metrics import start_metrics
from twins.live import until
from twins.service import app_over

WANTED = {
    "app_db_ok",
    "app_redis_ok",
    "app_storage_ok",
    "app_jobs_queue_length",
    "app_videos_total",
    "app_clips_total",
    "app_uptime_seconds",
    "app_http_request_seconds_count",
}


@pytest.fixture
def counted() -> Iterator[None]:
    before = measured._counter
    start_metrics()
    yield
    measured.listen(before)


def client_of(services: Services, lifecycle: Lifecycle | None = None) -> TestClient:
    app = app_over(services)
    app.state.lifecycle = lifecycle or Lifecycle()
    return TestClient(app, raise_server_exceptions=False)


def metrics(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_a_well_service_says_so_to_anybody(services: Services, path: str) -> None:
    answer = client_of(services).get(path)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["status"], said["queue_length"]) == ("ok", 0)
    assert {name: check["ok"] for name, check in said["checks"].items()} == {
        "database": True,
        "redis": True,
        "storage": True,
    }


def test_waiting_jobs_videos_and_ready_clips_are_counted(services: Services, counted: None) -> None:
    services.registry.register(Task("test.nothing", lambda _context, _payload: None))
    with services.database.transaction() as session:
        services.queue.enqueue(session, "test.nothing", {}, owner_id=None)
        video = Video(id=new_id("vid"), owner_id="usr_1", title="Film")
        session.add(video)
        session.flush()
        for state in (ClipState.READY, ClipState.FAILED):
            session.add(Clip(id=new_id("clip"), owner_id="usr_1", video_id=video.id, state=state))
    client = client_of(services)
    assert client.get("/health").json()["queue_length"] == 1
    found = metrics(client.get("/metrics").text)
    assert {name for name, _ in found} >= WANTED
    assert found["app_jobs_queue_length", frozenset()] == 1
    assert found["app_videos_total", frozenset()] == 1
    assert found["app_clips_total", frozenset()] == 1
    assert found["app_jobs", frozenset({("queue", "default"), ("state", "queued")})] == 1


def test_requests_are_counted_by_their_template(services: Services, counted: None) -> None:
    client = client_of(services)
    for video_id in ("vid_a", "vid_b"):
        client.get(f"/api/v1/videos/{video_id}", headers={"x-api-key": "dev-key"})
    client.get("/api/v1/nowhere/vid_a")
    text = client.get("/metrics").text
    assert "vid_a" not in text
    labels = {("method", "GET"), ("route", "/api/v1/videos/{video_id}"), ("status", "404")}
    assert metrics(text)["app_http_request_seconds_count", frozenset(labels)] >= 2
    unmatched = {("method", "GET"), ("route", "unmatched"), ("status", "404")}
    assert metrics(text)["app_http_request_seconds_count", frozenset(unmatched)] >= 1


def test_a_database_that_is_away_is_503_and_named(services: Services) -> None:
    away = Database("postgresql://nobody:hunter2@127.0.0.1:1/none")
    client = client_of(replace(services, database=away))
    answer = client.get("/health")
    said = answer.json()
    assert (answer.status_code, said["status"], said["queue_length"]) == (503, "degraded", None)
    assert not said["checks"]["database"]["ok"]
    assert "hunter2" not in answer.text
    assert metrics(client.get("/metrics").text)["app_db_ok", frozenset()] == 0
    away.close()


def test_redis_that_is_away_is_503(services: Services) -> None:
    jobs = services.settings.jobs.model_copy(update={"redis_url": "redis://:hunter2@127.0.0.1:1/0"})
    broken = replace(services, settings=services.settings.model_copy(update={"jobs": jobs}))
    answer = client_of(broken).get("/health")
    assert (answer.status_code, answer.json()["checks"]["redis"]["ok"]) == (503, False)
    assert "hunter2" not in answer.text


def test_a_check_that_hangs_is_not_waited_for_nor_begun_twice(services: Services) -> None:
    over, begun = threading.Event(), []

    class Hanging:
        name = "hanging"

        def stat(self, _key: str) -> None:
            begun.append(1)
            over.wait(300)

    checks = HealthChecks(replace(services, store=Hanging()), check_s=0.1)  # type: ignore[arg-type]

    def others_answer() -> bool:
        checks._last = None
        seen = checks.look().checks
        assert (seen["storage"].ok, seen["storage"].detail) == (False, "no answer in time")
        return seen["database"].ok

    for _ in range(2):
        until(others_answer)
    over.set()
    assert len(begun) == 1


def test_a_draining_process_takes_no_more(services: Services) -> None:
    lifecycle = Lifecycle()
    lifecycle.draining.set()
    answer = client_of(services, lifecycle).get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")
    assert client_of(services, lifecycle).get("/healthz").status_code == 200


def test_metrics_can_be_kept_from_strangers(services: Services) -> None:
    telemetry = services.settings.telemetry.model_copy(update={"metrics_token": SecretStr("s3")})
    closed = replace(
        services, settings=services.settings.model_copy(update={"telemetry": telemetry})
    )
    client = client_of(closed)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer s4"}).status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer s3"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/"])
def test_the_roots_say_what_this_is_and_where_to_go(services: Services, path: str) -> None:
    client = client_of(services)
    said = client.get(path).json()
    assert said["name"] == "GoViral"
    for link in said["links"].values():
        assert client.get(link).status_code == 200, link
