"""How long work tells where it is; the CLI draws bars, the service writes the job row."""

from typing import Protocol


class Progress(Protocol):
    """Receives stages in order. Calls are cheap, thread-safe, and never raise but to cancel.

    `advance` may raise `CancelledError`: long loops call it often, so that stopping is quick.
    """

    def start(self, stage: str, total: float | None = None) -> None:
        """A stage begins; `total` in any unit, None where its length is unknown."""

    def advance(self, stage: str, done: float) -> None:
        """`done` of `total` so far (absolute, not a step)."""

    def finish(self, stage: str, note: str = "") -> None:
        """The stage is over; `note` says in a few words what came of it."""

    def warn(self, message: str) -> None:
        """Something the user should know that does not stop the work."""


class SilentProgress:
    """The harmless twin: keeps warnings, shows nothing."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def start(self, stage: str, total: float | None = None) -> None:
        pass

    def advance(self, stage: str, done: float) -> None:
        pass

    def finish(self, stage: str, note: str = "") -> None:
        pass

    def warn(self, message: str) -> None:
        self.warnings.append(message)
