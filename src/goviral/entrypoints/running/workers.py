"""Workers as processes of their own: threads over the job table, or Celery's."""

import sys

from goviral.entrypoints.api.services import build_services
from goviral.entrypoints.running.around import around_job
from goviral.entrypoints.running.commands import begin, show_metrics, stop_s
from goviral.entrypoints.running.parts import WorkerPart, run_parts
from goviral.entrypoints.running.say import say
from goviral.entrypoints.running.starting import ready
from goviral.entrypoints.running.stopping import stop_on_signals
from goviral.entrypoints.running.up import child, show_line
from goviral.kit.children import Supervisor
from goviral.kit.jobs.models import WAITING_QUEUES
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.workers import make_runner
from goviral.kit.settings import Settings
from goviral.kit.telemetry.collector import start_tracing


def worker(settings: Settings, queues: tuple[str, ...], *, supervised: bool = False) -> None:
    """Run the jobs of `queues` until SIGTERM: by threads here, or by Celery, one worker a queue."""
    wanted = [queue for queue in queues if settings.jobs.concurrency[queue]]
    begin(settings, f"worker-{wanted[0]}" if len(wanted) == 1 else "worker", supervised=supervised)
    if settings.jobs.backend == "celery":
        _by_celery(settings, wanted)
    else:
        _by_threads(settings, wanted)


def only(settings: Settings, queues: list[str]) -> Settings:
    """The settings of a worker that serves these queues and no other."""
    none = {f"{name}_concurrency": 0 for name in settings.jobs.concurrency if name not in queues}
    return settings.model_copy(update={"jobs": settings.jobs.model_copy(update=none)})


def _by_threads(settings: Settings, queues: list[str]) -> None:
    with stop_on_signals() as stopping:
        services = ready(only(settings, queues))
        show_metrics(settings)
        say(f"Works on {', '.join(queues)}")
        run_parts([WorkerPart(services)], stopping)


def _by_celery(settings: Settings, queues: list[str]) -> None:
    services = ready(settings)
    services.database.close()
    show_metrics(settings)
    if len(queues) == 1:
        _serve_queue(settings, queues[0])
        return
    children = [
        child(f"worker-{queue}", ("worker", "--queue", queue), {"GOVIRAL_METRICS_PORT": "0"})
        for queue in queues
    ]
    with stop_on_signals() as stopping:
        Supervisor(children, show_line, stop_s=stop_s(settings)).run(stopping)


def _serve_queue(settings: Settings, queue: str) -> None:
    from goviral.kit.jobs.celery_app import broker_of
    from goviral.kit.jobs.celery_worker import Draining, worker_app, worker_arguments

    def build(draining: Draining) -> Runner:
        telemetry = settings.telemetry
        # Here, not before the fork: the thread that sends spans does not survive it.
        start_tracing(telemetry.otlp_endpoint, telemetry.service_name, f"worker-{queue}")
        services = build_services(settings)
        return make_runner(
            services.queue,
            services=services,
            around=around_job,
            draining=draining,
            full_disk_wait_s=settings.jobs.full_disk_wait_s,
        )

    jobs = settings.jobs
    app = worker_app(broker_of(jobs), build, grace_s=jobs.grace_s)
    say(f"Works on {queue}")
    arguments = worker_arguments(
        [queue],
        jobs.concurrency[queue],
        name=f"goviral-{queue}",
        pool="threads" if queue in WAITING_QUEUES else "prefork",
    )
    try:
        app.worker_main(arguments)
    except SystemExit as end:
        if end.code:
            sys.exit(end.code)
