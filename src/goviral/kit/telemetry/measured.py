"""What happened, told to whoever counts it. Nobody does until `listen` was called: then it costs a call.

So the engine can say what it did without knowing a metrics library.
"""

from collections.abc import Callable
from enum import StrEnum

Counter = Callable[["Happened", float, tuple[str, ...]], None]


class Happened(StrEnum):
    """What can be told; the labels that go with it are in `metrics`."""

    REQUEST = "request"
    JOB = "job"
    STAGE = "stage"
    LLM_CALL = "llm_call"
    LLM_TOKENS = "llm_tokens"
    DELIVERY = "delivery"
    OUTBOUND = "outbound"


def _nobody(_what: Happened, _value: float, _labels: tuple[str, ...]) -> None:
    return None


_counter: Counter = _nobody


def listen(counter: Counter) -> None:
    """From now on `counter` hears everything in this process."""
    global _counter  # noqa: PLW0603  one process, one set of metrics
    _counter = counter


def tell(what: Happened, value: float, *labels: str) -> None:
    """Something happened: it took `value` seconds (tokens: that many)."""
    _counter(what, value, labels)
