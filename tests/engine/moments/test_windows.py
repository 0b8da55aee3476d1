import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.windows import choose, windows_of


def edges(lengths: list[int], gap: int = 0) -> tuple[np.ndarray, np.ndarray]:
    start = np.cumsum([0, *(length + gap for length in lengths[:-1])]).astype(float)
    return start, start + np.array(lengths, dtype=float)


def test_every_run_of_the_right_length_is_there_once() -> None:
    windows = windows_of(*edges([10, 10, 10, 10]), 20, 30)
    runs = list(zip(windows.first.tolist(), windows.last.tolist(), strict=True))
    assert runs == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    assert windows.lasting_ms.tolist() == [20, 30, 20, 30, 20]
    assert len(windows) == 5


def test_a_short_talk_is_one_run() -> None:
    windows = windows_of(*edges([10, 10]), 40, 90)
    assert (windows.first.tolist(), windows.last.tolist()) == ([0], [1])


def test_scattered_stretches_give_the_longest_run_from_each_piece() -> None:
    windows = windows_of(*edges([10, 10, 10], gap=100), 40, 90)
    assert list(zip(windows.first.tolist(), windows.last.tolist(), strict=True)) == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]


def test_a_piece_longer_than_a_clip_gives_none() -> None:
    assert len(windows_of(*edges([100, 100]), 10, 50)) == 0


def test_a_sentence_heard_under_another_does_not_shorten_the_clip() -> None:
    windows = windows_of(np.array([0.0, 10.0]), np.array([50.0, 20.0]), 40, 90)
    assert set(windows.end_ms.tolist()) == {50.0}


def test_the_best_that_do_not_overlap_are_taken_best_first() -> None:
    windows = windows_of(*edges([10] * 6), 20, 20)
    value = np.array([1.0, 5.0, 4.0, 2.0, 3.0])
    assert choose(windows, value, 9) == [1, 4]
    assert choose(windows, value, 1) == [1]


def test_of_equals_the_earlier_and_shorter_is_taken() -> None:
    windows = windows_of(*edges([10] * 4), 10, 20)
    assert choose(windows, np.zeros(len(windows)), 2) == [0, 2]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_chosen_windows_never_share_a_piece(lengths: list[int], dice: object) -> None:
    windows = windows_of(*edges(lengths), 20, 60)
    value = np.array([dice.random() for _ in range(len(windows))])  # type: ignore[attr-defined]
    used: set[int] = set()
    for at in choose(windows, value, 100):
        pieces = set(range(int(windows.first[at]), int(windows.last[at]) + 1))
        assert not pieces & used
        used |= pieces
