"""Every metric that is counted as it happens, declared once. Prometheus' text comes from `exposition`.

Processes of one machine count together where PROMETHEUS_MULTIPROC_DIR names a folder they share
(`goviral up` and Celery's children do); it must be set before this module is imported.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import values as value_kinds
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from typing_extensions import override

from goviral.kit.telemetry.measured import Happened, listen

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SLOW_S = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200)

_OURS = CollectorRegistry(auto_describe=False)
_METRICS: dict[Happened, Histogram | Counter] = {
    Happened.REQUEST: Histogram(
        "app_http_request_seconds",
        "Requests by method, route template and status.",
        ("method", "route", "status"),
        buckets=_QUICK_S,
        registry=_OURS,
    ),
    Happened.JOB: Histogram(
        "app_job_seconds",
        "Tries of jobs by task and outcome (succeeded, failed, stopped).",
        ("task", "outcome"),
        buckets=_SLOW_S,
        registry=_OURS,
    ),
    Happened.STAGE: Histogram(
        "app_stage_seconds",
        "Stages of the pipeline by outcome.",
        ("stage", "outcome"),
        buckets=_SLOW_S,
        registry=_OURS,
    ),
    Happened.LLM_CALL: Histogram(
        "app_llm_call_seconds",
        "Calls to a language model by outcome.",
        ("model", "outcome"),
        buckets=_SLOW_S,
        registry=_OURS,
    ),
    Happened.LLM_TOKENS: Counter(
        "app_llm_tokens_total",
        "Tokens by model and kind (input, output).",
        ("model", "kind"),
        registry=_OURS,
    ),
    Happened.DELIVERY: Histogram(
        "app_webhook_delivery_seconds",
        "Tries of webhook deliveries by outcome (delivered, failed, refused for good).",
        ("outcome",),
        buckets=_QUICK_S,
        registry=_OURS,
    ),
    Happened.OUTBOUND: Histogram(
        "app_outbound_request_seconds",
        "Requests to other services by method and status (0: no answer).",
        ("method", "status"),
        buckets=_QUICK_S,
        registry=_OURS,
    ),
}


def start_metrics() -> None:
    """Count what this process tells from now on."""
    listen(_count)


def exposition(*more: Collector) -> bytes:
    """Everything counted here, and what `more` collects now, as Prometheus reads it."""
    shared = value_kinds.ValueClass is not value_kinds.MutexValue
    registry = CollectorRegistry(auto_describe=False)
    if shared:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    for collector in more:
        registry.register(collector)
    return (b"" if shared else generate_latest(_OURS)) + generate_latest(registry)


class Collected(Collector):
    """Metrics that were read just now."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    @override
    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _count(what: Happened, value: float, labels: tuple[str, ...]) -> None:
    metric = _METRICS[what].labels(*labels)
    if isinstance(metric, Histogram):
        metric.observe(value)
    else:
        metric.inc(value)
