"""What was asked of which model, at what cost: one record a call, no text."""

import threading
from dataclasses import dataclass

from goviral.engine.llm.client import Usage
from goviral.engine.llm.errors import BudgetSpentError
from goviral.kit.telemetry.measured import Happened, tell


@dataclass(frozen=True, slots=True)
class ModelRun:
    """One call. `outcome` is "ok" or an error's code; `attempts` counts retries of the same call.

    `provider` is who runs the model. A recogniser's run has `audio_ms`, the sound it was given, and no tokens.
    """

    model: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    latency_ms: int
    usage: Usage
    attempts: int
    outcome: str
    request_id: str | None = None
    provider: str = ""
    audio_ms: int = 0


class RunLog:
    """Collects runs of one job. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[ModelRun] = []

    def keep(self, run: ModelRun) -> None:
        """Write a run down."""
        with self._lock:
            self._runs.append(run)

    def take(self) -> tuple[ModelRun, ...]:
        """The runs so far; they are forgotten here."""
        with self._lock:
            taken, self._runs = tuple(self._runs), []
        return taken

    def add(self, run: ModelRun) -> None:
        """Write a language model's run down, and tell whoever counts them."""
        self.keep(run)
        tell(Happened.LLM_CALL, run.latency_ms / 1000, run.model, run.outcome)
        tell(Happened.LLM_TOKENS, run.usage.input_tokens, run.model, "input")
        tell(Happened.LLM_TOKENS, run.usage.output_tokens, run.model, "output")

    @property
    def runs(self) -> tuple[ModelRun, ...]:
        with self._lock:
            return tuple(self._runs)

    @property
    def usage(self) -> Usage:
        return sum((run.usage for run in self.runs), Usage())


class Budget:
    """Tokens one job may spend. Thread-safe; what is in flight counts with its worst case."""

    def __init__(self, max_total_tokens: int | None = None) -> None:
        self._max = max_total_tokens
        self._lock = threading.Lock()
        self._spent = 0
        self._reserved = 0

    @property
    def spent(self) -> int:
        return self._spent

    def reserve(self, tokens: int) -> None:
        """Set `tokens` aside for a call. Raises `BudgetSpentError` where they are not there."""
        with self._lock:
            if self._max is not None and self._spent + self._reserved + tokens > self._max:
                raise BudgetSpentError(
                    f"This job may spend {self._max} tokens; {self._spent} are spent.",
                    remedy="Raise OPENAI_MAX_TOTAL_TOKENS, or use a shorter talk.",
                )
            self._reserved += tokens

    def settle(self, reserved: int, used: int) -> None:
        """Give back what was reserved and book what was used."""
        with self._lock:
            self._reserved -= reserved
            self._spent += used
