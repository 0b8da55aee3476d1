"""Spans over requests, jobs and outbound calls, where a collector is configured; else next to nothing.

The W3C `traceparent` a request came with is carried into its jobs and on to the services they call, traced
here or not. OpenTelemetry is imported by `collector` alone.
"""

import contextvars
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Literal, Protocol

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int | float | bool]

traceparent: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")
"""Where what happens now belongs to, as W3C writes it; empty: nowhere."""

_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Span(Protocol):
    """Something with a beginning and an end."""

    def set(self, name: str, value: str | int | float | bool) -> None:
        """Say something about it."""
        ...

    def rename(self, name: str) -> None:
        """Its name, known only now."""
        ...

    def fail(self, why: str) -> None:
        """It did not succeed."""
        ...


class Tracer(Protocol):
    """Makes spans. Thread-safe."""

    def span(
        self, name: str, kind: Kind, parent: str, attributes: Attributes
    ) -> AbstractContextManager[tuple[Span, str]]:
        """A span below `parent` (a traceparent, or empty) and its own traceparent."""
        ...

    def close(self) -> None:
        """Send what waits."""
        ...


class _NoSpan:
    def set(self, name: str, value: str | int | float | bool) -> None:
        return None

    def rename(self, name: str) -> None:
        return None

    def fail(self, why: str) -> None:
        return None


_NO_SPAN: Span = _NoSpan()
_NOTHING = nullcontext(_NO_SPAN)
_tracer: Tracer | None = None


def use_tracer(tracer: Tracer | None) -> None:
    """Make spans by `tracer` in this process from now on; None: make none."""
    global _tracer  # noqa: PLW0603  one process, one tracer
    if _tracer is not None:
        _tracer.close()
    _tracer = tracer


def is_traced() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def span(
    name: str, kind: Kind = "internal", attributes: Attributes | None = None
) -> AbstractContextManager[Span]:
    """A span around a block, below the one at hand."""
    if _tracer is None:
        return _NOTHING
    return _span(_tracer, name, kind, attributes or {})


@contextmanager
def belonging_to(parent: str | None) -> Iterator[None]:
    """What happens in the block belongs to `parent`, where that is a traceparent."""
    token = traceparent.set(parent if parent and is_traceparent(parent) else "")
    try:
        yield
    finally:
        traceparent.reset(token)


def is_traceparent(text: str) -> bool:
    """Whether W3C would take it (version 00)."""
    return _FORM.fullmatch(text) is not None


@contextmanager
def _span(tracer: Tracer, name: str, kind: Kind, attributes: Attributes) -> Iterator[Span]:
    with tracer.span(name, kind, traceparent.get(), attributes) as (made, own):
        token = traceparent.set(own)
        try:
            yield made
        finally:
            traceparent.reset(token)
