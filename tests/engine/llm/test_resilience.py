"""Retries, the circuit breaker and redaction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.llm.circuit import CircuitBreaker
from goviral.engine.llm.client import LlmAnswer, LlmRequest, Message
from goviral.engine.llm.clients.recorded import ScriptedClient
from goviral.engine.llm.errors import (
    CircuitOpenError,
    LlmError,
    RateLimitedError,
    RefusedError,
    ServerFailedError,
    TimedOutError,
)
from goviral.engine.llm.redaction import MASK, redact
from goviral.engine.llm.resilient import ResilientClient
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.retry import Backoff

REQUEST = LlmRequest((Message("user", "hi"),), {}, "x")


class Naps:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds


def failing(*outcomes: AppError | str) -> ScriptedClient:
    waiting = list(outcomes)

    def script(_: LlmRequest) -> str:
        outcome = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(outcome, AppError):
            raise outcome
        return outcome

    return ScriptedClient(script)


def resilient(
    inner: ScriptedClient, naps: Naps | None = None, attempts: int = 4
) -> ResilientClient:
    return ResilientClient(inner, Backoff(attempts, max_delay_s=30), sleep=naps or Naps())


class TestRetries:
    def test_what_may_pass_is_tried_again(self) -> None:
        inner = failing(ServerFailedError("a"), TimedOutError("b"), "fine")
        answer = resilient(inner).complete(REQUEST)
        assert (answer.text, answer.attempts) == ("fine", 3)

    def test_what_cannot_pass_is_not(self) -> None:
        inner = failing(RefusedError("no"))
        with pytest.raises(RefusedError):
            resilient(inner).complete(REQUEST)
        assert len(inner.requests) == 1

    def test_retries_end(self) -> None:
        inner = failing(ServerFailedError("no"))
        with pytest.raises(ServerFailedError):
            resilient(inner, attempts=3).complete(REQUEST)
        assert len(inner.requests) == 3

    def test_retry_after_is_waited_for(self) -> None:
        naps = Naps()
        resilient(failing(RateLimitedError("x", retry_after_s=5), "ok"), naps).complete(REQUEST)
        assert naps.seconds == pytest.approx(5)

    def test_too_long_a_retry_after_is_given_up(self) -> None:
        inner = failing(RateLimitedError("x", retry_after_s=500))
        with pytest.raises(RateLimitedError):
            resilient(inner).complete(REQUEST)
        assert len(inner.requests) == 1

    def test_a_stop_ends_the_waiting(self) -> None:
        stopped = iter([False, False])
        inner = failing(ServerFailedError("no"))
        with pytest.raises(CancelledError):
            resilient(inner).complete(REQUEST, lambda: next(stopped, True))
        assert len(inner.requests) == 1

    def test_it_has_the_name_of_what_it_wraps(self) -> None:
        assert resilient(failing("x")).model == "scripted"


class TestCircuit:
    def test_a_dead_endpoint_is_left_alone_and_then_probed_by_one(self) -> None:
        now = [0.0]
        breaker = CircuitBreaker(threshold=2, cooldown_s=10, now_s=lambda: now[0])
        breaker.failed()
        assert breaker.allows()
        breaker.failed()
        assert not breaker.allows()
        now[0] = 10
        assert breaker.allows()
        assert not breaker.allows()
        breaker.failed()
        assert not breaker.allows()
        now[0] = 20
        assert breaker.allows()
        breaker.succeeded()
        assert breaker.allows()
        assert breaker.allows()

    def test_an_open_circuit_asks_nobody(self) -> None:
        inner = failing(ServerFailedError("no"))
        breaker = CircuitBreaker(threshold=2)
        client = ResilientClient(inner, Backoff(2), breaker, sleep=Naps())
        with pytest.raises(ServerFailedError):
            client.complete(REQUEST)
        with pytest.raises(CircuitOpenError):
            client.complete(REQUEST)
        assert len(inner.requests) == 2

    def test_busy_is_not_dead(self) -> None:
        breaker = CircuitBreaker(threshold=1)
        inner = failing(RateLimitedError("busy"))
        with pytest.raises(LlmError):
            ResilientClient(inner, Backoff(3), breaker, sleep=Naps()).complete(REQUEST)
        assert breaker.allows()


class TestRedaction:
    @pytest.mark.parametrize(
        "text",
        [
            "Incorrect key sk-proj-abcDEF123456",
            "Authorization: Bearer abc.def-123",
            'api_key="s3cr3t-value"',
            "key is hunter2hunter2",
        ],
    )
    def test_nothing_that_opens_a_door_is_left(self, text: str) -> None:
        shown = redact(text, ["hunter2hunter2", None, ""])
        assert MASK in shown
        for secret in ("abcDEF123456", "abc.def-123", "s3cr3t", "hunter2"):
            assert secret not in shown

    @settings(max_examples=50)
    @given(st.text(max_size=20), st.text(max_size=20))
    def test_a_known_secret_never_survives(self, before: str, after: str) -> None:
        secret = "5f0c-very-secret"
        assert secret not in redact(f"{before}{secret}{after}", [secret])

    def test_ordinary_text_is_left_alone(self) -> None:
        assert redact("The model sketch-pad failed (500).") == "The model sketch-pad failed (500)."


def test_an_answer_counts_its_attempts_from_one() -> None:
    assert LlmAnswer("x").attempts == 1
