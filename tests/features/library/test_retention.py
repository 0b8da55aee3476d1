"""What goes by itself: warned of 72 hours before, taken back when used, and swept."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from features.library.conftest import RunJobs
from features.library.sending import TUS, create, on_a_folder, on_every_store, patch
from features.library.shelf import DEV, add_clip, add_thumbnail, add_video
from goviral.features.accounts.models import AuditEntry
from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, Upload, Video
from goviral.features.library.retention import JANITOR_TASK, Janitor, Swept, keep
from goviral.kit.clock import utc_now
from goviral.kit.events.models import EventRow
from goviral.kit.server_settings import LibrarySettings
from goviral.kit.storage.keys import upload_prefix
from goviral.kit.storage.store import Store

Round = Callable[[float], Swept]
START = utc_now()


@pytest.fixture
def settings(settings):
    library = settings.library.model_copy(
        update={"keep_sources_days": 30, "keep_clips_days": 90, "keep_temporary_h": 24}
    )
    return settings.model_copy(update={"library": library})


@pytest.fixture
def after_days(services: Services) -> Round:
    """A round of the janitor, so many days from now."""

    def run(days: float, **changed: object) -> Swept:
        library = services.settings.library.model_copy(update=changed)
        settings = services.settings.model_copy(update={"library": library})
        clock = lambda: START + timedelta(days=days)  # noqa: E731
        return Janitor(replace(services, settings=settings, clock=clock)).run()

    return run


def video_of(services: Services, video: Video) -> Video:
    with services.database.reading() as session:
        return session.get(Video, video.id)


def told(services: Services, subject: str) -> list[str]:
    with services.database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.subject == subject))
        return [row.type for row in rows]


class TellingStore:
    """A store that says what it is about to delete."""

    def __init__(self, store: Store, tell: Callable[[str], None]) -> None:
        self._store = store
        self._tell = tell

    def delete(self, key: str) -> None:
        self._tell(key)
        self._store.delete(key)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class TestFilms:
    @on_every_store
    def test_a_film_is_warned_of_and_deleted_three_days_later(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        assert after_days(26.9) == Swept()
        assert after_days(27.1).warned == 1
        row = video_of(services, video)
        assert row.expires_at - (START + timedelta(days=27.1)) >= timedelta(hours=72)
        assert told(services, video.id) == ["video.expiring"]
        assert after_days(28) == Swept()
        assert after_days(30).deleted == 0
        assert services.store.stat(video.key) is not None
        assert after_days(30.2).deleted == 1
        row = video_of(services, video)
        assert (row.state, row.key, row.size_bytes) == ("expired", None, 0)
        assert services.store.stat(video.key) is None
        assert told(services, video.id) == ["video.expiring", "video.film_deleted"]
        assert after_days(31) == Swept()

    def test_what_was_made_of_a_film_outlives_it(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        after_days(27.1)
        after_days(30.2)
        with services.database.reading() as session:
            assert session.get(Clip, clip.id) is not None
        assert services.store.stat(clip.key) is not None

    def test_a_round_that_comes_late_still_gives_three_days(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        swept = after_days(100)
        assert (swept.warned, swept.deleted) == (1, 0)
        expires_at = video_of(services, video).expires_at
        assert expires_at == START + timedelta(days=103)
        assert after_days(102.9).deleted == 0
        assert after_days(103).deleted == 1

    def test_a_shorter_notice_cannot_be_set(self, services: Services, after_days: Round) -> None:
        with pytest.raises(ValueError, match="72"):
            LibrarySettings.model_validate({"notice_h": 71})
        add_video(services)
        after_days(100, notice_h=1)  # not even where the check is gone round
        assert after_days(100.5, notice_h=1).deleted == 0

    def test_whoever_says_keep_starts_its_time_anew(
        self, api: TestClient, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        after_days(27.1)
        shown = api.get(f"/api/v1/videos/{video.id}").json()
        assert datetime.fromisoformat(shown["expires_at"]) > START
        kept = api.post(f"/api/v1/videos/{video.id}/keep").json()
        assert kept["expires_at"] is None
        # It was kept today, not in 27 days: so it is warned of again, with three days again.
        assert after_days(31) == Swept(warned=1)

    def test_use_after_the_warning_takes_it_back(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        after_days(27.1)
        with services.database.transaction() as session:
            session.get(Video, video.id).used_at = START + timedelta(days=28)
        assert after_days(31) == Swept()
        assert video_of(services, video).expires_at is None
        assert after_days(56).warned == 1

    def test_switched_off_nothing_goes_and_warnings_are_taken_back(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        after_days(27.1)
        assert after_days(40, keep_sources_days=None) == Swept()
        assert video_of(services, video).expires_at is None

    def test_what_is_kept_for_longer_now_is_not_deleted_for_an_earlier_warning(
        self, services: Services, after_days: Round
    ) -> None:
        video = add_video(services)
        clip = add_clip(services, video)
        assert after_days(31, keep_clips_days=30).warned == 2
        longer = {"keep_sources_days": 365, "keep_clips_days": 365}
        assert after_days(35, **longer) == Swept()
        assert video_of(services, video).expires_at is None
        assert services.store.stat(video.key) is not None
        assert services.store.stat(clip.key) is not None
        assert after_days(362.1, **longer).warned == 2
        assert after_days(365.2, **longer).deleted == 2

    def test_what_somebody_keeps_while_a_round_deletes_stays(self, services: Services) -> None:
        """The first thing that goes makes its owner say "keep" to all the others."""
        videos = [add_video(services, title=str(number)) for number in range(2)]
        clips = [add_clip(services, videos[0]) for _ in range(2)]
        ids = {row.id for row in (*videos, *clips)}

        def keep_others(_key: str) -> None:
            with services.database.transaction() as session:
                for row in (*session.scalars(select(Video)), *session.scalars(select(Clip))):
                    if row.id in ids:
                        keep(session, row, START + timedelta(days=95))

        def janitor(days: float, store: Store) -> Janitor:
            clock = lambda: START + timedelta(days=days)  # noqa: E731
            return Janitor(replace(services, clock=clock, store=store))

        assert janitor(91, services.store).run().warned == 4
        told_of = TellingStore(services.store, keep_others)
        assert janitor(95, cast(Store, told_of)).run().deleted == 1
        assert sum(services.store.stat(row.key) is not None for row in (*videos, *clips)) == 3

    def test_warnings_are_audited(self, services: Services, after_days: Round) -> None:
        video = add_video(services, title="Sleep")
        after_days(27.1)
        with services.database.reading() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == video.id)).one()
        assert (entry.action, entry.owner_id) == ("video.expiring", DEV)
        assert entry.details["title"] == "Sleep"


class TestClips:
    def test_a_clip_goes_with_its_thumbnails_after_its_own_time(
        self, services: Services, after_days: Round
    ) -> None:
        clip = add_clip(services, add_video(services))
        thumbnail = add_thumbnail(services, clip)
        after_days(30)
        after_days(33)
        assert after_days(86.9).warned == 0
        assert after_days(87.1).warned == 1
        assert after_days(90.2).deleted == 1
        for key in (clip.key, thumbnail.key):
            assert services.store.stat(key) is None
        assert told(services, clip.id) == ["clip.expiring", "clip.deleted"]


class TestUploads:
    @on_every_store
    def test_what_nobody_finished_goes(
        self, api: TestClient, services: Services, film: bytes, after_days: Round
    ) -> None:
        address = create(api, len(film))
        patch(api, address, 0, film[:5000])
        upload_id = address.rsplit("/", 1)[1]
        assert after_days(0.9).uploads_expired == 0
        assert after_days(1.1).uploads_expired == 1
        assert list(services.store.list(upload_prefix(upload_id))) == []
        assert api.head(address, headers=TUS).status_code == 410
        with services.database.reading() as session:
            assert session.get(Upload, upload_id).state == "expired"


class TestSweeping:
    @on_a_folder
    def test_what_killed_work_left_behind_goes(self, services: Services, after_days: Round) -> None:
        folder = services.settings.server.data_dir / "tmp"
        for name in ("old", "young"):
            (folder / name).mkdir(parents=True)
        partial = services.store.temporary_folders()[0]
        partial.mkdir(parents=True)
        (partial / "half").write_bytes(b"x")
        for path in (folder / "old", partial / "half"):
            os.utime(path, (1, 1))
        assert after_days(0).temporary == 2
        assert [path.name for path in folder.iterdir()] == ["young"]

    def test_the_round_is_a_job(self, services: Services, run_jobs: RunJobs) -> None:
        from goviral.entrypoints.api.services import build_schedule

        assert JANITOR_TASK in {entry.task for entry in build_schedule()}
        with services.database.transaction() as session:
            job = services.queue.enqueue(session, JANITOR_TASK, {}, owner_id=None)
        assert run_jobs() == 1
        with services.database.reading() as session:
            done = session.get(type(job), job.id)
        assert (done.state, done.result["deleted"]) == ("succeeded", 0)
