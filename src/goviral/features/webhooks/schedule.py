"""When a delivery is tried again. Pure.

Standard Webhooks' own schedule: ten tries over about three days, each wait up to a tenth longer, so that
receivers that were away are not met by everybody at once.
"""

from collections.abc import Callable

_MINUTE_S, _HOUR_S = 60, 3600
WAITS_S = (
    5,
    5 * _MINUTE_S,
    30 * _MINUTE_S,
    2 * _HOUR_S,
    5 * _HOUR_S,
    10 * _HOUR_S,
    14 * _HOUR_S,
    20 * _HOUR_S,
    24 * _HOUR_S,
)
MOST_ATTEMPTS = len(WAITS_S) + 1
_LONGEST_S = 24 * _HOUR_S
_JITTER = 0.1


def wait_s(
    attempts: int, random: Callable[[], float], retry_after_s: float | None = None
) -> float | None:
    """Seconds until the next try after `attempts` failed ones; None: that was the last.

    A receiver's own Retry-After makes the wait longer, never shorter, and not beyond a day.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    usual = WAITS_S[attempts - 1] * (1 + _JITTER * random())
    return max(usual, min(retry_after_s or 0.0, _LONGEST_S))
