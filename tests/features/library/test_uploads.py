"""Uploads from their beginning to a video: duplicates, refusals, quotas, straight to the bucket."""

import socket

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from features.library.conftest import RunJobs
from features.library.sending import TUS, create, on_a_folder, on_every_store, patch, upload
from goviral.features.accounts.services import Services
from goviral.features.library.models import Upload
from goviral.features.library.retention import Janitor
from goviral.kit.clock import utc_now
from goviral.kit.events.models import EventRow
from goviral.kit.jobs.models import Job, JobState
from goviral.kit.storage.keys import upload_prefix, video_prefix
from kit.test_antivirus import FakeClamd
from twins.people import by_key, key_of, make_user

UPLOADS = "/api/v1/uploads"


def shown(api: TestClient, upload_id: str) -> dict:
    answer = api.get(f"{UPLOADS}/{upload_id}")
    assert answer.status_code == 200
    return answer.json()


class TestDuplicates:
    @on_every_store
    def test_the_same_bytes_again_become_the_first_upload(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        first = upload(api, film, filename="a.mp4")
        run_jobs()
        second = upload(api, film, filename="b.mp4")
        run_jobs()
        again = shown(api, second)
        assert (again["state"], again["duplicate_of"]) == ("duplicate", first)
        with services.database.reading() as session:
            row = session.get(Upload, second)
            assert list(services.store.list(video_prefix(row.video_id))) == []
        assert list(services.store.list(upload_prefix(second))) == []

    def test_two_of_the_same_at_once_leave_one(
        self, api: TestClient, film: bytes, run_jobs: RunJobs
    ) -> None:
        both = [upload(api, film), upload(api, film)]
        run_jobs()
        states = sorted(shown(api, one)["state"] for one in both)
        assert states == ["duplicate", "ready"]

    def test_a_declared_hash_saves_the_sending(
        self, api: TestClient, film: bytes, film_sha256: str, run_jobs: RunJobs
    ) -> None:
        first = upload(api, film, filename="a.mp4")
        run_jobs()
        body = {"size_bytes": len(film), "sha256": film_sha256.upper()}
        answer = api.post(UPLOADS, json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "duplicate")
        assert answer.json()["upload"]["id"] == first
        by_tus = create(api, len(film), sha256=film_sha256)
        assert by_tus.endswith(first)
        assert api.head(by_tus, headers=TUS).headers["upload-offset"] == str(len(film))

    def test_another_owners_bytes_are_not_told(
        self,
        api: TestClient,
        nobody: TestClient,
        services: Services,
        film: bytes,
        film_sha256: str,
        run_jobs: RunJobs,
    ) -> None:
        upload(api, film)
        run_jobs()
        stranger = by_key(key_of(services, make_user(services).id))
        body = {"size_bytes": len(film), "sha256": film_sha256}
        answer = nobody.post(UPLOADS, json=body, headers=stranger)
        assert (answer.status_code, answer.json()["status"]) == (201, "created")

    def test_a_video_of_the_duplicate_is_the_first_ones_video(
        self, api: TestClient, film: bytes, run_jobs: RunJobs
    ) -> None:
        first = upload(api, film, filename="a.mp4")
        run_jobs()
        video = api.post("/api/v1/videos", json={"upload_id": first})
        assert video.status_code == 201
        second = upload(api, film, filename="b.mp4")
        run_jobs()
        again = api.post("/api/v1/videos", json={"upload_id": second})
        assert again.status_code == 200
        assert again.json()["id"] == video.json()["id"]
        assert shown(api, second)["video_id"] == video.json()["id"]


class TestRefusals:
    @on_every_store
    def test_what_turns_out_to_be_no_film_is_refused_and_gone(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film[:64] + bytes(6000))
        run_jobs()
        refused = shown(api, upload_id)
        assert (refused["state"], refused["error_code"]) == ("refused", "not_media")
        assert refused["error_message"]
        assert list(services.store.list(upload_prefix(upload_id))) == []
        answer = api.post("/api/v1/videos", json={"upload_id": upload_id})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_ready")

    def test_an_upload_that_is_not_finished_makes_no_video(
        self, api: TestClient, film: bytes
    ) -> None:
        address = create(api, len(film))
        body = {"upload_id": address.rsplit("/", 1)[1]}
        assert api.post("/api/v1/videos", json=body).status_code == 409
        patch(api, address, 0, film)
        assert api.post("/api/v1/videos", json=body).status_code == 409

    def test_one_that_nobody_looks_at_any_more_is_refused_and_gone(
        self, api: TestClient, services: Services, film: bytes
    ) -> None:
        upload_id = upload(api, film)
        assert Janitor(services).run().uploads_refused == 0  # its job waits
        with services.database.transaction() as session:
            session.execute(update(Job).values(state="dead"))
        assert Janitor(services).run().uploads_refused == 1
        shown = api.get(f"/api/v1/uploads/{upload_id}").json()
        assert (shown["state"], shown["error_code"]) == ("refused", "check_failed")
        assert list(services.store.list(f"uploads/{upload_id}/")) == []

    def test_a_check_that_ran_already_changes_nothing(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        run_jobs()
        before = shown(api, upload_id)
        with services.database.transaction() as session:
            job = session.scalars(select(Job).where(Job.subject == upload_id)).one()
            job.state = JobState.QUEUED
        assert run_jobs() == 1
        assert shown(api, upload_id) == before

    @on_every_store
    def test_a_check_killed_after_filing_finds_its_bytes(
        self, api: TestClient, services: Services, film: bytes, film_sha256: str, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        run_jobs()
        with services.database.transaction() as session:
            session.execute(
                update(Upload).where(Upload.id == upload_id).values(state="checking", sha256=None)
            )
            session.execute(update(Job).values(state=JobState.QUEUED))
        run_jobs()
        again = shown(api, upload_id)
        assert (again["state"], again["sha256"]) == ("ready", film_sha256)
        with services.database.reading() as session:
            key = session.get(Upload, upload_id).key
        assert b"".join(services.store.read(key)) == film

    def test_events_tell_what_became_of_it(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        good, bad = upload(api, film), upload(api, film[:64] + bytes(6000))
        run_jobs()
        with services.database.reading() as session:
            told = session.execute(select(EventRow.type, EventRow.subject)).tuples().all()
        assert set(told) == {("upload.ready", good), ("upload.refused", bad)}


class TestScanner:
    @pytest.fixture
    def clamd(self, tmp_path):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "clamd.ctl"))
            listener.listen()
            yield FakeClamd(listener)

    @pytest.fixture
    def settings(self, settings, tmp_path):
        library = settings.library.model_copy(update={"clamav": f"unix:{tmp_path / 'clamd.ctl'}"})
        return settings.model_copy(update={"library": library})

    def test_a_clean_film_comes_in(
        self, api: TestClient, clamd: FakeClamd, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        run_jobs()
        assert shown(api, upload_id)["state"] == "ready"
        assert clamd.received == film

    def test_an_infected_film_is_refused(
        self, api: TestClient, clamd: FakeClamd, film: bytes, run_jobs: RunJobs
    ) -> None:
        clamd.answer = b"stream: Evil FOUND\0"
        upload_id = upload(api, film)
        run_jobs()
        refused = shown(api, upload_id)
        assert (refused["state"], refused["error_code"]) == ("refused", "infected")

    def test_while_nobody_scans_nothing_comes_in_and_in_the_end_it_is_refused(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        for expected in ("checking", "checking", "checking", "refused"):
            assert run_jobs() == 1
            assert shown(api, upload_id)["state"] == expected
            with services.database.transaction() as session:
                session.execute(update(Job).values(run_at=utc_now()))
        assert shown(api, upload_id)["error_code"] == "scanner_failed"


class TestDirect:
    @pytest.mark.parametrize("services", ["s3"], indirect=True)
    def test_bytes_go_past_us_and_are_looked_at_all_the_same(
        self, api: TestClient, services: Services, film: bytes, film_sha256: str, run_jobs: RunJobs
    ) -> None:
        body = {"size_bytes": len(film), "filename": "talk.mp4", "content_type": "video/mp4"}
        begun = api.post(UPLOADS, json=body).json()["upload"]
        assert (begun["way"], begun["tus_url"]) == ("parts", None)
        where = f"{UPLOADS}/{begun['id']}"
        addresses = api.post(f"{where}/parts", json={"numbers": [1]}).json()
        assert (addresses["kind"], addresses["part_count"]) == ("parts", 1)
        sent = httpx2.put(
            addresses["parts"][0]["url"],
            content=film,
            headers={"content-type": "application/octet-stream"},
            timeout=60,
        )
        parts = [{"number": 1, "etag": sent.headers["etag"]}]
        for _ in range(2):  # an answer may be lost
            done = api.post(f"{where}/complete", json={"parts": parts})
            assert (done.status_code, done.json()["state"]) == (202, "checking")
        run_jobs()
        ready = shown(api, begun["id"])
        assert (ready["state"], ready["sha256"]) == ("ready", film_sha256)
        video = api.post("/api/v1/videos", json={"upload_id": begun["id"]}).json()
        assert (video["state"], video["title"]) == ("ready", "talk")
        assert video["duration_ms"] == pytest.approx(3000, abs=60)

    @pytest.mark.parametrize("services", ["s3"], indirect=True)
    def test_parts_that_are_missing_or_wrong_are_refused(
        self, api: TestClient, film: bytes
    ) -> None:
        begun = api.post(UPLOADS, json={"size_bytes": len(film)}).json()["upload"]
        where = f"{UPLOADS}/{begun['id']}"
        assert api.post(f"{where}/parts", json={"numbers": [2]}).status_code == 400
        api.post(f"{where}/parts", json={"numbers": [1]})
        done = api.post(f"{where}/complete", json={"parts": [{"number": 1, "etag": "0"}]})
        assert done.status_code == 400
        assert shown(api, begun["id"])["state"] == "receiving"

    @pytest.mark.parametrize("services", ["s3"], indirect=True)
    def test_fewer_bytes_than_announced_are_refused(
        self, api: TestClient, film: bytes, run_jobs: RunJobs
    ) -> None:
        begun = api.post(UPLOADS, json={"size_bytes": len(film) + 1}).json()["upload"]
        where = f"{UPLOADS}/{begun['id']}"
        url = api.post(f"{where}/parts", json={"numbers": [1]}).json()["parts"][0]["url"]
        kind = {"content-type": "application/octet-stream"}
        etag = httpx2.put(url, content=film, headers=kind, timeout=60).headers["etag"]
        api.post(f"{where}/complete", json={"parts": [{"number": 1, "etag": etag}]})
        run_jobs()
        assert shown(api, begun["id"])["error_code"] == "size_mismatch"

    @pytest.mark.parametrize("services", ["s3"], indirect=True)
    def test_tus_may_be_asked_for_all_the_same(self, api: TestClient) -> None:
        begun = api.post(UPLOADS, json={"size_bytes": 10, "way": "tus"}).json()["upload"]
        assert begun["way"] == "tus"
        assert api.head(begun["tus_url"], headers=TUS).status_code == 200
        assert api.post(f"{UPLOADS}/{begun['id']}/parts", json={"numbers": [1]}).status_code == 409

    @on_a_folder
    def test_a_folder_has_tus_alone(self, api: TestClient) -> None:
        begun = api.post(UPLOADS, json={"size_bytes": 10}).json()["upload"]
        assert begun["way"] == "tus"
        done = api.post(f"{UPLOADS}/{begun['id']}/complete", json={"parts": []})
        assert done.status_code == 409


class TestQuota:
    def test_an_owner_may_keep_no_more_than_the_plan_allows(
        self, api: TestClient, services: Services, nobody: TestClient
    ) -> None:
        free = by_key(key_of(services, make_user(services, plan="free").id))
        half = services.settings.library.free_bytes // 2
        most = services.settings.library.max_upload_bytes
        statuses = []
        for _ in range(2 * half // most + 1):
            answer = nobody.post(UPLOADS, json={"size_bytes": most}, headers=free)
            statuses.append(answer.status_code)
        assert statuses == [201] * (2 * half // most) + [403]
        assert answer.json()["error"]["code"] == "quota_exceeded"
        given_up = nobody.get(UPLOADS, headers=free).json()["items"][0]["id"]
        assert nobody.delete(f"{UPLOADS}/{given_up}", headers=free).status_code == 204
        assert nobody.post(UPLOADS, json={"size_bytes": most}, headers=free).status_code == 201


class TestLists:
    def test_pages_and_filters(self, api: TestClient, film: bytes, run_jobs: RunJobs) -> None:
        made = [create(api, 10).rsplit("/", 1)[1] for _ in range(3)]
        done = upload(api, film)
        run_jobs()
        first = api.get(UPLOADS, params={"limit": 2}).json()
        rest = api.get(UPLOADS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
        ids = [one["id"] for one in first["items"] + rest["items"]]
        assert ids == [done, *reversed(made)]
        assert rest["next_cursor"] is None
        ready = api.get(UPLOADS, params={"state": "ready"}).json()["items"]
        assert [one["id"] for one in ready] == [done]

    def test_one_of_which_a_video_was_made_is_not_given_up(
        self, api: TestClient, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        run_jobs()
        api.post("/api/v1/videos", json={"upload_id": upload_id})
        assert api.delete(f"{UPLOADS}/{upload_id}").status_code == 409
