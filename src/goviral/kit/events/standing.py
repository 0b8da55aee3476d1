"""Whether those who listen still may: asked again while they do.

An open socket would outlive its credential. So each credential that listens is asked for again, once
for all its sockets: at once when something changed with its user (`CHANGED` comes in order with the other
events, so nothing that happened later is told), and by the clock, for what no event tells of.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from goviral.kit.errors import AppError

CHANGED = "credentials.changed"
"""Something was taken back or changed of what the user `subject` is known by. No owner hears of it."""

_EVERY_S = 0.9
_BUDGET_S = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """By what a listener listens: a credential (its digest) of a user.

    `ask` gives the seconds it is still good for, through the check that requests pass. It raises
    `UnauthenticatedError` or `ForbiddenError` where it is good no more; it may read the database.
    """

    credential: str
    user_id: str
    ask: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ended:
    """The last a listener hears where its credential stopped being good, and why."""

    code: str


class Listener(Protocol):
    """What is ended."""

    def refuse(self, why: Ended) -> None:
        """Tell this and nothing more. From any thread, once or more."""


@dataclass(slots=True)
class _Known:
    standing: Standing
    asked_s: float = float("-inf")
    ends_s: float = float("inf")
    listeners: set[Listener] = field(default_factory=set)


class Standings:
    """The credentials that listen in this process. `now` is a clock that only runs forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._next_s = 0.0
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def join(self, listener: Listener, standing: Standing) -> None:
        """From now on `listener` lives as long as `standing`."""
        with self._lock:
            known = self._known.setdefault(standing.credential, _Known(standing))
            known.listeners.add(listener)

    def leave(self, listener: Listener, standing: Standing) -> None:
        """It has ended by itself."""
        with self._lock:
            known = self._known.get(standing.credential)
            if known is None:
                return
            known.listeners.discard(listener)
            if not known.listeners:
                del self._known[standing.credential]

    def changed(self, user_ids: Iterable[str | None]) -> None:
        """Ask now for what these users are known by."""
        wanted = set(user_ids)
        if wanted:
            for one in self._all():
                if one.standing.user_id in wanted:
                    self._ask(one)

    def look(self) -> None:
        """Once a second: end what has run out, and ask for as many as 50 ms allow, longest not asked first.

        So some fifty credentials are asked every second, and a thousand cost no more.
        """
        now_s = self._now()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _EVERY_S
        for one in sorted(self._all(), key=lambda one: one.asked_s):
            is_time_left = self._now() <= now_s + _BUDGET_S
            if is_time_left or one.ends_s <= now_s:
                self._ask(one)

    def _all(self) -> list[_Known]:
        with self._lock:
            return list(self._known.values())

    def _ask(self, known: _Known) -> None:
        known.asked_s = self._now()
        try:
            known.ends_s = known.asked_s + known.standing.ask()
        except AppError as error:
            with self._lock:
                self._known.pop(known.standing.credential, None)
                refused = list(known.listeners)
            for listener in refused:
                listener.refuse(Ended(error.code))
