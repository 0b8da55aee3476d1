"""Administrators look at jobs, run them anew, cancel and forget them."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from goviral.features.accounts.models import AuditEntry
from goviral.features.accounts.services import Services
from goviral.kit.clock import utc_now
from goviral.kit.events.models import EventRow
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job, JobState, Payload
from goviral.kit.jobs.task import Task
from goviral.kit.jobs.workers import make_runner
from twins.people import by_key, key_of, make_user

SECRET = "gvn_abcdefgh0123456789abcdefghij"


def fails(_context: JobContext, _payload: Payload) -> None:
    raise ValueError(f"refused with {SECRET}")


@pytest.fixture
def dead(services: Services) -> str:
    """A job of somebody's that failed for good."""
    services.registry.register(Task("test.fails", fails, max_attempts=1))
    with services.database.transaction() as session:
        payload = {"url": f"https://u:pw@example.org/x?token={SECRET}", "api_key": SECRET}
        job = services.queue.enqueue(session, "test.fails", payload, owner_id="usr_1")
    make_runner(services.queue, services=services).run_next("default")
    return job.id


def test_dead_jobs_are_found_under_error(api: TestClient, dead: str) -> None:
    for path in ("/admin/jobs", "/api/v1/admin/jobs"):
        said = api.get(path, params={"status": "error", "limit": 100}).json()
        (job,) = said["items"]
        assert (job["id"], job["status"], job["attempts"]) == (dead, "error", 1)
        assert job["error_code"] == "internal"
        assert (said["totals"]["error"], said["totals"]["queued"]) == (1, 0)


def test_no_secret_of_a_job_is_shown_or_kept(
    api: TestClient, services: Services, dead: str
) -> None:
    assert SECRET not in api.get(f"/admin/jobs/{dead}").text
    assert "u:pw" not in api.get(f"/admin/jobs/{dead}").text
    with services.database.reading() as session:
        row = session.get_one(Job, dead)
        assert SECRET not in row.log + (row.error_message or "")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_beyond_the_calendar_is_refused(api: TestClient, name: str, at: str) -> None:
    answer = api.get("/api/v1/admin/jobs", params={name: at})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert answer.json()["error"]["details"][0]["where"] == f"query.{name}"


def test_jobs_are_found_by_time(api: TestClient, dead: str) -> None:
    later = (utc_now() + timedelta(hours=1)).isoformat()
    assert api.get("/admin/jobs", params={"from": later}).json()["items"] == []
    assert len(api.get("/admin/jobs", params={"to": later}).json()["items"]) == 1


def test_a_day_is_enough_to_find_jobs_by(api: TestClient, dead: str) -> None:
    today = utc_now().date()
    days = {"from": today.isoformat(), "to": (today + timedelta(days=2)).isoformat()}
    assert len(api.get("/api/v1/admin/jobs", params=days).json()["items"]) == 1
    assert api.get("/admin/jobs", params={"to": today.isoformat()}).json()["items"] == []


def test_a_status_there_is_not_is_refused(api: TestClient) -> None:
    answer = api.get("/admin/jobs", params={"status": "lost"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")


def test_a_dead_job_is_run_anew_and_that_is_written_down(
    api: TestClient, services: Services, dead: str
) -> None:
    assert api.post(f"/admin/jobs/{dead}/retry").json()["status"] == "queued"
    again = api.post(f"/admin/jobs/{dead}/retry")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert api.post(f"/admin/jobs/{dead}/cancel").json()["status"] == "cancelled"
    assert audited(services, dead) == ["job.retry", "job.cancel"]


def test_a_finished_job_is_forgotten_a_waiting_one_is_not(
    api: TestClient, services: Services, dead: str
) -> None:
    api.post(f"/admin/jobs/{dead}/retry")
    assert api.delete(f"/admin/jobs/{dead}").status_code == 409
    api.post(f"/admin/jobs/{dead}/cancel")
    assert api.delete(f"/admin/jobs/{dead}").status_code == 204
    assert api.get(f"/admin/jobs/{dead}").status_code == 404
    assert audited(services, dead)[-1] == "job.delete"


def test_others_than_administrators_see_nothing(nobody: TestClient, services: Services) -> None:
    key = key_of(services, make_user(services).id)
    assert nobody.get("/admin/jobs", headers=by_key(key)).status_code == 403
    assert nobody.get("/admin/jobs").status_code == 401


def test_the_owner_is_told_of_a_dead_job(services: Services, dead: str) -> None:
    with services.database.reading() as session:
        (row,) = session.scalars(select(EventRow).where(EventRow.type == "job.failed"))
        assert (row.owner_id, row.data["job_id"]) == ("usr_1", dead)
        assert session.get_one(Job, dead).state == JobState.DEAD


def test_a_job_knows_the_request_that_made_it(api: TestClient, services: Services) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"x-request-id": "from-a-test-1", "traceparent": parent}
    video = api.post("/api/v1/videos", json={"url": "https://example.org/talk.mp4"}).json()["id"]
    started = api.post("/api/v1/pipeline/start", json={"video_id": video}, headers=headers)
    with services.database.reading() as session:
        job = session.get_one(Job, started.json()["job_id"])
    assert (job.request_id, job.traceparent) == ("from-a-test-1", parent)


def audited(services: Services, subject: str) -> list[str]:
    with services.database.reading() as session:
        rows = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
        return [row.action for row in session.scalars(rows)]
