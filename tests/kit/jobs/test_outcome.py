"""What becomes of a try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.errors import CancelledError, InputError, ProcessError, RateLimitedError
from goviral.kit.jobs.context import StopReason
from goviral.kit.jobs.outcome import (
    Abandoned,
    Cancelled,
    Failed,
    GivenBack,
    Outcome,
    of_failure,
)
from goviral.kit.retry import Backoff


def outcome(
    error: Exception, stop: StopReason | None = None, attempts: int = 1, max_attempts: int = 3
) -> Outcome:
    return of_failure(
        error,
        stop=stop,
        attempts=attempts,
        max_attempts=max_attempts,
        backoff=Backoff(attempts=99, base_s=10, max_delay_s=1000),
        random=lambda: 0.0,
    )


def test_an_error_that_says_it_is_final_is() -> None:
    assert outcome(InputError("No video.", remedy="Send one.")) == Failed(
        "invalid_input", "No video. Send one.", None
    )


def test_an_error_of_a_child_brings_its_log() -> None:
    error = ProcessError("ffmpeg failed")
    error.log = "frame 1\nframe 2"
    found = outcome(error)
    assert isinstance(found, Failed)
    assert found.trace == "frame 1\nframe 2"


def test_who_asks_us_to_wait_longer_is_obeyed() -> None:
    error = RateLimitedError("Slow down.")
    error.retry_after_s = 120.0
    found = outcome(error)
    assert isinstance(found, Failed)
    assert found.delay_s == 120.0


def test_the_last_try_has_none_after_it() -> None:
    found = outcome(KeyError("x"), attempts=3)
    assert isinstance(found, Failed)
    assert found.delay_s is None


@given(st.integers(1, 30), st.integers(1, 30))
def test_there_are_as_many_tries_as_the_job_says(attempts: int, max_attempts: int) -> None:
    found = outcome(KeyError("x"), attempts=attempts, max_attempts=max_attempts)
    assert isinstance(found, Failed)
    assert (found.delay_s is not None) == (attempts < max_attempts)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (None, Cancelled),
        (StopReason.CANCEL, Cancelled),
        (StopReason.DRAIN, GivenBack),
        (StopReason.LOST, Abandoned),
        (StopReason.TIMEOUT, Failed),
    ],
)
def test_why_a_job_was_stopped_decides(stop: StopReason | None, expected: type) -> None:
    assert isinstance(outcome(CancelledError("Stopped."), stop), expected)


def test_after_a_lost_lease_nothing_counts() -> None:
    assert outcome(InputError("x"), StopReason.LOST) == Abandoned()


def test_a_real_failure_is_told_even_when_a_stop_was_asked_for() -> None:
    assert isinstance(outcome(InputError("x"), StopReason.DRAIN), Failed)
