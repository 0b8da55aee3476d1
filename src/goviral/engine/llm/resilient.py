"""Trying again, and knowing when to stop: the only retry layer above a model."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

from goviral.engine.llm.circuit import CircuitBreaker
from goviral.engine.llm.client import LlmAnswer, LlmClient, LlmRequest, never
from goviral.engine.llm.errors import CircuitOpenError, FinalLlmError, LlmError, RateLimitedError
from goviral.kit.errors import CancelledError
from goviral.kit.retry import Backoff

_SLICE_S = 0.2


class ResilientClient:
    """Wraps a client: retries what may pass, obeys Retry-After, opens the circuit on a dead endpoint."""

    def __init__(
        self,
        inner: LlmClient,
        backoff: Backoff,
        breaker: CircuitBreaker | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._backoff = backoff
        self._breaker = breaker or CircuitBreaker()
        self._sleep = sleep

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def provider(self) -> str:
        return self._inner.provider

    def complete(self, request: LlmRequest, cancelled: Callable[[], bool] = never) -> LlmAnswer:
        """As `LlmClient.complete`; the answer says how many attempts it took."""
        failures = 0
        while True:
            self._check(cancelled, failures)
            try:
                answer = self._inner.complete(request, cancelled)
            except LlmError as error:
                failures += 1
                self._wait(self._delay_or_raise(error, failures), cancelled)
            else:
                self._breaker.succeeded()
                return replace(answer, attempts=failures + 1)

    def _check(self, cancelled: Callable[[], bool], failures: int) -> None:
        if cancelled():
            raise CancelledError("Stopped.")
        if not self._breaker.allows():
            error = CircuitOpenError(
                "The model's endpoint failed too often in a row and is left alone for a while.",
                remedy="Check the endpoint and try again in a minute.",
            )
            error.attempts = failures
            raise error

    def _delay_or_raise(self, error: LlmError, failures: int) -> float:
        error.attempts = failures
        if isinstance(error, FinalLlmError):
            # The endpoint is well: it is this request that it does not like.
            self._breaker.succeeded()
            raise error
        if isinstance(error, RateLimitedError):
            self._breaker.succeeded()
        else:
            self._breaker.failed()
        asked = error.retry_after_s if isinstance(error, RateLimitedError) else None
        delay = self._backoff.delay_s(failures, random.random, asked)
        if delay is None:
            raise error
        return delay

    def _wait(self, delay_s: float, cancelled: Callable[[], bool]) -> None:
        left_s = delay_s
        while left_s > 0 and not cancelled():
            self._sleep(min(left_s, _SLICE_S))
            left_s -= _SLICE_S
