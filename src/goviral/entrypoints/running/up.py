"""Every process of the service on one machine, as children of one command."""

import logging
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from goviral.entrypoints.running.commands import begin, say_first_key, stop_s
from goviral.entrypoints.running.http import bind
from goviral.entrypoints.running.say import say
from goviral.entrypoints.running.starting import ready
from goviral.entrypoints.running.stopping import stop_on_signals
from goviral.kit.children import Program, Supervisor
from goviral.kit.settings import Settings

log = logging.getLogger(__name__)
_WORKERS = 1
_RANKS = {"api": 0, "scheduler": 2, "relay": 2}
_MODULE = "goviral.entrypoints.cli.main"


def up(settings: Settings) -> None:
    """API, workers, scheduler and relay until SIGTERM; the one that dies is started again."""
    begin(settings, "")
    with stop_on_signals() as stopping:
        services = ready(settings, upgrades=True)
        if settings.server.port:
            bind(settings.server.host, settings.server.port).socket.close()
        say_first_key(services)
        services.database.close()
        folder = Path(tempfile.mkdtemp(prefix="goviral-metrics-"))
        supervisor = Supervisor(
            programs(settings, folder),
            show_line,
            stop_s=stop_s(settings),
            on_death=_note_death,
        )
        try:
            supervisor.run(stopping)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    say("Stopped.")


def programs(settings: Settings, metrics_folder: Path) -> list[Program]:
    """What is started, and in which order it is stopped: who takes new work in first."""
    environment = {
        "GOVIRAL_LOG_FORMAT": _log_format(settings),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder),
        "GOVIRAL_METRICS_PORT": "0",
    }
    server = settings.server
    listen = ("--host", server.host, "--port", str(server.port))
    commands: dict[str, tuple[str, ...]] = {"api": ("api", *listen)}
    commands |= {name: ("worker", *words) for name, words in worker_programs(settings).items()}
    commands |= {"scheduler": ("scheduler",), "relay": ("relay",)}
    return [child(name, words, environment) for name, words in commands.items()]


def child(name: str, words: Sequence[str], environment: Mapping[str, str]) -> Program:
    """This program again, as `goviral WORDS`."""
    command = (sys.executable, "-m", _MODULE, *words, "--supervised")
    return Program(name, command, environment, _RANKS.get(name, _WORKERS))


def worker_programs(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Workers and their arguments: one, or with Celery one for each queue, as each has its own number."""
    if settings.jobs.backend == "embedded":
        return {"worker": ()}
    wanted = settings.jobs.concurrency.items()
    return {f"worker-{queue}": ("--queue", queue) for queue, count in wanted if count}


def _log_format(settings: Settings) -> str:
    chosen = settings.telemetry.log_format
    if chosen != "auto":
        return chosen
    return "text" if sys.stderr.isatty() else "json"


def show_line(name: str, line: str) -> None:
    """A child's line, with its name before it."""
    # A JSON line says itself which process it is from.
    shown = line if line.startswith("{") else f"{name:<14} | {line}"
    print(shown, file=sys.stderr if line.startswith("{") else sys.stdout, flush=True)


def _note_death(name: str, code: int, wait_s: float) -> None:
    log.error("%s ended with %d, started again in %.1f s", name, code, wait_s)
