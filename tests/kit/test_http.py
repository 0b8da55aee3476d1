"""The outbound client against a real server and a lying resolver."""

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from goviral.kit.errors import ForbiddenUrlError, InputError, RemoteError
from goviral.kit.guarded import resolve_host
from goviral.kit.http import HttpClient, Limits, trusted_client
from goviral.kit.retry import Backoff
from goviral.kit.urls import UrlPolicy
from twins.http_server import LocalServer, Reply, Request, closed_port

OPEN = UrlPolicy(allow_private=True)
QUICK = Backoff(attempts=3, base_s=0.001, max_delay_s=5)


class Script:
    """Answers in turn, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)

    def __call__(self, request: Request) -> Reply:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


class Naps:
    """Sleeps that are written down instead of slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def hello() -> Iterator[LocalServer]:
    with LocalServer(lambda _: Reply(200, b"hello", {"X-Who": "me"})) as server:
        yield server


def names(table: dict[str, Sequence[str]]) -> HttpClient:
    return HttpClient(UrlPolicy(), resolve=lambda host, _: table[host])


class TestSend:
    def test_an_answer_has_status_headers_and_body(self, hello: LocalServer) -> None:
        answer = HttpClient(OPEN).send("POST", f"{hello.url}/x", content=b"hi")
        assert (answer.status, answer.body, answer.headers["x-who"]) == (200, b"hello", "me")
        assert answer.succeeded
        assert hello.requests[0].body == b"hi"

    def test_a_bad_status_is_an_answer_too(self) -> None:
        with LocalServer(Script(Reply(404))) as server:
            answer = HttpClient(OPEN, backoff=QUICK).send("GET", server.url)
        assert (answer.status, answer.succeeded, answer.attempts) == (404, False, 1)

    def test_a_failing_server_is_asked_again(self) -> None:
        with LocalServer(Script(Reply(503), Reply(500), Reply(200, b"ok"))) as server:
            answer = HttpClient(OPEN, backoff=QUICK).send("GET", server.url)
        assert (answer.body, answer.attempts) == (b"ok", 3)

    def test_retries_are_bounded(self) -> None:
        with LocalServer(Script(Reply(500))) as server:
            answer = HttpClient(OPEN, backoff=QUICK).send("GET", server.url)
            assert len(server.requests) == 3
        assert (answer.status, answer.attempts) == (500, 3)

    def test_retry_after_is_obeyed(self) -> None:
        naps = Naps()
        busy = Reply(429, headers={"Retry-After": "4"})
        with LocalServer(Script(busy, Reply(200))) as server:
            HttpClient(OPEN, backoff=QUICK, sleep=naps).send("GET", server.url)
        assert naps.seconds == [4.0]

    def test_nobody_there_is_a_remote_error_after_all_tries(self) -> None:
        naps = Naps()
        with pytest.raises(RemoteError, match="could not be reached"):
            HttpClient(OPEN, backoff=QUICK, sleep=naps).send(
                "GET", f"http://127.0.0.1:{closed_port()}/"
            )
        assert len(naps.seconds) == 2

    def test_a_silent_server_is_left(self) -> None:
        started = time.monotonic()
        with LocalServer(Script(Reply(delay_s=120))) as server, pytest.raises(RemoteError):
            HttpClient(OPEN, limits=Limits(timeout_s=0.2)).send("GET", server.url)
        assert time.monotonic() - started < 60

    def test_a_dripping_server_is_left_at_the_deadline(self) -> None:
        started = time.monotonic()
        drip = Reply(200, b"x" * 10_000, drip_s=0.05)
        with LocalServer(Script(drip)) as server, pytest.raises(RemoteError, match="in time"):
            HttpClient(OPEN, limits=Limits(timeout_s=0.4)).send("GET", server.url)
        assert time.monotonic() - started < 60

    def test_a_body_over_the_cap_is_refused(self) -> None:
        with (
            LocalServer(Script(Reply(200, b"x" * 5000))) as server,
            pytest.raises(InputError, match="more than 100 bytes"),
        ):
            HttpClient(OPEN, limits=Limits(max_bytes=100)).send("GET", server.url)

    def test_no_compressed_body_is_asked_for(self, hello: LocalServer) -> None:
        HttpClient(OPEN).send("GET", hello.url)
        assert hello.requests[0].headers["accept-encoding"] == "identity"


