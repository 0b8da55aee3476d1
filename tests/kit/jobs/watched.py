"""Tasks that tests watch through a folder, so that workers may be threads or processes alike."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from goviral.kit.errors import InputError, RemoteError
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job, Payload
from goviral.kit.jobs.task import Registry, Task
from goviral.kit.retry import Backoff

SOON = Backoff(base_s=0.1, factor=1, max_delay_s=0.2)
_LONGEST_S = 300.0


class Watched:
    """What the tasks did, and the word that lets the waiting ones go on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = Registry(
            Task("echo", self._echo, backoff=SOON),
            Task("busy", self._busy, backoff=SOON),
            Task("wrong", self._wrong, backoff=SOON),
            Task("bug", self._bug, backoff=SOON),
            Task("listens", self._listens, backoff=SOON),
            Task("deaf", self._deaf, backoff=SOON),
            Task("late", self._listens, timeout_s=0.6, max_attempts=2, backoff=SOON),
            Task("hangs", self._deaf, timeout_s=0.3, max_attempts=1, backoff=SOON),
            Task("poison", self._poison, backoff=SOON),
            Task("noop", lambda _context, _payload: None),
        )

    def calls(self, job_id: str) -> list[dict[str, Any]]:
        """Each call of that job: task, attempt, process."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [call for call in map(json.loads, lines) if call["job"] == job_id]

    def let_go(self, job_id: str) -> None:
        """Waiting tasks of that job come to their end."""
        (self.folder / job_id).touch()

    def _saw(self, context: JobContext) -> None:
        call = {"job": context.job_id, "try": context.attempt, "pid": os.getpid()}
        with (self.folder / "calls").open("a") as log:
            log.write(json.dumps(call) + "\n")

    def _echo(self, context: JobContext, payload: Payload) -> Payload:
        self._saw(context)
        return {"said": payload}

    def _busy(self, context: JobContext, payload: Payload) -> None:
        self._saw(context)
        if context.attempt < payload["until_try"]:
            raise RemoteError("The other side was busy.", remedy="Wait.")

    def _wrong(self, context: JobContext, _payload: Payload) -> None:
        self._saw(context)
        context.report(0.4, "transcribe")
        context.log("reading frame 17")
        raise InputError("That is no video.", remedy="Send a video.")

    def _bug(self, context: JobContext, _payload: Payload) -> None:
        self._saw(context)
        raise KeyError("nobody thought of this")

    def _listens(self, context: JobContext, _payload: Payload) -> Payload:
        self._saw(context)
        context.progress.start("render", 10)
        for _ in self._while_held(context):
            context.progress.advance("render", 5)
        return {"try": context.attempt}

    def _deaf(self, context: JobContext, _payload: Payload) -> Payload:
        """Hears nothing until it is let go: a worker that hangs."""
        self._saw(context)
        for _ in self._while_held(context):
            pass
        return {"try": context.attempt}

    def _poison(self, context: JobContext, _payload: Payload) -> None:
        self._saw(context)
        context.report(0.1, "decode")
        for _ in self._while_held(context):
            if self._stage_in_row(context) == "decode":
                os.kill(os.getpid(), signal.SIGKILL)

    def _stage_in_row(self, context: JobContext) -> str | None:
        with context.database.reading() as session:
            return session.scalar(select(Job.stage).where(Job.id == context.job_id))

    def _while_held(self, context: JobContext) -> Any:
        until = time.monotonic() + _LONGEST_S
        while time.monotonic() < until and not (self.folder / context.job_id).exists():
            yield
            time.sleep(0.02)
