"""Requests to the service: credentials, tries, errors. Blocking; thread-safe."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx2
from pydantic import BaseModel

from goviral.client.errors import ApiError, error_of
from goviral.kit.errors import RemoteError
from goviral.kit.http import trusted_client
from goviral.kit.retry import Backoff, retry_after_s

V = TypeVar("V", bound=BaseModel)
AGAIN = Backoff(attempts=5, base_s=0.3, factor=3, max_delay_s=20)
_MAY_PASS = frozenset({408, 425, 429, 502, 503, 504})


class Connection:
    """One service under one credential.

    Reading and deleting are tried again when the line breaks; creating is too, under one
    `Idempotency-Key`, so that it happens once.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        again: Backoff = AGAIN,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base_url.rstrip("/") + "/"
        self._headers = {"x-api-key": key, "user-agent": "goviral-client"}
        self._again = again
        self._sleep = sleep
        self._http = trusted_client(timeout_s)

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def get(self, kind: type[V], path: str, **params: Any) -> V:
        """Read a value. Raises `ApiError`, `RemoteError`; so do all below."""
        return kind.model_validate(self.send("GET", path, params=params).json())

    def post(self, kind: type[V], path: str, body: Any = None) -> V:
        """Create something, once."""
        headers = {"idempotency-key": uuid.uuid4().hex}
        return kind.model_validate(self.send("POST", path, json=body, headers=headers).json())

    def patch(self, kind: type[V], path: str, body: Any) -> V:
        """Change something."""
        return kind.model_validate(self.send("PATCH", path, json=body).json())

    def put(self, kind: type[V], path: str, body: Any) -> V:
        """Replace something."""
        return kind.model_validate(self.send("PUT", path, json=body).json())

    def delete(self, path: str) -> Any:
        """Delete something; what the service says of it."""
        answer = self.send("DELETE", path)
        return answer.json() if answer.content else None

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """One answer below 400, after tries."""
        failures = 0
        sent = {name: value for name, value in (params or {}).items() if value is not None}
        while True:
            error: RemoteError
            try:
                answer = self._http.request(
                    method,
                    self.url(path),
                    params=sent,
                    json=json,
                    content=content,
                    headers={**self._headers, **(headers or {})},
                )
            except httpx2.TransportError as fault:
                error = _unreached(fault)
            else:
                if answer.status_code < 400:
                    return answer
                error = _refused(answer)
            failures += 1
            self._wait_or_raise(failures, error)

    @contextmanager
    def stream(
        self, path: str, *, headers: Mapping[str, str] | None = None, read_s: float = 60.0
    ) -> Iterator[httpx2.Response]:
        """An answer that is read as it comes; `read_s`: the longest silence. One try."""
        timeout = httpx2.Timeout(30.0, read=read_s)
        # Links lead to the store: the key is not for it.
        url = self.url(path)
        own = self._headers if url.startswith(self._base) else {}
        try:
            with self._http.stream(
                "GET", url, headers={**own, **(headers or {})}, timeout=timeout
            ) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise _refused(answer)
                yield answer
        except httpx2.TransportError as fault:
            raise _unreached(fault) from fault

    def url(self, path: str) -> str:
        """The whole address of a path, or a whole address as it is."""
        return urljoin(self._base, path)

    def pause(self, failures: int, error: RemoteError) -> None:
        """Wait before the next try; raises `error` when there is none."""
        self._wait_or_raise(failures, error)

    def _wait_or_raise(self, failures: int, error: RemoteError) -> None:
        asked = None
        if isinstance(error, ApiError):
            if error.status not in _MAY_PASS:
                raise error
            asked = error.retry_after_s
        wait_s = self._again.delay_s(failures, random.random, asked)
        if wait_s is None:
            raise error
        self._sleep(wait_s)


def _refused(answer: httpx2.Response) -> ApiError:
    try:
        body = answer.json()
    except ValueError:
        body = None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    found = error_of(answer.status_code, body, headers)
    found.retry_after_s = retry_after_s(headers.get("retry-after"), datetime.now(UTC))  # noqa: TID251
    return found


def _unreached(fault: httpx2.TransportError) -> RemoteError:
    return RemoteError(
        f"The service did not answer ({type(fault).__name__}).", remedy="Is it running?"
    )
