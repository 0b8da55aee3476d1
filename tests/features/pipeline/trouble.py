"""Workers of the pipeline as processes that kill themselves where they are told.

One process imports everything once; each line it reads, `WHERE FOLDER`, is a worker forked from it, whose exit
code it prints. WHERE is `before:STAGE`, `after:STAGE` (in the middle of whose record), `encode`, or `never`.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy import event, select

from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.services import Services
from goviral.features.pipeline.models import StageRun
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import ACTIVE, Job
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.sweeper import Sweeper
from twins.service import settings_in


def die() -> None:
    """Without a word, and with everything we started."""
    os.killpg(os.getpid(), signal.SIGKILL)


def kill_in(services: Services, where: str) -> None:
    """Arrange for the end of this process."""
    moment, _, stage = where.partition(":")
    if moment == "encode":
        threading.Thread(target=_kill_encode, args=(services,), daemon=True).start()
    elif moment in ("before", "after"):
        event.listen(StageRun, "after_insert" if moment == "before" else "after_update", _at(stage))


def _at(stage: str) -> Callable[..., None]:
    """In the transaction that records it: what that says was not said, what came before is there."""

    def check(_mapper: object, _connection: object, row: StageRun) -> None:
        if row.stage == stage:
            die()

    return check


def _kill_encode(services: Services) -> None:
    tmp = services.settings.server.data_dir / "tmp"
    while True:
        if any(found.stat().st_size > 50_000 for found in tmp.rglob("*.part.mp4")):
            die()
        time.sleep(0.005)


def work(folder: Path, where: str) -> None:
    """Run what is due until nothing is, or the end comes."""
    services = build_services(settings_in(folder))
    kill_in(services, where)
    ledger = Ledger()
    runner = Runner(services.database, services.registry, services.queue, ledger, services=services)
    sweeper = Sweeper(services.database, services.queue, ledger)
    until = time.monotonic() + 300
    while time.monotonic() < until:
        sweeper.sweep()
        if runner.run_next("media") is not None or not _waits(services):
            break
        time.sleep(0.1)
    runner.close()


def _waits(services: Services) -> bool:
    with services.database.reading() as session:
        active = (Job.queue == "media", Job.state.in_(ACTIVE))
        return session.scalar(select(Job.id).where(*active).limit(1)) is not None


def forked(folder: Path, where: str) -> int:
    """The exit code of a worker in a session of its own."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        work(folder, where)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for heavy in ("av", "cv2", "PIL.ImageFont"):
        import_module(heavy)
    for line in sys.stdin:
        how, _, place = line.strip().partition(" ")
        print(forked(Path(place), how), flush=True)
