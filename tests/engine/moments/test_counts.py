import pytest

from goviral.engine.moments.counts import FEWEST, MOST, wished_count, worth_showing
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.kit.timecode import Span

MINUTE = 60_000


@pytest.mark.parametrize(
    ("minutes", "count"), [(0.5, 1), (2, 1), (3, 2), (5, 4), (20, 4), (42, 7), (60, 10), (600, 10)]
)
def test_the_count_grows_with_the_talk(minutes: float, count: int) -> None:
    assert wished_count(int(minutes * MINUTE), 40_000) == count


def test_longer_clips_leave_room_for_fewer() -> None:
    assert wished_count(5 * MINUTE, 90_000) == 2


def made(score: int) -> Moment:
    return Moment(Span(0, 1), score, Scorecard(*[score] * 6), "T", "H", "Q", "fact")


def test_poor_moments_are_not_shown_beyond_the_fewest() -> None:
    rich = tuple(made(score) for score in (90, 80, 70, 60, 50, 39, 10))
    assert len(worth_showing(rich)) == 5
    poor = tuple(made(10) for _ in range(8))
    assert len(worth_showing(poor)) == FEWEST
    assert len(worth_showing(tuple(made(99) for _ in range(MOST)))) == MOST
