"""How long this process runs, and whether it is about to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`draining` is set at SIGTERM: what is under way is finished, nobody should send more."""

    draining: Event = field(default_factory=Event)
    monotonic: Callable[[], float] = time.monotonic
    started_s: float = field(default_factory=time.monotonic)

    @property
    def uptime_s(self) -> float:
        """Seconds since the start."""
        return self.monotonic() - self.started_s
