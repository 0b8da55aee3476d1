"""Connections that go only where a policy lets them.

The guard sits where the connection is made: the host is resolved once, every address it has is judged,
and the socket is opened to a judged address, so that a second, different DNS answer cannot matter.
Host header, SNI and certificate check keep the name.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2
from typing_extensions import override

from goviral.kit.errors import RemoteError
from goviral.kit.urls import UrlPolicy, check_host

Resolve = Callable[[str, int], Sequence[str]]


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Every address of `host`, by the system's resolver (which also reads `0x7f.1` and the like)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def guarded_transport(
    policy: UrlPolicy,
    *,
    resolve: Resolve = resolve_host,
    deadline: float | None = None,
    tls: ssl.SSLContext | None = None,
) -> httpx2.HTTPTransport:
    """A transport whose every connection goes to an address that `policy` accepts.

    `deadline` (of `time.monotonic`) bounds the whole exchange: a server that sends one byte a second
    passes every read time-out otherwise.
    """
    context = tls or _default_tls()
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    # httpx2 takes no network backend; its pool is replaced by the same pool with ours.
    transport._pool = httpcore2.ConnectionPool(
        ssl_context=context,
        network_backend=_GuardedBackend(policy, resolve, deadline),
        max_connections=1,
    )
    return transport


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    """Made once: reading the certificate store takes tens of milliseconds."""
    return httpx2.create_ssl_context(trust_env=False)


@dataclass
class _GuardedBackend(httpcore2.NetworkBackend):
    """Resolves once, judges every address, connects to a judged one."""

    policy: UrlPolicy
    resolve: Resolve
    deadline: float | None
    _plain: httpcore2.SyncBackend = field(default_factory=httpcore2.SyncBackend)

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in judged_addresses(host, port, self.policy, self.resolve):
            try:
                stream = self._plain.connect_tcp(
                    address, port, _remaining(self.deadline, timeout), local_address, socket_options
                )
                return _DeadlineStream(stream, self.deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError("no address")


def judged_addresses(host: str, port: int, policy: UrlPolicy, resolve: Resolve) -> Sequence[str]:
    """The addresses of `host`; all of them must be allowed, one bad one refuses the name.

    Raises `ForbiddenUrlError`, or `RemoteError` when the name cannot be resolved.
    """
    policy.check_port(port)
    check_host(host, policy)
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise RemoteError(
            f"The host {host} cannot be found.", remedy="Check the address and the network."
        ) from error
    for address in addresses:
        policy.check_address(address)
    return addresses


class _DeadlineStream(httpcore2.NetworkStream):
    """A stream whose every wait ends at the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: float | None) -> None:
        self._inner = inner
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(self._deadline, timeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(self._deadline, timeout))

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        wrapped = self._inner.start_tls(
            ssl_context, server_hostname, _remaining(self._deadline, timeout)
        )
        return _DeadlineStream(wrapped, self._deadline)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _remaining(deadline: float | None, timeout: float | None) -> float | None:
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline passed")
    return left if timeout is None else min(left, timeout)
