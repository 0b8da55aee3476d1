"""What is seen of a call to another service: a span, its time, and the `traceparent` it carries on."""

import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from goviral.kit.telemetry.measured import Happened, tell
from goviral.kit.telemetry.tracing import Span, span, traceparent

_HEADER = "traceparent"


@dataclass(slots=True)
class Outbound:
    """One call under way. `status` 0: there was no answer."""

    span: Span
    status: int = 0

    def headers(self, given: Mapping[str, str]) -> dict[str, str]:
        """`given`, and where the call belongs to."""
        headers = dict(given)
        add_traceparent(headers)
        return headers

    def answered(self, status: int) -> None:
        """The answer's status is known."""
        self.status = status
        self.span.set("http.response.status_code", status)
        if status >= 400:
            self.span.fail(str(status))


def add_traceparent(headers: MutableMapping[str, str]) -> None:
    """Say where the call belongs to, where it belongs somewhere."""
    parent = traceparent.get()
    if parent and _HEADER not in headers:
        headers[_HEADER] = parent


@contextmanager
def observed(method: str, url: str) -> Iterator[Outbound]:
    """Watch one exchange. Of the address only the host is told: the rest may hold a token."""
    started_s = time.monotonic()
    about = {"http.request.method": method, "server.address": urlsplit(url).hostname or ""}
    with span(method, "client", about) as made:
        call = Outbound(made)
        try:
            yield call
        finally:
            tell(Happened.OUTBOUND, time.monotonic() - started_s, method, str(call.status))
