"""How many moments a talk gives when nobody says: 4 to 10, as many as really fit."""

FEWEST = 4
MOST = 10
_MINUTES_PER_MOMENT = 6


def wished_count(duration_ms: int, min_ms: int) -> int:
    """More for a longer talk; never so many that they would be most of a short one."""
    by_length = round(duration_ms / 60_000 / _MINUTES_PER_MOMENT)
    fitting = max(1, int(duration_ms * 0.6) // max(1, min_ms))
    return max(1, min(max(FEWEST, by_length), MOST, fitting))
