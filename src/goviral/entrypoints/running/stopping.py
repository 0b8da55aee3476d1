"""SIGTERM and Ctrl-C: the first asks to drain, the second ends the process at once."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STANDARD_INPUT = 0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Yield the event that the first signal sets. Main thread only."""
    stopping = threading.Event()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in _SIGNALS:
        signal.signal(number, stop)
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_with_parent(within_s: float) -> None:
    """Drain when whoever started us is gone: it holds the other end of our standard input.

    Who has not ended after `within_s` is killed with all it started: nobody else would.
    """

    def watch() -> None:
        # Not `sys.stdin`: its lock would be held while Celery forks, and the child wait for it for ever.
        while os.read(_STANDARD_INPUT, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(within_s)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()
