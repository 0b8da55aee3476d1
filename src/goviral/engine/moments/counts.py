"""How many moments a talk gives when nobody says: 4 to 10, as many as really fit."""

from goviral.engine.moments.moment import Moment

FEWEST = 4
MOST = 10
_MINUTES_PER_MOMENT = 6
_SHARE_OF_TALK = 0.6
_POOR = 40


def wished_count(duration_ms: int, min_ms: int) -> int:
    """More for a longer talk; never so many that they would be most of a short one."""
    by_length = round(duration_ms / 60_000 / _MINUTES_PER_MOMENT)
    fitting = max(1, int(duration_ms * _SHARE_OF_TALK) // max(1, min_ms))
    return min(max(FEWEST, by_length), MOST, fitting)


def worth_showing(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
    """Without those that score below 40 in their own talk, as long as four are left."""
    rich = sum(moment.score >= _POOR for moment in moments)
    return moments[: max(FEWEST, rich)]
