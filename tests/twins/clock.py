"""A clock that stands until the test moves it."""

from datetime import datetime, timedelta

from goviral.kit.clock import utc_now


class StandingClock:
    """Always says `now`, which a test may change."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def a_little_ahead() -> StandingClock:
    """What a queue makes due now is due by this clock too."""
    return StandingClock(utc_now() + timedelta(minutes=1))
