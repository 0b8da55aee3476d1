"""The one outbound HTTP client: time limits, size limits, bounded retries, no private networks.

Which addresses may be opened is the policy's matter, held to by `kit.guarded`. Proxies of the environment
are not used; redirects are followed only when asked for, each one judged anew.
"""

import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from goviral.kit.clock import Clock, utc_now
from goviral.kit.errors import InputError, RemoteError
from goviral.kit.guarded import Resolve, guarded_transport, resolve_host
from goviral.kit.retry import Backoff, retry_after_s
from goviral.kit.telemetry.outbound import add_traceparent, observed
from goviral.kit.urls import UrlPolicy, check_url

RETRYABLE_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
ONCE = Backoff(attempts=1)


class TimedOutError(RemoteError):
    """No answer, or not the whole of it, within the time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. Any status: what it means is the caller's matter."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    attempts: int = 1

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout_s` is wall-clock for a whole attempt, `max_bytes` the largest body that is read."""

    timeout_s: float = 30.0
    connect_s: float = 10.0
    max_bytes: int = 10 * 1024 * 1024
    redirects: int = 0


class HttpClient:
    """Sends requests under a policy. Thread-safe: every attempt opens its own connection."""

    def __init__(
        self,
        policy: UrlPolicy | None = None,
        *,
        limits: Limits | None = None,
        backoff: Backoff = ONCE,
        resolve: Resolve = resolve_host,
        sleep: Callable[[float], None] = time.sleep,
        now: Clock = utc_now,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or UrlPolicy()
        self._limits = limits or Limits()
        self._backoff = backoff
        self._resolve = resolve
        self._sleep = sleep
        self._now = now
        self._tls = tls

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """One answer, after retries on connection failures and on 408, 425, 429 and 5xx.

        Retries repeat the request as it is: give a client with retries only requests that may run
        twice. Raises `ForbiddenUrlError`, `InputError` (no such host form), `RemoteError` (no answer,
        too slow, too large). A final bad status is returned, not raised.
        """
        failures = 0
        while True:
            answer, error = self._attempt(method, url, headers or {}, content)
            if answer is not None and answer.status not in RETRYABLE_STATUS:
                return _numbered(answer, failures + 1)
            failures += 1
            asked = answer.headers.get("retry-after") if answer is not None else None
            delay = self._backoff.delay_s(
                failures, random.random, retry_after_s(asked, self._now())
            )
            if delay is None:
                return _numbered(_answer_or_raise(answer, error), failures)
            self._sleep(delay)

    def _attempt(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Answer | None, RemoteError | None]:
        try:
            return self._follow(method, url, headers, content), None
        except RemoteError as error:
            return None, error

    def _follow(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        deadline = time.monotonic() + self._limits.timeout_s
        for _ in range(self._limits.redirects + 1):
            answer = self._exchange(method, url, headers, content, deadline)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None or not self._limits.redirects:
                return answer
            headers = _without_credentials(headers, url, location)
            url = str(httpx2.URL(url).join(location))
            if answer.status == 303:
                method, content = "GET", None
        raise RemoteError(f"{_shown(url)} redirects too often.")

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: float,
    ) -> Answer:
        check_url(url, self._policy)
        with (
            observed(method, url) as seen,
            _errors_named(url),
            self._open(deadline) as client,
            client.stream(method, url, headers=seen.headers(headers), content=content) as response,
        ):
            seen.answered(response.status_code)
            body = _read_capped(response.iter_bytes(), self._limits.max_bytes, url)
            return Answer(response.status_code, _lower(response.headers), body, url)

    def _open(self, deadline: float) -> httpx2.Client:
        transport = guarded_transport(
            self._policy, resolve=self._resolve, deadline=deadline, tls=self._tls
        )
        timeout = httpx2.Timeout(self._limits.timeout_s, connect=self._limits.connect_s)
        # Identity: a compressed body could grow a thousandfold between two size checks.
        return httpx2.Client(
            transport=transport,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            headers={"accept-encoding": "identity", "user-agent": "goviral"},
        )


def trusted_client(timeout_s: float) -> httpx2.Client:
    """A plain client for addresses that the operator himself set (the model's endpoint).

    No guard: the operator's own model may well run on this machine. Never for addresses of users.
    """
    hooks = {"request": [lambda request: add_traceparent(request.headers)]}
    return httpx2.Client(timeout=timeout_s, follow_redirects=False, event_hooks=hooks)


@contextmanager
def _errors_named(url: str) -> Iterator[None]:
    try:
        yield
    except httpx2.TimeoutException as error:
        raise TimedOutError(f"{_shown(url)} did not answer in time.") from error
    except httpx2.InvalidURL as error:
        raise InputError("This is not a web address.") from error
    except httpx2.HTTPError as error:
        raise RemoteError(
            f"{_shown(url)} could not be reached.", remedy="Check the address and the network."
        ) from error


def _read_capped(chunks: Iterable[bytes], max_bytes: int, url: str) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise InputError(f"{_shown(url)} sends more than {max_bytes} bytes.")
    return bytes(body)


def _without_credentials(headers: Mapping[str, str], url: str, location: str) -> Mapping[str, str]:
    """Headers for the next hop: credentials and signatures stay with the host they were meant for."""
    here, there = httpx2.URL(url), httpx2.URL(url).join(location)
    if (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port):
        return headers
    private = ("authorization", "cookie", "x-webhook-signature")
    return {name: value for name, value in headers.items() if name.lower() not in private}


def _lower(headers: httpx2.Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _answer_or_raise(answer: Answer | None, error: RemoteError | None) -> Answer:
    if answer is None:
        raise error or RemoteError("There was no answer.")
    return answer


def _numbered(answer: Answer, attempts: int) -> Answer:
    return Answer(answer.status, answer.headers, answer.body, answer.url, attempts)


def _shown(url: str) -> str:
    """Host only: the rest of an address may hold a token."""
    return httpx2.URL(url).host or "the address"
