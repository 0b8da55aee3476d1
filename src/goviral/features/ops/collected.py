"""What `/metrics` says beside what was counted: looked up when it is asked for."""

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric

from goviral import __version__
from goviral.features.ops.checks import Health
from goviral.features.ops.lifecycle import Lifecycle

_OK = {
    "database": ("app_db_ok", "1 where the database answers."),
    "redis": ("app_redis_ok", "1 where Redis answers, or none is configured."),
    "storage": ("app_storage_ok", "1 where the store answers."),
}


def collected(health: Health, lifecycle: Lifecycle, listeners: int) -> Iterator[Metric]:
    """One gauge each; numbers of a database that does not answer are left out."""
    yield InfoMetricFamily("app", "This program.", {"version": __version__})
    yield _gauge("app_uptime_seconds", "Seconds since this process began.", lifecycle.uptime_s)
    yield _gauge("app_draining", "1 while it is about to stop.", lifecycle.draining.is_set())
    yield _gauge("app_live_listeners", "Open event streams of this process.", listeners)
    for check, (name, text) in _OK.items():
        yield _gauge(name, text, health.checks[check].ok)
    numbers = {
        "app_jobs_queue_length": ("Jobs that wait, those for later included.", health.queue_length),
        "app_jobs_oldest_waiting_seconds": (
            "How late the oldest due job is.",
            health.oldest_waiting_s,
        ),
        "app_videos_total": ("Videos there are.", health.videos),
        "app_clips_total": ("Clips there are to watch.", health.clips),
    }
    for name, (text, number) in numbers.items():
        if number is not None:
            yield _gauge(name, text, number)
    if health.jobs is not None:
        jobs = GaugeMetricFamily("app_jobs", "Jobs by queue and state.", labels=("queue", "state"))
        for (queue, state), count in sorted(health.jobs.items()):
            jobs.add_metric((queue, state), count)
        yield jobs


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, float(value))
