"""Putting a fetched film on its shelf, and taking it off for work."""

import hashlib
from pathlib import Path

import pytest

from features.library.sending import on_every_store
from features.library.shelf import DEV, add_video, plan_of
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError, QuotaError
from goviral.features.library.filing import file_film, mark_unusable
from goviral.features.library.library import Library
from goviral.features.library.magic import NotMediaError
from goviral.features.library.models import Video
from goviral.features.library.sources import film_of, opened_plan
from goviral.kit.errors import CancelledError, NotFoundError, RemoteError
from goviral.kit.ids import new_id
from goviral.kit.storage.keys import video_prefix
from twins.people import make_user


def new_video(services: Services, owner_id: str = DEV) -> Video:
    row = Video(id=new_id("vid"), source_url="https://example.com/a", state="new")
    with services.database.transaction() as session:
        return Library(session, owner_id).videos.add(row)


@pytest.fixture
def fetched(tmp_path: Path, film: bytes) -> Path:
    path = tmp_path / "fetched.bin"
    path.write_bytes(film)
    return path


@on_every_store
def test_a_fetched_film_is_looked_into_and_filed(
    services: Services, fetched: Path, film: bytes
) -> None:
    video = file_film(services, DEV, new_video(services).id, fetched, title="From the page")
    assert (video.state, video.title) == ("ready", "From the page")
    assert video.key == f"videos/{video.id}/source.mp4"
    assert video.sha256 == hashlib.sha256(film).hexdigest()
    assert (video.width, video.content_type) == (320, "video/mp4")
    assert not fetched.exists()
    with film_of(services, video) as path:
        assert path.read_bytes() == film
        plan = opened_plan(plan_of(video), path)
        assert plan.source.path == str(path)
    temporary = services.settings.server.data_dir / "tmp"
    assert not temporary.exists() or not list(temporary.iterdir())


def test_what_is_no_film_is_not_filed(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html>")
    video = new_video(services)
    with pytest.raises(NotMediaError) as refused:
        file_film(services, DEV, video.id, path)
    mark_unusable(services, DEV, video.id, refused.value)
    with services.database.reading() as session:
        row = Library(session, DEV).videos.get(video.id)
    assert (row.state, row.error_code) == ("failed", "not_media")
    assert list(services.store.list(video_prefix(video.id))) == []


def test_a_video_deleted_meanwhile_gets_no_film(services: Services, fetched: Path) -> None:
    with pytest.raises(NotFoundError):
        file_film(services, DEV, "vid_gone", fetched)
    mark_unusable(services, DEV, "vid_gone", RemoteError("gone"))
    assert fetched.exists()


def test_the_plan_of_its_owner_says_how_much_fits(services: Services, fetched: Path) -> None:
    owner = make_user(services, plan="free").id
    video = new_video(services, owner)
    with services.database.transaction() as session:
        full = Library(session, owner).videos.get(video.id)
        full.size_bytes = services.settings.library.free_bytes
    with pytest.raises(QuotaError):
        file_film(services, owner, video.id, fetched)


def test_filing_stops_when_asked(services: Services, fetched: Path) -> None:
    with pytest.raises(CancelledError):
        file_film(services, DEV, new_video(services).id, fetched, cancelled=lambda: True)


def test_a_video_without_a_film_has_none_to_read(services: Services) -> None:
    with pytest.raises(NotReadyError), film_of(services, new_video(services)):
        pass
    assert add_video(services).key is not None
