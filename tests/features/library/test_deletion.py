"""Deleting: records, files, temporary folders, jobs; and what is said of it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from features.library.conftest import RunJobs
from features.library.sending import on_every_store, upload
from features.library.shelf import (
    DEV,
    add_clip,
    add_moment,
    add_thumbnail,
    add_transcript,
    add_video,
    leave_work,
)
from goviral.features.accounts.models import AuditEntry
from goviral.features.accounts.services import Services
from goviral.features.library.deletion import DELETE_FILES_TASK, delete_clip
from goviral.features.library.models import Clip, Video
from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base
from goviral.kit.errors import NotFoundError
from goviral.kit.events.models import EventRow
from goviral.kit.jobs.models import Job
from goviral.kit.storage.keys import clip_key, upload_key

FOLDERS = ("videos", "clips", "thumbnails", "work", "uploads", "incoming")


def everything_stored(services: Services, *ids: str) -> list[str]:
    """Keys in the store that name any of the ids."""
    keys = [stored.key for folder in FOLDERS for stored in services.store.list(folder)]
    return [key for key in keys if any(one in key for one in ids)]


def rows_naming(services: Services, video_id: str) -> dict[str, int]:
    found = {}
    with services.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            name = "id" if table.name == "videos" else "video_id"
            if name in table.columns:
                mine = table.columns[name] == video_id
                count = session.scalar(select(func.count()).select_from(table).where(mine))
                found[table.name] = count
    return {table: count for table, count in found.items() if count}


def _enqueued(services: Services, subject: str) -> str:
    with services.database.transaction() as session:
        owned = {"owner_id": DEV, "subject": subject}
        return services.queue.enqueue(session, "library.janitor", {}, **owned).id


def _jobs_about(services: Services, subject: str) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(select(Job.id).where(Job.subject == subject)))


class TestVideo:
    @on_every_store
    def test_all_of_it_goes_and_is_counted(self, api: TestClient, services: Services) -> None:
        video, other = add_video(services, b"12345"), add_video(services)
        add_transcript(services, video)
        moments = [add_moment(services, video) for _ in range(2)]
        clips = [add_clip(services, video, moments[0]), add_clip(services, video, moments[1])]
        for name in ("a.jpg", "b.jpg"):
            add_thumbnail(services, clips[0], name)
        folder = leave_work(services, video)
        kept = add_clip(services, other)
        ids = (video.id, *(clip.id for clip in clips))
        before = everything_stored(services, *ids)

        answer = api.delete(f"/api/v1/videos/{video.id}")

        assert answer.status_code == 200
        gone = answer.json()
        assert gone["subject"] == video.id
        assert gone["records"] == {
            "videos": 1,
            "transcripts": 1,
            "moments": 2,
            "clips": 2,
            "thumbnails": 2,
        }
        assert gone["files"] == len(before) == 7
        assert gone["bytes"] > 5 + 2 * 10 + 2 * 4
        assert gone["temporary_folders"] == 1
        assert not folder.exists()
        assert everything_stored(services, *ids) == []
        assert rows_naming(services, video.id) == {}
        assert api.get(f"/api/v1/videos/{video.id}").status_code == 404
        assert api.delete(f"/api/v1/videos/{video.id}").status_code == 404
        assert services.store.stat(kept.key) is not None
        assert services.store.stat(other.key) is not None

    def test_a_video_of_an_upload_takes_the_upload_along(
        self, api: TestClient, services: Services, film: bytes, run_jobs: RunJobs
    ) -> None:
        upload_id = upload(api, film)
        run_jobs()
        video = api.post("/api/v1/videos", json={"upload_id": upload_id}).json()
        gone = api.delete(f"/api/v1/videos/{video['id']}").json()
        assert gone["records"] == {"jobs": 1, "videos": 1, "uploads": 1}
        folder = services.store.local_path(upload_key(upload_id))
        assert folder is None or not folder.parent.exists()
        assert gone["bytes"] == len(film)
        assert api.get(f"/api/v1/uploads/{upload_id}").status_code == 404
        again = upload(api, film)  # the same film may come again
        run_jobs()
        assert api.get(f"/api/v1/uploads/{again}").json()["state"] == "ready"

    def test_the_file_an_owner_put_into_the_store_goes_too(
        self, api: TestClient, services: Services
    ) -> None:
        key = f"incoming/{DEV}/a.mp4"
        services.store.put(key, b"film")
        video = api.post("/api/v1/videos", json={"key": key}).json()
        assert api.delete(f"/api/v1/videos/{video['id']}").json()["files"] == 1
        assert services.store.stat(key) is None

    def test_work_for_it_is_stopped(self, api: TestClient, services: Services) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        with services.database.transaction() as session:
            for subject in (video.id, clip.id):
                services.queue.enqueue(
                    session, "library.janitor", {}, owner_id=DEV, subject=subject
                )
        assert api.delete(f"/api/v1/videos/{video.id}").json()["jobs_cancelled"] == 2
        with services.database.reading() as session:
            states = session.scalars(select(Job.state).where(Job.name == "library.janitor")).all()
        assert set(states) == {"cancelled"}

    def test_jobs_that_ended_are_forgotten_with_all_they_tell(
        self, api: TestClient, services: Services, run_jobs: RunJobs
    ) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        left = services.settings.server.data_dir / "tmp" / f"{clip.id}-killed"
        left.mkdir(parents=True)
        ended, stopped = (_enqueued(services, clip.id) for _ in range(2))
        with services.database.transaction() as session:
            services.queue.cancel(session, ended)
        gone = api.delete(f"/api/v1/videos/{video.id}").json()
        assert (gone["records"]["jobs"], gone["jobs_cancelled"]) == (1, 1)
        assert gone["temporary_folders"] == 1
        assert _jobs_about(services, clip.id) == [stopped]
        with services.database.transaction() as session:
            session.execute(update(Job).values(run_at=utc_now()))
        run_jobs()
        assert _jobs_about(services, clip.id) == []

    @on_every_store
    def test_what_a_stopped_job_still_wrote_is_deleted_later(
        self, api: TestClient, services: Services, run_jobs: RunJobs
    ) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        api.delete(f"/api/v1/videos/{video.id}")
        services.store.put(clip_key(clip.id), b"late")
        services.store.put(f"work/{video.id}/late.raw", b"late")
        with services.database.transaction() as session:
            waiting = update(Job).where(Job.name == DELETE_FILES_TASK)
            session.execute(waiting.values(run_at=utc_now()))
        assert run_jobs() == 1
        assert everything_stored(services, video.id, clip.id) == []

    def test_it_is_audited_and_told(self, api: TestClient, services: Services) -> None:
        video = add_video(services)
        api.delete(f"/api/v1/videos/{video.id}")
        with services.database.reading() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == video.id)).one()
            event = session.scalars(select(EventRow).where(EventRow.subject == video.id)).one()
        assert (entry.action, entry.actor_id) == ("video.delete", DEV)
        assert entry.details["videos"] == 1
        assert event.type == "video.deleted"


class TestClip:
    @on_every_store
    def test_goes_with_its_thumbnails_and_leaves_the_moment(
        self, api: TestClient, services: Services
    ) -> None:
        video = add_video(services)
        moment = add_moment(services, video)
        clip, other = (add_clip(services, video, moment) for _ in range(2))
        add_thumbnail(services, clip)
        gone = api.delete(f"/api/v1/clips/{clip.id}").json()
        assert gone["records"] == {"clips": 1, "thumbnails": 1}
        assert (gone["files"], gone["bytes"]) == (2, 14)
        assert everything_stored(services, clip.id) == []
        assert rows_naming(services, video.id) == {"videos": 1, "moments": 1, "clips": 1}
        assert api.get(f"/api/v1/clips/{other.id}").status_code == 200

    def test_stays_whole_where_what_it_was_to_go_for_no_longer_holds(
        self, api: TestClient, services: Services
    ) -> None:
        clip = add_clip(services, add_video(services))
        add_thumbnail(services, clip)
        with pytest.raises(NotFoundError):
            delete_clip(services, None, DEV, clip.id, only_if=Clip.title == "another")
        assert len(everything_stored(services, clip.id)) == 2
        left = {"videos": 1, "clips": 1, "thumbnails": 1}
        assert rows_naming(services, clip.video_id) == left
        assert len(api.get(f"/api/v1/clips/{clip.id}/thumbnails").json()["items"]) == 1
        delete_clip(services, None, DEV, clip.id, only_if=Clip.title == clip.title)
        assert api.get(f"/api/v1/clips/{clip.id}").status_code == 404

    def test_a_viewer_may_not(self, api: TestClient, services: Services) -> None:
        from twins.people import by_key, key_of, make_user

        member = make_user(services, "viewer", team_of=DEV)
        clip = add_clip(services, add_video(services))
        viewer = by_key(key_of(services, member.id))
        api.headers.pop("x-api-key")
        assert api.get(f"/api/v1/clips/{clip.id}", headers=viewer).status_code == 200
        assert api.delete(f"/api/v1/clips/{clip.id}", headers=viewer).status_code == 403


@pytest.mark.parametrize("table", [t.name for t in Base.metadata.sorted_tables])
def test_every_table_that_names_a_video_is_found(table: str) -> None:
    """Deletion finds rows by the column `video_id`: a table that names it otherwise would be left."""
    columns = Base.metadata.tables[table].columns
    foreign = [key for column in columns for key in column.foreign_keys]
    named = {key.parent.name for key in foreign if key.column is Video.__table__.c.id}
    assert named <= {"video_id"}
