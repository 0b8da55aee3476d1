"""The corpus of addresses that must never be opened, and those that must."""

import pytest

from goviral.kit.errors import ForbiddenUrlError, InputError
from goviral.kit.urls import Target, UrlPolicy, check_url

REFUSED = [
    "file:///etc/passwd",
    "ftp://example.com/a",
    "gopher://example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "jar:http://example.com!/",
    "dict://example.com:11211/",
    "//example.com/",
    "example.com",
    "",
    "http://",
    "http:///path",
    "http://?",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://:pass@example.com/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.internal/",
    "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/",
    "http://exa mple.com/",
    "http://example.com\r\nHost: evil/",
    "http://example.com\t/",
    "http://a%2eb/",
    "http://127%2e0.0.1/",
    "http://[::1%25lo]/",
    "http://[fe80::1%eth0]/",
    "http://[::1]extra/",
    "http://[::1",
    "http://example.com:0/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:99999/",
    "http://example.com:abc/",
    "http://localhost/",
    "HTTP://LOCALHOST./",
    "http://foo.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.home.arpa/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0X7F.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff0e::1]/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://.example.com/",
    "http://exam_ple!.com/",
    "http://" + "ä" * 300 + ".com/",
]


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
