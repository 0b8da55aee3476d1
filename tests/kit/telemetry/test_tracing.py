"""Requests, jobs and outbound calls belong together: traced where a collector is, carried on anyway."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from goviral.kit.http import HttpClient
from goviral.kit.telemetry import tracing
from goviral.kit.telemetry.collector import start_tracing
from goviral.kit.telemetry.otel import OtelTracer
from goviral.kit.telemetry.tracing import belonging_to, is_traceparent, span, traceparent
from goviral.kit.urls import UrlPolicy

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracer = OtelTracer(exporter, "test")
    tracer._provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use_tracer(tracer)
    yield exporter
    tracing.use_tracer(None)


class Heard(BaseHTTPRequestHandler):
    """Answers 204 and keeps what it heard."""

    seen: list[tuple[str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length", 0))
        body = self.rfile.read(size)
        self.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def other() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    handler = type("Handler", (Heard,), {"seen": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (PARENT, True),
        (PARENT.upper(), False),
        (PARENT.replace("00-", "ff-"), False),
        ("00-" + "0" * 32 + "-b7ad6b7169203331-01", False),
        (PARENT + "\n", False),
        ("", False),
    ],
)
def test_only_what_w3c_takes_is_carried(text: str, good: bool) -> None:
    assert is_traceparent(text) is good
    with belonging_to(text):
        assert traceparent.get() == (text if good else "")


def test_a_span_is_below_the_one_around_it(spans: InMemorySpanExporter) -> None:
    with belonging_to(PARENT), span("outer", "server"), span("inner", "client") as inner:
        inner.set("url", "https://u:pw@example.org")
        own = traceparent.get()
    found = {one.name: one for one in spans.get_finished_spans()}
    outer_context = found["outer"].get_span_context()
    assert f"{outer_context.trace_id:032x}" == PARENT.split("-")[1]
    assert found["outer"].parent is not None
    assert f"{found['outer'].parent.span_id:016x}" == PARENT.split("-")[2]
    assert found["inner"].parent is not None
    assert found["inner"].parent.span_id == outer_context.span_id
    assert own.split("-")[2] == f"{found['inner'].get_span_context().span_id:016x}"
    assert "u:pw" not in str(found["inner"].attributes)


def test_a_span_that_raises_failed_and_tells_no_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="hunter2"), span("work"):
        raise ValueError("hunter2")
    made = spans.get_finished_spans()[0]
    assert made.status.description == "ValueError"
    assert "hunter2" not in made.to_json()


def test_outbound_calls_carry_where_they_belong(
    other: tuple[str, list[tuple[str, dict[str, str], bytes]]], spans: InMemorySpanExporter
) -> None:
    url, seen = other
    with belonging_to(PARENT):
        HttpClient(UrlPolicy(allow_private=True)).send("GET", f"{url}/secret-path")
    (_, headers, _), made = seen[0], spans.get_finished_spans()[0]
    assert headers["traceparent"].split("-")[1] == PARENT.split("-")[1]
    assert headers["traceparent"].split("-")[2] == f"{made.get_span_context().span_id:016x}"
    assert "secret-path" not in made.to_json()


def test_without_a_collector_the_header_is_carried_as_it_came(
    other: tuple[str, list[tuple[str, dict[str, str], bytes]]],
) -> None:
    url, seen = other
    client = HttpClient(UrlPolicy(allow_private=True))
    with belonging_to(PARENT):
        client.send("GET", url)
    client.send("GET", url)
    assert seen[0][1]["traceparent"] == PARENT
    assert "traceparent" not in seen[1][1]


def test_spans_reach_a_collector_as_otlp(
    other: tuple[str, list[tuple[str, dict[str, str], bytes]]],
) -> None:
    url, seen = other
    start_tracing(url, "goviral-test", "api")
    with span("GET /health", "server"):
        pass
    tracing.use_tracer(None)
    path, _, body = seen[0]
    sent = ExportTraceServiceRequest.FromString(body).resource_spans[0]
    assert path == "/v1/traces"
    assert sent.scope_spans[0].spans[0].name == "GET /health"
    names = {one.key: one.value.string_value for one in sent.resource.attributes}
    assert names["service.name"] == "goviral-test"


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    code = (
        "import sys; from goviral.kit.telemetry import collector, tracing, logs, metrics, outbound\n"
        "collector.start_tracing('', 'x')\n"
        "with tracing.span('a', 'server', {}): pass\n"
        "assert not tracing.is_traced()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
