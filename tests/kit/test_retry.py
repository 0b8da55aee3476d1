from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.kit.retry import Backoff, retry_after_s

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_waits_double_until_the_cap_and_then_it_gives_up() -> None:
    backoff = Backoff(attempts=5, base_s=1, max_delay_s=3)
    assert [backoff.delay_s(n, lambda: 1.0) for n in range(1, 6)] == [1, 2, 3, 3, None]


def test_a_server_that_names_its_time_is_obeyed() -> None:
    assert Backoff(max_delay_s=30).delay_s(1, lambda: 0.0, 12) == 12


def test_a_server_that_asks_for_too_long_is_given_up() -> None:
    assert Backoff(max_delay_s=30).delay_s(1, lambda: 0.0, 3600) is None


@settings(max_examples=60)
@given(
    failures=st.integers(1, 200),
    draw=st.floats(0, 1, exclude_max=True),
    cap=st.floats(0.1, 100),
)
def test_a_wait_never_leaves_its_bounds(failures: int, draw: float, cap: float) -> None:
    delay = Backoff(attempts=500, base_s=0.5, max_delay_s=cap).delay_s(failures, lambda: draw)
    assert delay is not None
    assert 0 < delay <= cap


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("Fri, 20 Nov 2026 12:00:05", 5.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds
