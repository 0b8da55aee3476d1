"""Progress on a terminal (a bar a stage), in a log (a line a stage), or as JSON events."""

import json
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TextIO

from typing_extensions import override

from goviral.kit.errors import AppError, CancelledError, InputError
from goviral.kit.progress import Progress

_EVENT_INTERVAL_S = 0.5

STAGE_TITLES = {
    "download": "Downloading",
    "model": "Fetching the speech model",
    "probe": "Looking at the file",
    "transcribe": "Writing down what is said",
    "listen": "Listening",
    "moments": "Finding moments",
    "clips": "Making clips",
}


class CliProgress(Progress):
    """What the three shapes share: a context, and stopping when the user asked for it."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def stop_if_asked(self) -> None:
        if self._cancelled():
            raise CancelledError("Stopped.")


class Bars(CliProgress):
    """A bar a stage with the time left, on standard error."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        super().__init__(cancelled)
        self._console = Console(stderr=True)
        self._bars = RichProgress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
        )
        self._tasks: dict[str, Any] = {}

    @override
    def __enter__(self) -> Self:
        self._bars.start()
        return self

    @override
    def __exit__(self, *what: object) -> None:
        self._bars.stop()

    @override
    def start(self, stage: str, total: float | None = None) -> None:
        self.stop_if_asked()
        if stage in self._tasks:
            self._bars.update(self._tasks[stage], total=total)
            return
        title = STAGE_TITLES.get(stage, stage.capitalize())
        self._tasks[stage] = self._bars.add_task(f"{title:<26}", total=total, note="")

    @override
    def advance(self, stage: str, done: float) -> None:
        self.stop_if_asked()
        self._bars.update(self._tasks[stage], completed=done)

    @override
    def finish(self, stage: str, note: str = "") -> None:
        self._bars.update(self._tasks[stage], total=1, completed=1, note=note)

    @override
    def warn(self, message: str) -> None:
        self._console.print(f"[yellow]note:[/yellow] {message}", highlight=False)


class Lines(CliProgress):
    """A line a stage: for logs and pipes."""

    def __init__(self, cancelled: Callable[[], bool], out: TextIO | None = None) -> None:
        super().__init__(cancelled)
        self._out = out or sys.stderr

    @override
    def start(self, stage: str, total: float | None = None) -> None:
        self.stop_if_asked()

    @override
    def advance(self, stage: str, done: float) -> None:
        self.stop_if_asked()

    @override
    def finish(self, stage: str, note: str = "") -> None:
        self._say(f"{STAGE_TITLES.get(stage, stage)}: {note or 'done'}")

    @override
    def warn(self, message: str) -> None:
        self._say(f"note: {message}")

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class Events(CliProgress):
    """One JSON object a line on standard output; the last one is `run.finished`, or `run.failed`."""

    def __init__(self, cancelled: Callable[[], bool], out: TextIO | None = None) -> None:
        super().__init__(cancelled)
        self._out = out or sys.stdout
        self._totals: dict[str, float | None] = {}
        self._next_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def emit(self, event: str, **facts: object) -> None:
        """Write `{"event": …, …}`; facts that are None are left out."""
        known = {name: value for name, value in facts.items() if value is not None}
        with self._lock:
            line = json.dumps({"event": event, **known}, ensure_ascii=False)
            print(line, file=self._out, flush=True)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, AppError):
            self.emit("run.failed", code=error.code, message=str(error))
        elif isinstance(error, OSError):
            self.emit(
                "run.failed", code=InputError.code, message=f"{error.filename}: {error.strerror}"
            )

    @override
    def start(self, stage: str, total: float | None = None) -> None:
        self.stop_if_asked()
        self._totals[stage] = total
        self.emit("stage.started", stage=stage, total=total)

    @override
    def advance(self, stage: str, done: float) -> None:
        self.stop_if_asked()
        now = time.monotonic()
        if now < self._next_at.get(stage, 0):
            return
        self._next_at[stage] = now + _EVENT_INTERVAL_S
        self.emit("stage.progressed", stage=stage, done=done, total=self._totals.get(stage))

    @override
    def finish(self, stage: str, note: str = "") -> None:
        self.emit("stage.finished", stage=stage, note=note or None)

    @override
    def warn(self, message: str) -> None:
        self.emit("warning", message=message)


def choose_progress(json_lines: bool, cancelled: Callable[[], bool]) -> CliProgress:
    """Events when asked for, bars on a terminal, lines elsewhere."""
    if json_lines:
        return Events(cancelled)
    return Bars(cancelled) if sys.stderr.isatty() else Lines(cancelled)
