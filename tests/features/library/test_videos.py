"""Videos over HTTP."""

import pytest
from fastapi.testclient import TestClient

from features.library.conftest import RunJobs
from features.library.sending import on_every_store, upload
from features.library.shelf import add_clip, add_moment, add_transcript, add_video
from goviral.features.accounts.services import Services
from goviral.kit.ids import new_id
from kit.test_urls import REFUSED
from twins.people import by_key, key_of, make_user

VIDEOS = "/api/v1/videos"
URL = "https://example.com/talk.mp4"


class TestBringIn:
    def test_by_address(self, api: TestClient) -> None:
        answer = api.post(VIDEOS, json={"url": URL, "title": "A talk", "language": "pt-BR"})
        assert answer.status_code == 201
        video = answer.json()
        assert (video["state"], video["title"], video["language"]) == ("new", "A talk", "pt-BR")
        assert video["source"] == {"url": URL, "upload_id": None, "key": None}
        assert api.get(f"{VIDEOS}/{video['id']}").json() == video

    def test_by_upload(
        self, api: TestClient, film: bytes, film_sha256: str, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film, filename="My talk.final.mp4")
        run_jobs()
        answer = api.post(VIDEOS, json={"upload_id": upload_id})
        assert answer.status_code == 201
        video = answer.json()
        assert (video["state"], video["title"]) == ("ready", "My talk.final")
        assert (video["sha256"], video["size_bytes"]) == (film_sha256, len(film))
        assert (video["width"], video["height"]) == (320, 180)
        again = api.post(VIDEOS, json={"upload_id": upload_id})
        assert (again.status_code, again.json()["id"]) == (200, video["id"])

    @on_every_store
    def test_by_stored_key(self, api: TestClient, services: Services) -> None:
        key = f"incoming/usr_dev/{new_id()}/talk.mp4"
        services.store.put(key, b"film")
        answer = api.post(VIDEOS, json={"key": key})
        assert (answer.status_code, answer.json()["source"]["key"]) == (201, key)

    def test_only_ones_own_stored_keys_are_there(self, api: TestClient, services: Services) -> None:
        stranger = make_user(services).id
        theirs = add_video(services, owner_id=stranger)
        services.store.put(f"incoming/{stranger}/a.mp4", b"film")
        for key in (
            f"incoming/{stranger}/a.mp4",
            theirs.key,
            "incoming/usr_dev/nothing.mp4",
            "incoming/usr_devil/a.mp4",
            "link-secret",
        ):
            assert api.post(VIDEOS, json={"key": key}).status_code == 404, key
        for key in ("incoming/usr_dev/../../etc/passwd", "/etc/passwd", "incoming//a", ""):
            assert api.post(VIDEOS, json={"key": key}).status_code == 400, key

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ({"url": URL, "upload_id": "upl_1"}, 400),
            ({"url": URL, "key": "incoming/usr_dev/a.mp4"}, 400),
            ({"upload_id": "upl_none"}, 404),
            ({"url": URL, "owner_id": "usr_other"}, 422),
            ({"url": 5}, 422),
            ({"url": URL, "language": "english please"}, 422),
            ({"url": "https://example.com/" + "a" * 5000}, 422),
        ],
    )
    def test_one_source_and_a_sound_one(self, api: TestClient, body: dict, status: int) -> None:
        assert api.post(VIDEOS, json=body).status_code == status
        assert api.get(VIDEOS).json()["items"] == []

    def test_addresses_that_must_not_be_opened_are_refused_at_once(self, api: TestClient) -> None:
        told = {url: api.post(VIDEOS, json={"url": url}) for url in REFUSED}
        allowed = {(403, "forbidden_url"), (400, "invalid_input")}
        let_in = {
            url: answer.text
            for url, answer in told.items()
            if (answer.status_code, answer.json()["error"]["code"]) not in allowed
        }
        assert let_in == {}
        assert api.get(VIDEOS).json()["items"] == []

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/a.mp4",
            "http://169.254.169.254/latest/meta-data/",
            "http://2130706433/",
            "http://[::ffff:7f00:1]/",
            "http://localhost/",
            "http://10.0.0.1/",
            "http://user:pass@example.com/",
            "file:///etc/passwd",
            "https://example.com:22/",
        ],
    )
    def test_what_leads_inside_is_403(self, api: TestClient, url: str) -> None:
        answer = api.post(VIDEOS, json={"url": url})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden_url")

    def test_a_request_sent_twice_makes_one_video(self, api: TestClient) -> None:
        named = {"idempotency-key": "once"}
        both = [api.post(VIDEOS, json={"url": URL}, headers=named).json()["id"] for _ in range(2)]
        assert both[0] == both[1]
        assert len(api.get(VIDEOS).json()["items"]) == 1

    def test_the_months_cap_is_403(self, nobody: TestClient, services: Services) -> None:
        free = by_key(key_of(services, make_user(services, plan="free").id))
        cap = services.settings.limits.free_videos
        statuses = {
            nobody.post(VIDEOS, json={"url": URL}, headers=free).status_code for _ in range(cap)
        }
        last = nobody.post(VIDEOS, json={"url": URL}, headers=free)
        assert statuses == {201}
        assert (last.status_code, last.json()["error"]["code"]) == (403, "monthly_cap_reached")

    def test_a_viewer_may_look_and_not_bring_in(
        self, nobody: TestClient, services: Services
    ) -> None:
        viewer = by_key(key_of(services, make_user(services, "viewer").id))
        assert nobody.get(VIDEOS, headers=viewer).status_code == 200
        assert nobody.post(VIDEOS, json={"url": URL}, headers=viewer).status_code == 403


