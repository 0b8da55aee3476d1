"""Room taken, and things deleted, in the same moment, on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from features.library.shelf import DEV, add_clip, add_moment, add_thumbnail, add_video
from goviral.features.accounts.models import AuditEntry
from goviral.features.accounts.principal import Plan
from goviral.features.accounts.services import Services
from goviral.features.library.deletion import delete_clip, delete_video
from goviral.features.library.filing import file_film
from goviral.features.library.library import Library
from goviral.features.library.models import Upload, Video
from goviral.features.library.repository import UploadRepository
from goviral.features.library.schemas import NewVideo
from goviral.features.library.uploads import Announced, begin, terminate
from goviral.features.library.videos import create_video
from goviral.kit.events.models import EventRow
from goviral.kit.ids import new_id
from goviral.kit.storage.keys import video_prefix
from twins.at_once import at_once, codes, in_transaction, services
from twins.people import make_user
from twins.resources import as_user

__all__ = ["services"]

_GIB = 1024**3


def told(services: Services, subject: str) -> tuple[list[str], list[str]]:
    """Events and lines of the audit log about it."""
    with services.database.reading() as session:
        events = session.scalars(select(EventRow.type).where(EventRow.subject == subject)).all()
        lines = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == subject)
        ).all()
    return list(events), list(lines)


def with_room_for(services: Services, free_bytes: int) -> Services:
    library = services.settings.library.model_copy(update={"free_bytes": free_bytes})
    return replace(services, settings=services.settings.model_copy(update={"library": library}))


def ready_upload(services: Services) -> str:
    with services.database.transaction() as session:
        upload = Upload(
            id=new_id("upl"),
            state="ready",
            size_bytes=4,
            video_id=new_id("vid"),
            key="",
            expires_at=services.clock(),
            facts={"content_type": "video/mp4", "duration_ms": 1, "width": 1, "height": 1},
        )
        upload.key = f"{video_prefix(upload.video_id)}source.mp4"
        services.store.put(upload.key, b"film")
        return UploadRepository(session, DEV).add(upload).id


def adding(services: Services, upload_id: str) -> Callable[[], Any]:
    by = as_user(services, DEV)
    wanted = NewVideo(upload_id=upload_id)
    return in_transaction(services, lambda session: create_video(services, session, by, wanted, 0))


class TestRoom:
    def test_uploads_begun_do_not_pass_the_quota(self, services: Services) -> None:
        by = as_user(services, make_user(services, plan=Plan.FREE).id)
        small = with_room_for(services, 25 * _GIB)
        ask = in_transaction(
            small, lambda session: begin(small, session, by, Announced(9 * _GIB, "a.mp4"))
        )
        begun = at_once(small.database, [ask] * 4)
        assert codes(begun) == ["done", "done", "quota_exceeded", "quota_exceeded"]

    def test_films_filed_do_not_pass_the_quota_and_what_does_not_fit_is_not_kept(
        self, services: Services, film: bytes, tmp_path: Path
    ) -> None:
        owner_id = make_user(services, plan=Plan.FREE).id
        small = with_room_for(services, len(film) * 3 // 2)
        rows = [Video(id=new_id("vid"), source_url=f"https://example.com/{n}") for n in range(2)]
        with services.database.transaction() as session:
            for row in rows:
                Library(session, owner_id).videos.add(row)

        def file(row: Video) -> Video:
            path = tmp_path / row.id
            path.write_bytes(film)
            return file_film(small, owner_id, row.id, path)

        asked = [lambda row=row: file(row) for row in rows]
        filed = at_once(small.database, asked)
        assert codes(filed) == ["done", "quota_exceeded"]
        stored = [list(services.store.list(video_prefix(row.id))) for row in rows]
        assert sorted(len(one) for one in stored) == [0, 1]


class TestDeleting:
    def test_a_video_is_deleted_and_told_of_once(self, services: Services) -> None:
        video = add_video(services)
        add_clip(services, video, add_moment(services, video))
        by = as_user(services, DEV)
        done = at_once(services.database, [lambda: delete_video(services, by, DEV, video.id)] * 4)
        assert codes(done) == ["done", "not_found", "not_found", "not_found"]
        (gone,) = [one for one in done if not hasattr(one, "code")]
        assert gone.records == {"videos": 1, "clips": 1, "moments": 1}
        assert told(services, video.id) == (["video.deleted"], ["video.delete"])

    def test_so_is_a_clip(self, services: Services) -> None:
        clip = add_clip(services, add_video(services))
        add_thumbnail(services, clip)
        by = as_user(services, DEV)
        done = at_once(services.database, [lambda: delete_clip(services, by, DEV, clip.id)] * 3)
        assert codes(done) == ["done", "not_found", "not_found"]
        (gone,) = [one for one in done if not hasattr(one, "code")]
        assert gone.records == {"clips": 1, "thumbnails": 1}
        assert told(services, clip.id) == (["clip.deleted"], ["clip.delete"])

    def test_a_clip_and_its_video_do_not_stand_in_each_others_way(self, services: Services) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        add_thumbnail(services, clip)
        by = as_user(services, DEV)
        both = (
            lambda: delete_video(services, by, DEV, video.id),
            lambda: delete_clip(services, by, DEV, clip.id),
        )
        whole, part = at_once(services.database, both)
        assert whole.records["videos"] == 1
        # Counted once, by whoever was first.
        by_itself = getattr(part, "records", {})
        assert whole.records.get("clips", 0) + by_itself.get("clips", 0) == 1
        assert told(services, clip.id)[0] == (["clip.deleted"] if by_itself else [])

    def test_an_upload_is_given_up_once(self, services: Services) -> None:
        upload_id = ready_upload(services)
        done = at_once(services.database, [lambda: terminate(services, DEV, upload_id)] * 3)
        assert codes(done) == ["done", "not_found", "not_found"]

    def test_an_upload_that_is_given_up_while_a_video_is_made_of_it_is_one_or_the_other(
        self, services: Services
    ) -> None:
        upload_id = ready_upload(services)
        with services.database.reading() as session:
            upload = UploadRepository(session, DEV).get(upload_id)
        given_up, made = at_once(
            services.database,
            [lambda: terminate(services, DEV, upload_id), adding(services, upload_id)],
        )
        assert codes([given_up, made]) in (["done", "not_found"], ["done", "not_ready"])
        is_video = not hasattr(made, "code")
        assert (services.store.stat(upload.key) is not None) == is_video


def test_an_upload_is_made_a_video_once_and_the_others_are_shown_it(services: Services) -> None:
    upload_id = ready_upload(services)
    made = at_once(services.database, [adding(services, upload_id)] * 3)
    assert sorted(is_new for _, is_new in made) == [False, False, True]
    assert len({video["id"] for video, _ in made}) == 1
