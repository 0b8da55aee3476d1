"""Clips, thumbnails and the links to them."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from features.library.conftest import RunJobs
from features.library.sending import on_a_folder, on_every_store
from features.library.shelf import add_clip, add_moment, add_thumbnail, add_video, plan_of
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.kit.clock import utc_now
from twins.people import by_key, key_of, make_user

CLIPS = "/api/v1/clips"
TEN = b"0123456789"


def fetch(api: TestClient, url: str, **headers: str):
    """Open a link as anybody would: without credentials."""
    if url.startswith("http"):
        return httpx2.get(url, headers=headers, timeout=60)
    api.headers.pop("x-api-key", None)
    return api.get(url, headers=headers)


class TestLook:
    def test_lists_filter_by_what_a_clip_was_made_of(
        self, api: TestClient, services: Services
    ) -> None:
        video, other = add_video(services), add_video(services)
        moment = add_moment(services, video)
        one, two = add_clip(services, video, moment), add_clip(services, video, state="failed")
        add_clip(services, other)

        def ids(**wanted: str) -> list[str]:
            return [clip["id"] for clip in api.get(CLIPS, params=wanted).json()["items"]]

        assert ids(video_id=video.id) == [two.id, one.id]
        assert ids(moment_id=moment.id) == [one.id]
        assert ids(video_id=video.id, state="ready") == [one.id]
        assert len(ids()) == 3
        of_video = api.get(f"/api/v1/videos/{video.id}/clips").json()["items"]
        assert [clip["id"] for clip in of_video] == [two.id, one.id]

    @on_a_folder
    def test_a_clip_says_where_it_lies(self, api: TestClient, services: Services) -> None:
        clip = add_clip(services, add_video(services), version=3, rendered_version=2)
        shown = api.get(f"{CLIPS}/{clip.id}").json()
        assert shown["output_path"] == f"/static/clips/{clip.id}.mp4"
        assert (shown["version"], shown["rendered_version"]) == (3, 2)
        assert "plan" not in shown

    def test_a_plan_is_the_same_on_every_machine(self, api: TestClient, services: Services) -> None:
        video = add_video(services)
        clip = add_clip(services, video, plan=plan_of(video))
        shown = api.get(f"{CLIPS}/{clip.id}/plan").json()
        assert shown["version"] == 1
        assert shown["plan"]["source"]["path"] == video.key


class TestLinks:
    @on_every_store
    def test_a_moments_clip_streams_by_a_link_of_its_own(
        self, api: TestClient, services: Services
    ) -> None:
        video = add_video(services)
        moment = add_moment(services, video)
        where = f"/api/clips/{moment.id}/stream"
        assert api.get(where).status_code == 404
        add_clip(services, video, moment, b"older")
        add_clip(services, video, moment, TEN)
        add_clip(services, video, moment, b"broken", state="failed")
        answer = api.get(where, follow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["cache-control"] == "no-store"
        link = answer.headers["location"]
        whole = fetch(api, link)
        assert (whole.status_code, whole.content) == (200, TEN)
        assert whole.headers["content-type"] == "video/mp4"
        part = fetch(api, link, range="bytes=2-4")
        assert (part.status_code, part.content) == (206, b"234")

    @on_every_store
    def test_a_signed_url_says_until_when_and_saves_under_the_title(
        self, api: TestClient, services: Services
    ) -> None:
        clip = add_clip(services, add_video(services), title="Why we sleep / naïve")
        wanted = {"ttl_s": 3600, "download": True}
        signed = api.get(f"/clips/{clip.id}/signed_url", params=wanted).json()
        left = datetime.fromisoformat(signed["expires_at"]) - utc_now()
        assert timedelta(minutes=55) < left <= timedelta(minutes=60)
        got = fetch(api, signed["url"])
        assert got.content == TEN
        if services.store.name == "local":  # moto leaves the header out
            assert got.headers["content-disposition"].startswith("attachment; filename=")
            assert "why-we-sleep" in got.headers["content-disposition"]

    def test_a_link_outlives_no_week(self, api: TestClient, services: Services) -> None:
        clip = add_clip(services, add_video(services))
        for ttl_s in (0, -1, 604_801):
            answer = api.get(f"{CLIPS}/{clip.id}/signed_url", params={"ttl_s": ttl_s})
            assert answer.status_code == 422

    def test_a_clip_that_is_not_rendered_has_no_link(
        self, api: TestClient, services: Services
    ) -> None:
        clip = add_clip(services, add_video(services), state="planned")
        with services.database.transaction() as session:
            Library(session, "usr_dev").clips.get(clip.id).key = None
        for path in ("stream", "signed_url"):
            answer = api.get(f"{CLIPS}/{clip.id}/{path}", follow_redirects=False)
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_ready")


@on_a_folder
class TestStatic:
    @pytest.fixture
    def link(self, api: TestClient, services: Services) -> str:
        clip = add_clip(services, add_video(services), content=TEN)
        url = services.store.sign(clip.key, 60)
        api.headers.pop("x-api-key")
        return url

    @pytest.mark.parametrize(
        ("wanted", "status", "content", "says"),
        [
            (None, 200, TEN, None),
            ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
            ("bytes=7-", 206, b"789", "bytes 7-9/10"),
            ("bytes=-2", 206, b"89", "bytes 8-9/10"),
            ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
            ("bytes=10-", 416, b"", "bytes */10"),
            ("bytes=0-1,4-5", 200, TEN, None),
            ("pages=1-2", 200, TEN, None),
        ],
    )
    def test_ranges(
        self, api: TestClient, link: str, wanted: str | None, status: int, content: bytes, says
    ) -> None:
        headers = {"range": wanted} if wanted else {}
        answer = api.get(link, headers=headers)
        assert (answer.status_code, answer.content) == (status, content)
        assert answer.headers.get("content-range") == says
        if status != 416:
            assert answer.headers["accept-ranges"] == "bytes"
            head = api.head(link, headers=headers)
            assert (head.status_code, head.content) == (status, b"")
            assert head.headers["content-length"] == str(len(content))

    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(first=st.integers(0, 12), last=st.one_of(st.none(), st.integers(0, 12)))
    def test_every_range_is_the_slice(
        self, api: TestClient, link: str, first: int, last: int | None
    ) -> None:
        text = f"bytes={first}-{'' if last is None else last}"
        answer = api.get(link, headers={"range": text})
        if last is not None and last < first:
            assert (answer.status_code, answer.content) == (200, TEN)
        elif first >= len(TEN):
            assert answer.status_code == 416
        else:
            end = len(TEN) if last is None else last + 1
            assert (answer.status_code, answer.content) == (206, TEN[first:end])

    def test_a_range_of_another_version_gets_all_of_this_one(
        self, api: TestClient, link: str
    ) -> None:
        etag = api.get(link).headers["etag"]
        same = api.get(link, headers={"range": "bytes=1-2", "if-range": etag})
        other = api.get(link, headers={"range": "bytes=1-2", "if-range": '"old"'})
        assert (same.status_code, other.status_code) == (206, 200)
        assert api.get(link, headers={"if-none-match": etag}).status_code == 304

    def test_an_altered_link_is_403(self, api: TestClient, link: str, services: Services) -> None:
        path, query = urlsplit(link).path, urlsplit(link).query
        other = add_clip(services, add_video(services), content=b"secret")
        for url in (
            f"/static/{other.key}?{query}",
            f"{path}?{query.replace('expires=', 'expires=9')}",
            f"{path}?{query}0",
            f"{path}?{query}&filename=a.html",
            f"{path}?expires=9999999999&signature=",
        ):
            answer = api.get(url)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_link"), url

    def test_a_link_to_what_was_deleted_is_404(
        self, api: TestClient, link: str, services: Services
    ) -> None:
        services.store.delete_prefix("clips")
        assert api.get(link).status_code == 404

    def test_an_owner_needs_no_link_and_a_stranger_needs_one(
        self, nobody: TestClient, services: Services
    ) -> None:
        owner = by_key(key_of(services, (user := make_user(services)).id))
        stranger = by_key(key_of(services, make_user(services).id))
        video = add_video(services, owner_id=user.id)
        clip = add_clip(services, video)
        thumbnail = add_thumbnail(services, clip)
        for key in (clip.key, thumbnail.key, video.key):
            assert nobody.get(f"/static/{key}", headers=owner).status_code == 200
            assert nobody.get(f"/static/{key}", headers=stranger).status_code == 404
            assert nobody.get(f"/static/{key}").status_code == 401

    @pytest.mark.parametrize(
        "key",
        [
            "../link-secret",
            "%2e%2e/link-secret",
            "..%2f..%2fetc%2fpasswd",
            "/etc/passwd",
            ".partial/a",
            "uploads/upl_1/bytes",
            "work/vid_1/audio.flac",
            "incoming/usr_dev/a.mp4",
            "clips",
            "clips/",
            "clips/%00.mp4",
        ],
    )
    def test_nothing_else_is_served(self, api: TestClient, services: Services, key: str) -> None:
        services.store.put("uploads/upl_1/bytes", b"x")
        services.store.put("incoming/usr_dev/a.mp4", b"x")
        services.store.put("work/vid_1/audio.flac", b"x")
        assert api.get(f"/static/{key}").status_code in (400, 404)


class TestThumbnails:
    def test_styles_are_listed(self, api: TestClient) -> None:
        styles = api.get("/thumbnails/styles").json()["items"]
        assert [style["name"] for style in styles] == ["S1", "S2", "S3", "S4"]
        assert all(style["description"] for style in styles)

    @on_every_store
    def test_are_made_of_the_film_and_looked_at(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs, tmp_path: Path
    ) -> None:
        video = add_video(services, film)
        clip = add_clip(services, video, plan=plan_of(video))
        body = {"title": "Sleep more", "aspect_ratio": "16:9", "style": "S1"}
        ordered = api.post(f"/clips/{clip.id}/thumbnail", json=body)
        assert ordered.status_code == 202
        assert ordered.json()["clip_id"] == clip.id
        assert run_jobs() == 1
        (made,) = api.get(f"{CLIPS}/{clip.id}/thumbnails").json()["items"]
        assert (made["style"], made["title"], made["aspect_ratio"]) == ("S1", "Sleep more", "16:9")
        assert not made["is_chosen"]
        picture = Image.open(BytesIO(fetch(api, made["url"]).content))
        assert picture.size == (made["width"], made["height"]) == (1280, 720)
        assert not list((services.settings.server.data_dir / "tmp").iterdir())

    def test_every_shape_that_may_be_asked_for_is_made(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        video = add_video(services, film)
        clip = add_clip(services, video, plan=plan_of(video))
        schema = api.get("/openapi.json").json()["components"]["schemas"]["NewThumbnail"]
        (choices,) = [
            one["enum"] for one in schema["properties"]["aspect_ratio"]["anyOf"] if "enum" in one
        ]
        for aspect in choices:
            body = {"title": "Sleep more", "aspect_ratio": aspect}
            assert api.post(f"/clips/{clip.id}/thumbnail", json=body).status_code == 202
        assert run_jobs() == len(choices)
        made = api.get(f"{CLIPS}/{clip.id}/thumbnails").json()["items"]
        sizes = {one["aspect_ratio"]: (one["width"], one["height"]) for one in made}
        assert sizes == {
            "9:16": (1080, 1920),
            "16:9": (1280, 720),
            "1:1": (1080, 1080),
            "4:5": (1080, 1350),
        }
        for one in made:
            picture = Image.open(BytesIO(fetch(api, one["url"]).content))
            assert picture.size == sizes[one["aspect_ratio"]]

    def test_made_twice_by_one_job_they_are_there_once(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        video = add_video(services, film)
        clip = add_clip(services, video, plan=plan_of(video))
        api.post(f"/clips/{clip.id}/thumbnail", json={"aspect_ratio": "9:16", "style": "S2"})
        from sqlalchemy import update

        from goviral.kit.jobs.models import Job

        for _ in range(2):
            assert run_jobs() == 1
            with services.database.transaction() as session:
                session.execute(update(Job).values(state="queued"))
        assert len(api.get(f"{CLIPS}/{clip.id}/thumbnails").json()["items"]) == 1

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"style": "S9"}, 400),
            ({"aspect_ratio": "2:1"}, 422),
            ({"title": "x" * 301}, 422),
            ({"colour": "red"}, 422),
        ],
    )
    def test_what_cannot_be_made_is_refused(
        self, api: TestClient, services: Services, body: dict, status: int
    ) -> None:
        video = add_video(services)
        clip = add_clip(services, video, plan=plan_of(video))
        assert api.post(f"/clips/{clip.id}/thumbnail", json=body).status_code == status

    def test_a_clip_without_a_plan_has_none(self, api: TestClient, services: Services) -> None:
        clip = add_clip(services, add_video(services))
        assert api.post(f"/clips/{clip.id}/thumbnail", json={}).status_code == 409

    def test_one_is_chosen(self, api: TestClient, services: Services) -> None:
        clip, other = (add_clip(services, add_video(services)) for _ in range(2))
        one, two = (add_thumbnail(services, clip, name) for name in ("a.jpg", "b.jpg"))
        foreign = add_thumbnail(services, other)
        for chosen in (one, two):
            body = {"clip_id": clip.id, "thumbnail_id": chosen.id}
            assert api.post("/thumbnails/set", json=body).json()["is_chosen"]
        shown = api.get(f"{CLIPS}/{clip.id}/thumbnails").json()["items"]
        assert [thumbnail["is_chosen"] for thumbnail in shown] == [False, True]
        body = {"clip_id": clip.id, "thumbnail_id": foreign.id}
        assert api.post("/thumbnails/set", json=body).status_code == 404

    def test_a_strangers_are_not_there(self, nobody: TestClient, services: Services) -> None:
        clip = add_clip(services, add_video(services))
        thumbnail = add_thumbnail(services, clip)
        stranger = by_key(key_of(services, make_user(services).id))
        for method, path, body in (
            ("GET", f"{CLIPS}/{clip.id}", None),
            ("GET", f"{CLIPS}/{clip.id}/plan", None),
            ("GET", f"{CLIPS}/{clip.id}/stream", None),
            ("GET", f"{CLIPS}/{clip.id}/signed_url", None),
            ("GET", f"{CLIPS}/{clip.id}/thumbnails", None),
            ("POST", f"{CLIPS}/{clip.id}/thumbnail", {}),
            ("POST", f"{CLIPS}/{clip.id}/keep", None),
            ("DELETE", f"{CLIPS}/{clip.id}", None),
            ("POST", "/thumbnails/set", {"clip_id": clip.id, "thumbnail_id": thumbnail.id}),
        ):
            answer = nobody.request(method, path, json=body, headers=stranger)
            assert answer.status_code == 404, path