class TestLook:
    def test_lists_page_and_filter(self, api: TestClient, services: Services) -> None:
        ready = add_video(services, title="Über 100% sleep")
        new = [api.post(VIDEOS, json={"url": URL}).json()["id"] for _ in range(2)]
        first = api.get(VIDEOS, params={"limit": 2}).json()
        assert [one["id"] for one in first["items"]] == new[::-1]
        rest = api.get(VIDEOS, params={"cursor": first["next_cursor"]}).json()
        assert [one["id"] for one in rest["items"]] == [ready.id]
        for wanted in ({"state": "ready"}, {"title": "100% SLEEP"}):
            found = api.get(VIDEOS, params=wanted).json()["items"]
            assert [one["id"] for one in found] == [ready.id]
        assert api.get(VIDEOS, params={"title": "%"}).json()["items"][0]["id"] == ready.id
        assert api.get(VIDEOS, params={"state": "odd"}).status_code == 422
        assert api.get(VIDEOS, params={"cursor": "odd!"}).status_code == 400

    def test_founding_paths_answer_the_same(self, api: TestClient, services: Services) -> None:
        video = add_video(services)
        add_transcript(services, video)
        for path in ("/videos", f"/videos/{video.id}/transcript", f"/videos/{video.id}/moments"):
            founding, canonical = api.get("/api" + path), api.get("/api/v1" + path)
            assert founding.status_code == canonical.status_code == 200
            assert founding.json() == canonical.json()
        removed = api.request("DELETE", "/api/videos", params={"id": video.id})
        assert removed.json()["subject"] == video.id

    @on_every_store
    def test_a_transcript_is_shown_as_document_and_as_subtitles(
        self, api: TestClient, services: Services
    ) -> None:
        video = add_video(services)
        where = f"{VIDEOS}/{video.id}/transcript"
        assert api.get(where).status_code == 404
        add_transcript(services, video)
        add_transcript(services, video)  # the second takes the place of the first
        shown = api.get(where).json()
        assert (shown["word_count"], shown["language"], shown["engine"]) == (4, "en", "test")
        assert [word["text"] for word in shown["document"]["words"]][-1] == "superpower."
        assert "00:00:00,000 -->" in api.get(where, params={"format": "srt"}).text
        assert api.get(where, params={"format": "vtt"}).text.startswith("WEBVTT")
        kept = list(services.store.list(f"videos/{video.id}"))
        assert [one.key.rsplit(".", 1)[1] for one in kept] in (["mp4", "json"], ["json", "mp4"])

    def test_moments_come_best_first(self, api: TestClient, services: Services) -> None:
        video = add_video(services)
        second = add_moment(services, video, rank=2)
        best = add_moment(services, video, rank=1, score=91, reasons=[{"text": "a hook"}])
        shown = api.get(f"{VIDEOS}/{video.id}/moments").json()["items"]
        assert [one["id"] for one in shown] == [best.id, second.id]
        assert shown[0]["reasons"] == [{"text": "a hook"}]

    def test_another_owners_video_is_not_there(
        self, nobody: TestClient, services: Services
    ) -> None:
        video = add_video(services)
        add_clip(services, video)
        stranger = by_key(key_of(services, make_user(services).id))
        for path in ("", "/transcript", "/moments", "/clips"):
            answer = nobody.get(f"{VIDEOS}/{video.id}{path}", headers=stranger)
            assert answer.status_code == 404
            assert nobody.get(f"{VIDEOS}/{video.id}{path}").status_code == 401
        assert nobody.delete(f"{VIDEOS}/{video.id}", headers=stranger).status_code == 404
        keep = nobody.post(f"{VIDEOS}/{video.id}/keep", headers=stranger)
        assert keep.status_code == 404
        assert nobody.get(VIDEOS, headers=stranger).json()["items"] == []
