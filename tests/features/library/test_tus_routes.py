"""The tus protocol, word by word."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from features.library.sending import (
    TUS,
    TYPE,
    create,
    encode,
    offset_of,
    on_a_folder,
    on_every_store,
    patch,
    sum_of,
    upload,
)
from features.library.shelf import DEV
from goviral.features.accounts.services import Services
from goviral.features.library.errors import UploadBusyError
from goviral.features.library.models import Upload
from goviral.features.library.uploads import open_intake
from goviral.kit.clock import utc_now
from goviral.kit.storage.keys import upload_prefix
from twins.people import by_key, key_of, make_user

ROOT = "/api/v1/uploads/tus"


def row_of(services: Services, address: str) -> Upload:
    with services.database.reading() as session:
        found = session.get(Upload, address.rsplit("/", 1)[1])
        assert found is not None
        return found


def change(services: Services, address: str, **values: object) -> None:
    with services.database.transaction() as session:
        mine = update(Upload).where(Upload.id == address.rsplit("/", 1)[1])
        session.execute(mine.values(**values))


class TestWords:
    def test_options_say_what_is_spoken_to_anybody(self, nobody: TestClient) -> None:
        answer = nobody.options(ROOT)
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(10 * 1024**3)
        assert set(answer.headers["tus-extension"].split(",")) == {
            "creation",
            "expiration",
            "checksum",
            "termination",
        }
        assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")

    @pytest.mark.parametrize("said", [{}, {"Tus-Resumable": "0.2.2"}])
    def test_another_version_is_refused_everywhere(
        self, api: TestClient, said: dict[str, str]
    ) -> None:
        address = create(api, 10)
        for method, where in (
            ("POST", ROOT),
            ("HEAD", address),
            ("PATCH", address),
            ("DELETE", address),
        ):
            answer = api.request(method, where, headers=said)
            assert answer.status_code == 412, method
            assert answer.headers["tus-resumable"] == "1.0.0"

    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ({}, 400),
            ({"Upload-Length": "-1"}, 400),
            ({"Upload-Length": "ten"}, 400),
            ({"Upload-Length": "1e3"}, 400),
            ({"Upload-Length": "0"}, 400),
            ({"Upload-Length": str(10 * 1024**3 + 1)}, 413),
            ({"Upload-Length": "9" * 40}, 400),
            ({"Upload-Length": "5", "Upload-Metadata": "filename not*base64"}, 400),
            ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
            ({"Upload-Length": "5", "Upload-Metadata": encode({"sha256": "abc"})}, 400),
        ],
    )
    def test_an_upload_that_is_announced_wrongly_is_not_begun(
        self, api: TestClient, said: dict[str, str], status: int
    ) -> None:
        answer = api.post(ROOT, headers={**TUS, **said})
        assert answer.status_code == status
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert api.get("/api/v1/uploads").json()["items"] == []

    def test_a_begun_upload_stands_at_nothing(self, api: TestClient) -> None:
        address = create(api, 1000, filename="Mein Film ü.mp4", filetype="video/mp4")
        answer = api.head(address, headers=TUS)
        assert answer.headers["upload-offset"] == "0"
        assert answer.headers["upload-length"] == "1000"
        assert answer.headers["upload-metadata"] == encode(
            {"filename": "Mein Film ü.mp4", "filetype": "video/mp4"}
        )
        expires = parsedate_to_datetime(answer.headers["upload-expires"])
        assert timedelta(hours=23) < expires - utc_now() <= timedelta(hours=24)

    def test_what_is_not_there_is_404(self, api: TestClient) -> None:
        for method in ("HEAD", "DELETE"):
            assert api.request(method, f"{ROOT}/upl_none", headers=TUS).status_code == 404
        assert patch(api, f"{ROOT}/upl_none", 0, b"x").status_code == 404


class TestPatch:
    @on_every_store
    def test_bytes_add_up_to_the_file(
        self, api: TestClient, services: Services, film: bytes, run_jobs, film_sha256: str
    ) -> None:
        address = create(api, len(film), filename="talk.mp4")
        cuts = [0, 1, 700, 20_000, 20_000, len(film)]
        for start, end in pairwise(cuts):
            answer = patch(api, address, start, film[start:end])
            assert answer.status_code == 204, answer.text
            assert answer.headers["upload-offset"] == str(end)
            assert offset_of(api, address) == end
        run_jobs()
        upload_id = address.rsplit("/", 1)[1]
        shown = api.get(f"/api/v1/uploads/{upload_id}").json()
        assert (shown["state"], shown["sha256"]) == ("ready", film_sha256)
        assert shown["facts"]["duration_ms"] == pytest.approx(3000, abs=60)
        row = row_of(services, address)
        assert row.key == f"videos/{row.video_id}/source.mp4"
        assert b"".join(services.store.read(row.key)) == film
        assert list(services.store.list(upload_prefix(upload_id))) == []

    @pytest.mark.parametrize("offset", [0, 9, 11])
    def test_another_place_than_the_next_is_409_and_changes_nothing(
        self, api: TestClient, offset: int
    ) -> None:
        address = create(api, 100)
        patch(api, address, 0, b"0123456789")
        answer = patch(api, address, offset, b"x")
        assert answer.status_code == 409
        assert answer.headers["upload-offset"] == "10"
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert offset_of(api, address) == 10

    def test_another_type_is_415(self, api: TestClient) -> None:
        address = create(api, 10)
        for kind in ("", "application/octet-stream", "video/mp4"):
            answer = patch(api, address, 0, b"x", **{"Content-Type": kind})
            assert answer.status_code == 415
        assert offset_of(api, address) == 0

    def test_more_than_was_announced_is_413_and_none_of_it_counts(self, api: TestClient) -> None:
        address = create(api, 10)
        assert patch(api, address, 0, b"0" * 11).status_code == 413
        assert offset_of(api, address) == 0
        assert patch(api, address, 0, b"0" * 5).status_code == 204

    def test_a_finished_upload_takes_no_more(self, api: TestClient, film: bytes, run_jobs) -> None:
        address = f"{ROOT}/{upload(api, film)}"
        assert patch(api, address, len(film), b"x").status_code == 409
        run_jobs()
        assert patch(api, address, len(film), b"").status_code == 409
        assert offset_of(api, address) == len(film)

    def test_a_file_that_is_no_film_is_turned_away_at_its_beginning(self, api: TestClient) -> None:
        address = create(api, 5_000_000)
        answer = patch(api, address, 0, b"<html>" + bytes(3_000_000))
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_media")
        assert offset_of(api, address) == 0

    def test_post_may_stand_for_patch_and_delete(self, api: TestClient, film: bytes) -> None:
        address = create(api, len(film))
        said = {**TUS, "Upload-Offset": "0", "Content-Type": TYPE}
        answer = api.post(
            address, headers={**said, "X-HTTP-Method-Override": "PATCH"}, content=film
        )
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(film)))
        answer = api.post(address, headers={**TUS, "X-HTTP-Method-Override": "DELETE"})
        assert answer.status_code == 204
        assert api.post(address, headers=TUS).status_code == 400


class TestChecksum:
    @on_every_store
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
    def test_bytes_that_add_up_are_kept(self, api: TestClient, film: bytes, algorithm: str) -> None:
        address = create(api, len(film))
        checked = {"Upload-Checksum": sum_of(algorithm, film)}
        assert patch(api, address, 0, film, **checked).status_code == 204

    @on_every_store
    def test_bytes_that_do_not_are_460_and_thrown_away(
        self, api: TestClient, services: Services, film: bytes
    ) -> None:
        address = create(api, len(film))
        patch(api, address, 0, film[:100])
        wrong = {"Upload-Checksum": sum_of("sha1", b"other")}
        answer = patch(api, address, 100, film[100:], **wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (460, "checksum_mismatch")
        assert offset_of(api, address) == 100
        stored = list(services.store.list(upload_prefix(address.rsplit("/", 1)[1])))
        assert sum(one.size for one in stored) == 100
        right = {"Upload-Checksum": sum_of("sha1", film[100:])}
        assert patch(api, address, 100, film[100:], **right).status_code == 204

    @pytest.mark.parametrize("said", ["crc32 AAAAAA==", "sha1", "sha1 ***", "sha1 YQ==", ""])
    def test_a_sum_nobody_can_check_is_400(self, api: TestClient, said: str) -> None:
        address = create(api, 10)
        assert patch(api, address, 0, b"x", **{"Upload-Checksum": said}).status_code == 400
        assert offset_of(api, address) == 0

    def test_a_file_that_arrives_otherwise_than_declared_is_refused(
        self, api: TestClient, film: bytes, run_jobs
    ) -> None:
        upload_id = upload(api, film, sha256="0" * 64)
        run_jobs()
        shown = api.get(f"/api/v1/uploads/{upload_id}").json()
        assert (shown["state"], shown["error_code"]) == ("refused", "checksum_mismatch")


class TestEnd:
    @on_every_store
    def test_an_upload_given_up_is_gone_with_its_bytes(
        self, api: TestClient, services: Services, film: bytes
    ) -> None:
        address = create(api, len(film))
        patch(api, address, 0, film[:5000])
        assert api.delete(address, headers=TUS).status_code == 204
        assert api.head(address, headers=TUS).status_code == 404
        assert list(services.store.list(upload_prefix(address.rsplit("/", 1)[1]))) == []

    def test_an_upload_that_is_over_is_410(self, api: TestClient, services: Services) -> None:
        address = create(api, 10)
        change(services, address, expires_at=utc_now() - timedelta(seconds=1))
        assert api.head(address, headers=TUS).status_code == 410
        answer = patch(api, address, 0, b"x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "upload_expired")

    def test_every_byte_gives_it_more_time(self, api: TestClient, services: Services) -> None:
        address = create(api, 100)
        soon = utc_now() + timedelta(minutes=1)
        change(services, address, expires_at=soon)
        patch(api, address, 0, b"x")
        assert row_of(services, address).expires_at > soon + timedelta(hours=20)


class TestOneWriter:
    def test_a_second_writer_is_409_until_the_first_is_long_silent(
        self, api: TestClient, services: Services
    ) -> None:
        address = create(api, 100)
        held = utc_now() + timedelta(minutes=20)
        change(services, address, lock="another", locked_until=held)
        answer = patch(api, address, 0, b"0123456789")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_busy")
        change(services, address, locked_until=utc_now() - timedelta(seconds=1))
        assert patch(api, address, 0, b"0123456789").status_code == 204

    def test_a_writer_leaves_the_place_free(self, api: TestClient, services: Services) -> None:
        address = create(api, 100)
        for offset in range(3):
            assert patch(api, address, offset, b"x").status_code == 204
        patch(api, address, 3, b"x" * 1000)
        assert row_of(services, address).lock is None

    @on_a_folder
    def test_what_a_killed_writer_left_uncounted_is_overwritten(
        self, api: TestClient, services: Services, film: bytes, run_jobs, film_sha256: str
    ) -> None:
        address = create(api, len(film))
        patch(api, address, 0, film[:100])
        grown = services.store.local_path(f"uploads/{address.rsplit('/', 1)[1]}/bytes")
        assert isinstance(grown, Path)
        with grown.open("ab") as stream:
            stream.write(b"never counted" * 100)
        patch(api, address, 100, film[100:])
        run_jobs()
        assert row_of(services, address).sha256 == film_sha256

    @on_a_folder
    def test_a_writer_that_woke_too_late_cuts_off_nothing_of_the_next(
        self, api: TestClient, services: Services, film: bytes, run_jobs, film_sha256: str
    ) -> None:
        address = create(api, len(film))
        late = open_intake(services, DEV, address.rsplit("/", 1)[1], 0, None)
        late.write(film[:50])
        change(services, address, locked_until=utc_now() - timedelta(seconds=1))
        assert patch(api, address, 0, film[:2000]).status_code == 204
        with pytest.raises(UploadBusyError):
            late.abandon()
        late.close()
        patch(api, address, 2000, film[2000:])
        run_jobs()
        assert row_of(services, address).sha256 == film_sha256


class TestOwners:
    def test_another_owners_upload_is_not_there(
        self, api: TestClient, services: Services, nobody: TestClient
    ) -> None:
        address = create(api, 10)
        stranger = by_key(key_of(services, make_user(services).id))
        for method in ("HEAD", "DELETE"):
            answer = nobody.request(method, address, headers={**TUS, **stranger})
            assert answer.status_code == 404
        assert patch(nobody, address, 0, b"x", **stranger).status_code == 404
        assert nobody.head(address, headers=TUS).status_code == 401

    def test_a_viewer_may_not_send(self, nobody: TestClient, services: Services) -> None:
        viewer = by_key(key_of(services, make_user(services, "viewer").id))
        answer = nobody.post(ROOT, headers={**TUS, "Upload-Length": "5", **viewer})
        assert answer.status_code == 403
