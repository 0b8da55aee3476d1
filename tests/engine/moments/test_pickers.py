import pytest

from goviral.engine.moments.labelled import parse_talk
from goviral.engine.moments.pickers import COUNT, PICKERS
from twins.labelled import spoken_talk

TALK = parse_talk(spoken_talk(1))


@pytest.mark.parametrize("name", PICKERS)
def test_every_picker_gives_ten_clips_of_a_clips_length_inside_the_talk(name: str) -> None:
    picks = PICKERS[name](TALK)
    assert len(picks) == COUNT
    for start, end, _ in picks:
        assert 40_000 <= end - start <= 90_000
        assert 0 <= start < end <= TALK.duration_ms


@pytest.mark.parametrize("name", PICKERS)
def test_every_picker_gives_the_same_again(name: str) -> None:
    assert PICKERS[name](TALK) == PICKERS[name](TALK)


def test_lead_takes_the_beginning_and_uniform_spreads() -> None:
    lead = sorted(PICKERS["lead"](TALK))
    assert [start for start, _, _ in lead] == [40_000 * at for at in range(10)]
    uniform = sorted(PICKERS["uniform"](TALK))
    assert uniform[-1][0] > TALK.duration_ms * 0.8
