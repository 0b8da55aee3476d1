"""Spans by OpenTelemetry, to a collector over HTTP. Imported only where one is configured."""

import contextlib
from collections.abc import Iterator

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from goviral.kit.telemetry.redaction import redact
from goviral.kit.telemetry.tracing import Attributes, Kind, Span, Tracer

_TIMEOUT_S = 5
_FLUSH_MS = 2_000
_KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_W3C = TraceContextTextMapPropagator()


class OtelTracer(Tracer):
    """Batches spans in a thread of its own; a collector that is away costs nobody anything."""

    def __init__(self, exporter: SpanExporter, service: str, process: str = "") -> None:
        named = {"service.name": service} | ({"service.instance.id": process} if process else {})
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("goviral")

    @classmethod
    def to_collector(cls, endpoint: str, service: str, process: str = "") -> "OtelTracer":
        """To `endpoint`/v1/traces, as the OpenTelemetry specification builds it."""
        url = f"{endpoint.rstrip('/')}/v1/traces"
        return cls(OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT_S), service, process)

    @override
    @contextlib.contextmanager
    def span(
        self, name: str, kind: Kind, parent: str, attributes: Attributes
    ) -> Iterator[tuple[Span, str]]:
        above = _W3C.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            above,
            _KINDS[kind],
            dict(attributes),
            # The text of an error may hold what a user sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            span = _Span(made)
            try:
                yield span, _own(made)
            except BaseException as error:
                span.fail(type(error).__name__)
                raise

    @override
    def close(self) -> None:
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()


class _Span(Span):
    def __init__(self, made: trace.Span) -> None:
        self._made = made

    @override
    def set(self, name: str, value: str | int | float | bool) -> None:
        self._made.set_attribute(name, redact(value) if isinstance(value, str) else value)

    @override
    def rename(self, name: str) -> None:
        self._made.update_name(name)

    @override
    def fail(self, why: str) -> None:
        self._made.set_status(Status(StatusCode.ERROR, redact(why)))


def _own(made: trace.Span) -> str:
    context = made.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
