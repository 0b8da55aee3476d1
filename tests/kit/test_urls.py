"""The corpus of addresses that must never be opened, and those that must."""

import pytest

from goviral.kit.errors import ForbiddenUrlError, InputError
from goviral.kit.urls import Target, UrlPolicy, check_url
from twins.addresses import REFUSED


def test_the_corpus_has_the_size_it_promises() -> None:
    assert len(REFUSED) >= 60


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_must_not_be_opened_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_url(url, UrlPolicy())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("http", "example.com", 80)),
        ("https://example.com/a?b=c#d", Target("https", "example.com", 443)),
        ("HTTPS://Example.COM:443/", Target("https", "example.com", 443)),
        ("https://8.8.8.8/", Target("https", "8.8.8.8", 443)),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443)),
        ("https://bücher.example/", Target("https", "xn--bcher-kva.example", 443)),
        ("https://1.example.com/", Target("https", "1.example.com", 443)),
        ("https://my_bucket.example.com/", Target("https", "my_bucket.example.com", 443)),
    ],
)
def test_a_public_address_is_read(url: str, target: Target) -> None:
    assert check_url(url, UrlPolicy()) == target


def test_private_networks_open_only_when_allowed() -> None:
    allowed = UrlPolicy(allow_private=True)
    assert check_url("http://127.0.0.1:8123/x", allowed).port == 8123
    assert check_url("http://localhost:8123/x", allowed).host == "localhost"
    with pytest.raises(ForbiddenUrlError):
        check_url("file:///etc/passwd", allowed)


def test_one_trusted_address_opens_no_other() -> None:
    policy = UrlPolicy(trusted_addresses=frozenset({"10.0.0.7"}))
    assert check_url("http://10.0.0.7/", policy).host == "10.0.0.7"
    with pytest.raises(ForbiddenUrlError):
        check_url("http://10.0.0.8/", policy)