class TestRedirects:
    def test_they_are_not_followed_unless_asked(self, hello: LocalServer) -> None:
        with LocalServer(Script(Reply(302, headers={"Location": hello.url}))) as server:
            assert HttpClient(OPEN).send("GET", server.url).status == 302
        assert hello.requests == []

    def test_they_are_followed_with_credentials_left_behind(self, hello: LocalServer) -> None:
        away = Reply(303, headers={"Location": hello.url})
        secret = {"Authorization": "Bearer x", "X-Kind": "a"}
        with LocalServer(Script(away)) as server:
            client = HttpClient(OPEN, limits=Limits(redirects=2))
            answer = client.send("POST", server.url, headers=secret, content=b"body")
        seen = hello.requests[0]
        assert answer.body == b"hello"
        assert (seen.method, seen.body) == ("GET", b"")
        assert "authorization" not in seen.headers
        assert seen.headers["x-kind"] == "a"

    def test_credentials_stay_on_the_same_host(self) -> None:
        home = Reply(307, headers={"Location": "/b"})
        with LocalServer(Script(home, Reply(200))) as server:
            client = HttpClient(OPEN, limits=Limits(redirects=1))
            client.send("POST", server.url, headers={"Authorization": "x"}, content=b"y")
            assert server.requests[1].headers["authorization"] == "x"
            assert server.requests[1].body == b"y"

    def test_a_loop_ends(self) -> None:
        with (
            LocalServer(Script(Reply(302, headers={"Location": "/"}))) as server,
            pytest.raises(RemoteError, match="too often"),
        ):
            HttpClient(OPEN, limits=Limits(redirects=3)).send("GET", server.url)

    def test_a_private_target_is_refused(self) -> None:
        for target in ("http://127.0.0.2/", "http://169.254.169.254/", "file:///etc/passwd"):
            with LocalServer(Script(Reply(302, headers={"Location": target}))) as server:
                policy = UrlPolicy(
                    trusted_addresses=frozenset({"127.0.0.1"}),
                    ports=frozenset({80, server.port}),
                )
                with pytest.raises(ForbiddenUrlError):
                    HttpClient(policy, limits=Limits(redirects=3)).send("GET", server.url)


class TestGuard:
    @pytest.mark.parametrize(
        "addresses",
        [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"], ["64:ff9b::a9fe:a9fe"], ["junk"]],
    )
    def test_a_name_with_one_private_address_is_refused(self, addresses: list[str]) -> None:
        with pytest.raises(ForbiddenUrlError):
            names({"public.example": addresses}).send("GET", "http://public.example/")

    def test_the_name_is_resolved_once_so_a_second_answer_cannot_matter(self) -> None:
        answers = [["127.0.0.1"], ["10.0.0.1"]]
        with LocalServer(Script(Reply(200, b"pinned"))) as server:
            policy = UrlPolicy(
                trusted_addresses=frozenset({"127.0.0.1"}), ports=frozenset({server.port})
            )
            client = HttpClient(policy, resolve=lambda *_: answers.pop(0))
            answer = client.send("GET", f"http://rebind.example:{server.port}/")
            assert server.requests[0].headers["host"] == f"rebind.example:{server.port}"
        assert answer.body == b"pinned"
        assert len(answers) == 1

    def test_the_next_address_is_tried_when_the_first_is_down(self) -> None:
        with LocalServer(Script(Reply(200, b"second"))) as server:
            policy = UrlPolicy(
                trusted_addresses=frozenset({"127.0.0.1", "::1"}),
                ports=frozenset({server.port}),
            )
            client = HttpClient(policy, resolve=lambda *_: ["::1", "127.0.0.1"])
            assert client.send("GET", f"http://two.example:{server.port}/").body == b"second"

    def test_a_name_nobody_knows_is_a_remote_error(self) -> None:
        def nobody(host: str, port: int) -> Sequence[str]:
            raise OSError("no such host")

        with pytest.raises(RemoteError, match="cannot be found"):
            HttpClient(UrlPolicy(), resolve=nobody).send("GET", "http://nobody.example/")

    def test_a_name_without_addresses_is_a_remote_error(self) -> None:
        with pytest.raises(RemoteError):
            names({"empty.example": []}).send("GET", "http://empty.example/")

    def test_what_is_no_address_is_bad_input(self) -> None:
        with pytest.raises(InputError):
            HttpClient().send("GET", "not a url")

    def test_proxies_of_the_environment_are_not_used(
        self, hello: LocalServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
        assert HttpClient(OPEN).send("GET", hello.url).body == b"hello"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for public.example, its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here")
    path = tmp_path_factory.mktemp("tls") / "public.pem"
    subject = ["-subj", "/CN=public.example", "-addext", "subjectAltName=DNS:public.example"]
    files = ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*make, *subject, *files], check=True, capture_output=True, timeout=300)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


class TestTls:
    def ask(self, certificate: Path, host: str) -> bytes:
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(certificate)
        trusted = ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))
        with LocalServer(lambda _: Reply(200, b"secret"), tls=served) as server:
            policy = UrlPolicy(
                trusted_addresses=frozenset({"127.0.0.1"}), ports=frozenset({server.port})
            )
            client = HttpClient(policy, resolve=lambda *_: ["127.0.0.1"], tls=trusted)
            return client.send("GET", f"https://{host}:{server.port}/").body

    def test_the_pinned_address_must_prove_the_name(self, certificate: Path) -> None:
        assert self.ask(certificate, "public.example") == b"secret"

    def test_another_name_at_the_same_address_is_refused(self, certificate: Path) -> None:
        with pytest.raises(RemoteError):
            self.ask(certificate, "other.example")


def test_the_systems_resolver_reads_numbers_in_disguise() -> None:
    assert resolve_host("0x7f.1", 80) == ["127.0.0.1"]


def test_the_trusted_client_reaches_ones_own_machine(hello: LocalServer) -> None:
    with trusted_client(5) as client:
        assert client.get(hello.url).text == "hello"
