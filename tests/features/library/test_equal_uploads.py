"""Two uploads of the same bytes whose looks end in the same moment, on each database there is."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from features.library.sending import upload
from goviral.features.accounts.services import Services
from goviral.features.library.check_upload import UploadCheck
from goviral.features.library.content import make_gate
from goviral.features.library.models import Upload
from goviral.kit.server_settings import DatabaseSettings
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import video_prefix
from twins.people import by_key, key_of, make_user
from twins.service import over

_URLS = {
    "sqlite": "migrated_sqlite_url",
    "postgresql": "migrated_postgres_url",
    "pgbouncer": "pooled_postgres_url",
}
_MEET_S = 3.0


@pytest.fixture(params=_URLS)
def services(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Services]:
    url = request.getfixturevalue(_URLS[request.param])
    chosen = {"database": DatabaseSettings(url=url)}
    with over(settings.model_copy(update=chosen)) as built:
        yield built


def check_at_once(services: Services, upload_ids: list[str]) -> list[dict[str, Any]]:
    """Look at all of them beside each other; nobody commits before all would, if they can come so far."""
    together = threading.Barrier(len(upload_ids))

    def meet(_connection: Any) -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(_MEET_S)

    with services.database.reading() as session:
        uploads = [session.get_one(Upload, upload_id) for upload_id in upload_ids]
    check = UploadCheck(services, make_gate(services.settings.library))
    event.listen(services.database.engine, "commit", meet)
    with ThreadPoolExecutor(len(uploads)) as pool:
        found = list(pool.map(check.run, uploads))
    event.remove(services.database.engine, "commit", meet)
    return found


def test_of_two_equal_uploads_checked_in_the_same_moment_one_is_kept(
    api: TestClient, services: Services, film: bytes
) -> None:
    both = [upload(api, film), upload(api, film)]
    check_at_once(services, both)
    with services.database.reading() as session:
        rows = session.scalars(select(Upload).order_by(Upload.state)).all()
    assert [row.state for row in rows] == ["duplicate", "ready"]
    double, kept = rows
    assert double.duplicate_of == kept.id
    assert [one.key for one in services.store.list(video_prefix(kept.video_id))] == [kept.key]
    assert list(services.store.list(video_prefix(double.video_id))) == []


def test_those_of_two_owners_are_both_kept(
    api: TestClient, services: Services, film: bytes
) -> None:
    first = upload(api, film)
    api.headers.update(by_key(key_of(services, make_user(services).id)))
    both = [first, upload(api, film)]
    assert [one["state"] for one in check_at_once(services, both)] == ["ready", "ready"]
