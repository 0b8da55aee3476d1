"""Where spans are sent: the one way to turn tracing on."""

from goviral.kit.telemetry.tracing import use_tracer


def start_tracing(endpoint: str, service: str, process: str = "") -> None:
    """Send spans to the collector at `endpoint`; an empty one: none, and nothing is imported."""
    if endpoint:
        from goviral.kit.telemetry.otel import OtelTracer  # noqa: PLC0415  only where it is wanted

        use_tracer(OtelTracer.to_collector(endpoint, service, process))
