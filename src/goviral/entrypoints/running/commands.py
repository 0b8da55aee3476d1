"""The processes of the service, each as one call that returns when it was stopped."""

import logging
import os
import sys
import threading
from typing import NoReturn

from goviral.entrypoints.running.http import bind, serve_http
from goviral.entrypoints.running.parts import (
    Part,
    WorkerPart,
    relay_part,
    run_parts,
    scheduler_part,
)
from goviral.entrypoints.running.say import say
from goviral.entrypoints.running.starting import ready
from goviral.entrypoints.running.stopping import stop_on_signals, stop_with_parent
from goviral.features.accounts.first_start import first_start
from goviral.features.accounts.services import Services
from goviral.kit.errors import DependencyError
from goviral.kit.settings import Settings
from goviral.kit.telemetry.collector import start_tracing
from goviral.kit.telemetry.logs import start_logging
from goviral.kit.telemetry.metrics import start_metrics
from goviral.kit.telemetry.metrics_server import serve_metrics
from goviral.kit.telemetry.tracing import use_tracer

_BESIDE_GRACE_S = 20.0


def serve(settings: Settings) -> None:
    """Everything in this process."""
    if settings.jobs.backend != "embedded":
        raise DependencyError(
            "`goviral serve` is one process, but JOBS_BACKEND is celery.",
            remedy="Use `goviral up`, or unset JOBS_BACKEND.",
        )
    begin(settings, "")
    with stop_on_signals() as stopping:
        services = ready(settings, upgrades=True)
        parts = [WorkerPart(services), scheduler_part(services), relay_part(services)]
        _serve(services, stopping, parts)


def api(settings: Settings, *, supervised: bool = False) -> None:
    """The API alone."""
    begin(settings, "api", supervised=supervised)
    with stop_on_signals() as stopping:
        _serve(ready(settings), stopping, [])


def scheduler(settings: Settings, *, supervised: bool = False) -> None:
    """The schedule alone; of several one leads."""
    begin(settings, "scheduler", supervised=supervised)
    with stop_on_signals() as stopping:
        services = ready(settings)
        show_metrics(settings)
        run_parts([scheduler_part(services)], stopping)


def relay(settings: Settings, *, supervised: bool = False) -> None:
    """The relay of events alone; of several one leads."""
    begin(settings, "relay", supervised=supervised)
    with stop_on_signals() as stopping:
        services = ready(settings)
        show_metrics(settings)
        run_parts([relay_part(services)], stopping)


def say_first_key(services: Services) -> None:
    """Make the administrator where there is nobody, and show his key."""
    key = first_start(services)
    if key is not None:
        say(f"First key (an administrator's, shown this once): {key}")


def show_metrics(settings: Settings) -> None:
    """Where a process without an API is asked for its metrics, if anywhere."""
    if settings.telemetry.metrics_port:
        serve_metrics(settings.server.host, settings.telemetry.metrics_port)


def leave() -> NoReturn:
    """End this process now, its last words written: the interpreter's own farewell takes a second."""
    use_tracer(None)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def stop_s(settings: Settings) -> float:
    """Seconds after which a process that was told to stop is killed."""
    return settings.jobs.grace_s + settings.server.drain_s + _BESIDE_GRACE_S


def begin(settings: Settings, process: str, *, supervised: bool = False) -> None:
    """Logs, traces and metrics of this process; `supervised`: it ends with whoever started it."""
    telemetry = settings.telemetry
    start_logging(telemetry.log_level, telemetry.log_format, process=process)
    start_tracing(telemetry.otlp_endpoint, telemetry.service_name, process)
    start_metrics()
    if supervised:
        stop_with_parent(stop_s(settings))


def _serve(services: Services, stopping: threading.Event, parts: list[Part]) -> None:
    server = services.settings.server
    bound = bind(server.host, server.port)
    say_first_key(services)
    serve_http(
        services, bound, stopping, parts, started=lambda: say(f"GoViral listens on {bound.url}")
    )
    say("Stopped.")
