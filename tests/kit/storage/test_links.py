"""Links to files of the local store."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.storage.links import Link, LinkError, attachment
from goviral.kit.storage.stores.local import LocalStore

SECRET = "s" * 40
LINK = Link("clips/clip_1.mp4", "GET", 1000, "talk.mp4")


def signature(link: Link) -> str:
    return parse_qs(urlsplit(link.path(SECRET)).query)["signature"][0]


def test_a_link_holds_until_it_expires() -> None:
    LINK.check(signature(LINK), SECRET, now_s=999.9)
    with pytest.raises(LinkError, match="expired"):
        LINK.check(signature(LINK), SECRET, now_s=1000)


@pytest.mark.parametrize(
    "altered",
    [
        replace(LINK, key="clips/clip_2.mp4"),
        replace(LINK, expires_at=2000),
        replace(LINK, method="PUT"),
        replace(LINK, filename="evil.html"),
        replace(LINK, filename=""),
        # What is signed must not be the same text cut elsewhere.
        replace(LINK, filename="talk.mp4\nclips", key="clip_1.mp4"),
    ],
)
def test_a_link_altered_anywhere_is_refused(altered: Link) -> None:
    with pytest.raises(LinkError, match="not valid"):
        altered.check(signature(LINK), SECRET, now_s=0)


@given(st.integers(0, 63), st.integers(1, 15))
def test_every_digit_of_the_signature_counts(place: int, shift: int) -> None:
    good = signature(LINK)
    digit = f"{(int(good[place], 16) + shift) % 16:x}"
    with pytest.raises(LinkError):
        LINK.check(good[:place] + digit + good[place + 1 :], SECRET, now_s=0)


def test_another_secret_signs_otherwise() -> None:
    with pytest.raises(LinkError):
        LINK.check(signature(LINK), "t" * 40, now_s=0)


def test_a_link_of_a_clock_that_goes_on_expires(tmp_path: Path) -> None:
    now = [100.0]
    store = LocalStore(tmp_path, SECRET, now_s=lambda: now[0])
    query = parse_qs(urlsplit(store.sign("a.mp4", 60)).query)
    link = Link("a.mp4", "GET", int(query["expires"][0]))
    store.check_link(link, query["signature"][0])
    now[0] = 160.0
    with pytest.raises(LinkError, match="expired"):
        store.check_link(link, query["signature"][0])


@given(st.text(max_size=40))
def test_any_name_makes_one_header_line(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.endswith(quote(name, safe="", errors="replace"))
