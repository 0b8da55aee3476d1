"""The filtering proxy, spoken to over plain sockets and by a client library."""

import socket
from collections.abc import Iterator, Sequence

import pytest

from goviral.kit.egress import EgressProxy
from goviral.kit.urls import UrlPolicy
from twins.http_server import LocalServer, Reply, closed_port


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(lambda request: Reply(200, request.body + b"|" + request.path.encode())) as up:
        yield up


def policy(server: LocalServer) -> UrlPolicy:
    return UrlPolicy(
        trusted_addresses=frozenset({"127.0.0.1"}), ports=frozenset({80, 443, server.port})
    )


def ask(proxy: EgressProxy, *sends: bytes) -> bytes:
    host, port = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        for chunk in sends:
            connection.sendall(chunk)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_a_plain_request_passes_in_origin_form(server: LocalServer) -> None:
    with EgressProxy(policy(server)) as proxy:
        head = f"POST {server.url}/a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        answer = ask(proxy, (head + "Proxy-Connection: keep-alive\r\n\r\nbo").encode(), b"dy")
    assert answer.endswith(b"body|/a?b=c")
    assert b"\r\nConnection: close\r\n" in answer
    seen = server.requests[0]
    assert seen.headers["connection"] == "close"
    assert "proxy-connection" not in seen.headers


def test_a_tunnel_carries_bytes_both_ways(server: LocalServer) -> None:
    with EgressProxy(policy(server)) as proxy:
        connect = f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode()
        answer = ask(proxy, connect, b"GET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 Connection established")
    assert answer.endswith(b"|/t")
    assert proxy.refusal is None


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT 10.0.0.1:443",
        "CONNECT 127.0.0.2:443",
        "CONNECT [::1]:443",
        "CONNECT 169.254.169.254:80",
        "CONNECT 127.0.0.1:22",
        "GET http://127.0.0.2/",
        "GET http://localhost/",
        "GET ftp://127.0.0.1/",
    ],
)
def test_private_addresses_are_refused_and_remembered(server: LocalServer, line: str) -> None:
    with EgressProxy(policy(server)) as proxy:
        answer = ask(proxy, f"{line} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403")
    assert proxy.refusal is not None
    assert server.requests == []


def test_a_second_request_on_one_connection_reaches_nobody(server: LocalServer) -> None:
    with EgressProxy(policy(server)) as proxy:
        one = f"GET {server.url}/one HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        ask(proxy, one + b"GET http://elsewhere.example/two HTTP/1.1\r\nHost: x\r\n\r\n")
    assert all(request.path == "/one" for request in server.requests)


@pytest.mark.parametrize(
    "head",
    [
        b"GARBAGE\r\n\r\n",
        b"POST http://127.0.0.1:%d/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_it_cannot_carry_is_a_bad_gateway(server: LocalServer, head: bytes) -> None:
    with EgressProxy(policy(server)) as proxy:
        answer = ask(proxy, head % server.port if b"%d" in head else head)
    assert b"502" in answer.split(b"\r\n")[0] or answer == b""


def test_a_download_longer_than_the_idle_time_is_not_cut() -> None:
    slow = Reply(200, b"x" * 12, drip_s=0.1)
    with LocalServer(lambda _: slow) as up, EgressProxy(policy(up), idle_s=0.4) as proxy:
        plain = ask(proxy, f"GET {up.url}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connect = f"CONNECT 127.0.0.1:{up.port} HTTP/1.1\r\n\r\n".encode()
        request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        tunnelled = ask(proxy, connect, request)
    assert plain.endswith(b"x" * 12)
    assert tunnelled.endswith(b"x" * 12)


def test_a_server_that_falls_silent_is_left() -> None:
    late = Reply(200, b"late", delay_s=20)
    with LocalServer(lambda _: late) as up, EgressProxy(policy(up), idle_s=0.2) as proxy:
        request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        connect = f"CONNECT 127.0.0.1:{up.port} HTTP/1.1\r\n\r\n".encode()
        assert ask(proxy, connect + request).endswith(b"established\r\n\r\n")
        assert ask(proxy, f"GET {up.url}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == b""


def test_names_are_resolved_by_the_proxy_and_judged(server: LocalServer) -> None:
    def lying(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with EgressProxy(policy(server), resolve=lying) as proxy:
        answer = ask(proxy, b"CONNECT public.example:443 HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403")


def test_a_server_that_is_down_is_a_bad_gateway() -> None:
    dead = closed_port()
    down = UrlPolicy(trusted_addresses=frozenset({"127.0.0.1"}), ports=frozenset({dead}))
    with EgressProxy(down) as proxy:
        answer = ask(proxy, f"GET http://127.0.0.1:{dead}/ HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 502")
    assert proxy.refusal is None


def test_leaving_ends_what_is_open(server: LocalServer) -> None:
    with EgressProxy(policy(server)) as proxy:
        host, port = proxy.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=60)
        connection.sendall(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert connection.recv(100) == b""
    connection.close()


def test_a_head_without_end_is_dropped(server: LocalServer) -> None:
    with EgressProxy(policy(server)) as proxy:
        try:
            answer = ask(proxy, b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000)
        except OSError:
            answer = b""
    assert answer == b""
