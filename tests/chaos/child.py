"""One process of the service with one task more, `chaos.effect`: `python -m chaos.child KIND PORT`.

KIND is api, worker, scheduler or relay; PORT the API's own. Settings come from the environment, as ever.
"""

import hashlib
import os
import sys
import threading
import time
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI

from chaos.effects import ask
from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.api.services import build_relay, build_schedule, build_services
from goviral.entrypoints.running.parts import WorkerPart
from goviral.features.accounts.deps import Admin, Router, Wired, Writing
from goviral.features.accounts.services import Services
from goviral.kit.files import atomic_path
from goviral.kit.jobs.celery_app import broker_of
from goviral.kit.jobs.celery_worker import Draining, worker_app, worker_arguments
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.schedule import Scheduler
from goviral.kit.jobs.task import Task
from goviral.kit.jobs.workers import make_runner
from goviral.kit.retry import Backoff
from goviral.kit.settings import load_settings

TASK = "chaos.effect"
OBSERVER_PORT = "CHAOS_OBSERVER_PORT"
STEPS = "CHAOS_STEPS"
_FILE_BYTES = 300_000
_router = Router()


@_router.post("/chaos", status_code=202)
def order_effect(
    session: Writing, by: Admin, wired: Wired, key: Annotated[str, Body(embed=True)]
) -> dict[str, str]:
    """The job that brings about one effect."""
    job = wired.queue.enqueue(
        session, TASK, {"key": key}, owner_id=by.owner_id, priority=ord(key[-1])
    )
    return {"job_id": job.id}


def bring_about(context: JobContext, payload: Payload) -> Payload:
    """Look, work with a file, act, take a moment more: killed at any point, it must not act again."""
    port, key = int(os.environ[OBSERVER_PORT]), payload["key"]
    if ask(port, "GET", key):
        return {"found": True}
    chance = hashlib.sha256(key.encode()).digest()[0] / 255
    steps = round(float(os.environ[STEPS]) * (0.3 + chance))
    for step in range(steps):
        context.check()
        context.report(step / steps, "work")
        time.sleep(0.05)
    place: Services = context.services
    scratch = place.settings.server.data_dir / "tmp" / f"chaos-{key}"
    with atomic_path(scratch) as path:
        path.write_bytes(b"x" * _FILE_BYTES)
    scratch.unlink()
    context.check()
    ask(port, "PUT", key)
    time.sleep(0.05)
    return {"found": False}


def _services() -> Services:
    services = build_services(load_settings())
    again_soon = Backoff(base_s=0.2, factor=2, max_delay_s=2)
    services.registry.register(Task(TASK, bring_about, max_attempts=4, backoff=again_soon))
    return services


def api(port: int) -> None:
    """The API with `POST /api/v1/chaos`."""
    app: FastAPI = create_app(_services())
    app.include_router(_router, prefix="/api/v1")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")


def worker(_port: int) -> None:
    """A worker of whatever kind the settings say, until it is killed."""
    services = _services()
    jobs = services.settings.jobs
    if jobs.backend == "embedded":
        WorkerPart(services).start()
        threading.Event().wait()
        return
    services.database.close()

    def build(draining: Draining) -> Runner:
        own = _services()
        wait_s = own.settings.jobs.full_disk_wait_s
        return make_runner(own.queue, services=own, draining=draining, full_disk_wait_s=wait_s)

    app = worker_app(broker_of(jobs), build, sweep_s=1.0, resend_after_s=2.0)
    name = f"chaos{os.getpid()}"
    app.worker_main(worker_arguments(["default", "media"], 2, name=name))


def scheduler(_port: int) -> None:
    """The schedule."""
    services = _services()
    Scheduler(services.database, services.queue, build_schedule()).run(threading.Event(), 0.5)


def relay(_port: int) -> None:
    """The relay of events."""
    build_relay(_services()).run(threading.Event())


if __name__ == "__main__":
    kinds: dict[str, Any] = {"api": api, "worker": worker, "scheduler": scheduler, "relay": relay}
    kinds[sys.argv[1]](int(sys.argv[2]))
