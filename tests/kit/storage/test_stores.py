"""One contract for every store: local, S3, Google Cloud Storage."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.storage.links import Link
from goviral.kit.storage.store import Store, UploadPart, checksum
from goviral.kit.storage.stores import STORES
from goviral.kit.storage.stores.local import LocalStore

BIG = random.Random(4).randbytes(40_000_001)


@pytest.fixture
def folder() -> str:
    """A folder no other test has: the buckets are shared."""
    return f"tests/{new_id('t')}"


class TestPut:
    def test_bytes_come_back_as_they_were(self, store: Store, folder: str):
        stored = store.put(f"{folder}/a.bin", b"some bytes")
        assert stored.size == 10
        assert b"".join(store.read(f"{folder}/a.bin")) == b"some bytes"

    def test_a_later_put_replaces_what_was_there(self, store: Store, folder: str):
        first = store.put(f"{folder}/a.bin", b"one")
        second = store.put(f"{folder}/a.bin", b"three")
        assert b"".join(store.read(f"{folder}/a.bin")) == b"three"
        assert first.etag != second.etag

    def test_nothing_at_all_can_be_kept(self, store: Store, folder: str):
        store.put(f"{folder}/empty.bin", b"")
        assert list(store.read(f"{folder}/empty.bin")) == []
        assert store.stat(f"{folder}/empty.bin").size == 0

    def test_a_file_larger_than_a_part_comes_back_whole(
        self, store: Store, folder: str, tmp_path: Path
    ):
        big = tmp_path / "big.mp4"
        big.write_bytes(BIG)
        stored = store.put(f"{folder}/big.mp4", big, "video/mp4")
        assert stored.size == len(BIG)
        assert big.exists()
        assert checksum(store, f"{folder}/big.mp4") == hashlib.sha256(BIG).hexdigest()
        store.fetch(f"{folder}/big.mp4", tmp_path / "back" / "big.mp4")
        assert (tmp_path / "back" / "big.mp4").read_bytes() == BIG

    def test_a_file_given_away_is_gone(self, store: Store, folder: str, tmp_path: Path):
        given_away = tmp_path / "given.bin"
        given_away.write_bytes(b"mine no more")
        store.put(f"{folder}/given.bin", given_away, take=True)
        assert not given_away.exists()
        assert b"".join(store.read(f"{folder}/given.bin")) == b"mine no more"

    @pytest.mark.parametrize(
        "key",
        ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.hidden", "a\\b", "a\x00b", "x" * 600],
    )
    def test_a_key_that_is_no_plain_path_is_refused(self, store: Store, key: str):
        with pytest.raises(InputError, match="not the key"):
            store.put(key, b"x")
        with pytest.raises(InputError, match="not the key"):
            store.read(key)


class TestStat:
    def test_what_is_not_there_has_none(self, store: Store, folder: str):
        assert store.stat(f"{folder}/nothing.mp4") is None
        assert store.stat(folder) is None

    def test_size_type_and_time_are_told(self, store: Store, folder: str):
        store.put(f"{folder}/a.mp4", b"12345", "video/mp4")
        stored = store.stat(f"{folder}/a.mp4")
        assert (stored.key, stored.size, stored.content_type) == (
            f"{folder}/a.mp4",
            5,
            "video/mp4",
        )
        assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=1)
        assert stored.etag


class TestRead:
    def test_what_is_not_there_is_said_at_once(self, store: Store, folder: str, tmp_path: Path):
        with pytest.raises(NotFoundError):
            store.read(f"{folder}/nothing.bin")
        with pytest.raises(NotFoundError):
            store.fetch(f"{folder}/nothing.bin", tmp_path / "x")
        assert not (tmp_path / "x").exists()

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        size=st.integers(0, 70),
        start=st.integers(0, 80),
        length=st.one_of(st.none(), st.integers(0, 80)),
    )
    def test_a_range_is_the_slice_of_the_whole(
        self, store: Store, size: int, start: int, length: int | None
    ):
        whole = bytes(range(size))
        store.put("tests/ranges.bin", whole)
        end = None if length is None else start + length
        assert b"".join(store.read("tests/ranges.bin", start, end)) == whole[start:end]


class TestDelete:
    def test_a_deleted_file_is_gone_and_deleting_again_is_harmless(self, store: Store, folder: str):
        store.put(f"{folder}/a.bin", b"x")
        store.delete(f"{folder}/a.bin")
        store.delete(f"{folder}/a.bin")
        assert store.stat(f"{folder}/a.bin") is None

    def test_a_folder_goes_with_everything_in_it_and_nothing_beside_it(
        self, store: Store, folder: str
    ):
        for name in ("one/a.bin", "one/b/c.bin", "one-more/d.bin"):
            store.put(f"{folder}/{name}", b"x")
        assert store.delete_prefix(f"{folder}/one") == 2
        assert [stored.key for stored in store.list(folder)] == [f"{folder}/one-more/d.bin"]
        assert store.delete_prefix(f"{folder}/one/") == 0

    def test_the_whole_store_is_no_folder(self, store: Store):
        for prefix in ("", "/", ".."):
            with pytest.raises(InputError):
                store.delete_prefix(prefix)


class TestList:
    def test_files_are_told_in_order_with_sizes(self, store: Store, folder: str):
        for name in ("b.bin", "a.bin", "a/z.bin"):
            store.put(f"{folder}/{name}", name.encode())
        assert [(stored.key, stored.size) for stored in store.list(folder + "/")] == [
            (f"{folder}/a.bin", 5),
            (f"{folder}/a/z.bin", 7),
            (f"{folder}/b.bin", 5),
        ]

    def test_an_unknown_folder_holds_nothing(self, store: Store, folder: str):
        assert list(store.list(f"{folder}/nowhere")) == []


class TestAddresses:
    def test_the_uri_names_store_and_key(self, store: Store):
        heads = {"local": "/static/", "s3": "s3://goviral-tests/", "gcs": "gs://goviral-tests/"}
        assert store.uri("clips/clip_1.mp4") == heads[store.name] + "clips/clip_1.mp4"

    def test_a_signed_address_reads_the_file(self, store: Store, folder: str):
        key = f"{folder}/Ünï côde.mp4"
        store.put(key, b"0123456789", "video/mp4")
        url = store.sign(key, 60, filename='Mein "Clip" ä.mp4')
        if isinstance(store, LocalStore):
            assert url.startswith("/static/")
            _check_own(store, url)
            return
        answer = httpx2.get(url, timeout=60)
        assert (answer.status_code, answer.content) == (200, b"0123456789")
        part = httpx2.get(url, headers={"range": "bytes=2-4"}, timeout=60)
        assert (part.status_code, part.content) == (206, b"234")

    def test_the_store_answers(self, store: Store):
        store.ping()


@pytest.mark.parametrize("store", ["local"], indirect=True)
def test_a_folder_takes_no_uploads_past_us(store: Store):
    assert store.direct is None


@pytest.mark.parametrize("store", sorted(STORES.keys() - {"local"}), indirect=True)
class TestDirectUploads:
    def test_parts_sent_past_us_become_one_file(self, store: Store, folder: str):
        assert store.direct is not None
        key = f"{folder}/direct.mp4"
        upload = store.direct.begin(key, len(BIG), "video/mp4")
        assert store.stat(key) is None
        parts = []
        if upload.kind == "session":
            answer = httpx2.put(upload.urls[0], content=BIG, timeout=60)
            assert answer.status_code == 200, answer.text
        else:
            numbers = range(1, upload.part_count + 1)
            urls = store.direct.part_urls(key, upload.reference, numbers, 60)
            assert len(urls) == upload.part_count == 3
            for number, url in zip(numbers, urls, strict=True):
                piece = BIG[(number - 1) * upload.part_size : number * upload.part_size]
                answer = httpx2.put(
                    url,
                    content=piece,
                    headers={"content-type": "application/octet-stream"},
                    timeout=60,
                )
                assert answer.status_code == 200, answer.text
                parts.append(UploadPart(number, answer.headers["etag"]))
        stored = store.direct.complete(key, upload.reference, parts)
        assert stored.size == len(BIG)
        assert checksum(store, key) == hashlib.sha256(BIG).hexdigest()

    def test_joining_what_was_not_sent_is_refused(self, store: Store, folder: str):
        assert store.direct is not None
        key = f"{folder}/unsent.mp4"
        upload = store.direct.begin(key, len(BIG), "video/mp4")
        with pytest.raises(InputError):
            store.direct.complete(key, upload.reference, [UploadPart(1, '"0"')])
        store.direct.abort(key, upload.reference)
        store.direct.abort(key, upload.reference)
        assert store.stat(key) is None


def _check_own(store: LocalStore, url: str) -> None:
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    link = Link(
        unquote(parts.path.removeprefix("/static/")),
        query.get("method", "GET"),
        int(query["expires"]),
        query.get("filename", ""),
    )
    store.check_link(link, query["signature"])
