import random
import sys
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.dedup import drop_doubles, is_double
from goviral.kit.timecode import Span


@dataclass(frozen=True, slots=True)
class Found:
    span: Span
    average_score: float = 50.0
    richness: int = 3


@pytest.mark.parametrize(
    ("a", "b", "double"),
    [
        (Span(0, 60_000), Span(0, 60_000), True),
        (Span(0, 60_000), Span(1_500, 58_500), True),
        (Span(0, 10_000), Span(1_500, 8_500), True),
        (Span(0, 10_000), Span(1_501, 8_500), False),
        (Span(0, 10_000), Span(1_500, 11_501), False),
        (Span(0, 100_000), Span(0, 85_000), True),
        (Span(0, 100_000), Span(0, 84_999), False),
        (Span(0, 60_000), Span(60_000, 120_000), False),
        (Span(0, 60_000), Span(30_000, 90_000), False),
        (Span(0, 1_000), Span(1_400, 2_400), True),
    ],
)
def test_what_counts_as_the_same(a: Span, b: Span, double: bool) -> None:
    assert is_double(a, b) is double
    assert is_double(b, a) is double


def test_the_best_stays_by_score_then_richness_then_start_then_length() -> None:
    best = Found(Span(1_000, 61_000), 90)
    assert drop_doubles([Found(Span(0, 60_000), 80), best]) == [best]
    rich = Found(Span(1_000, 61_000), richness=4)
    assert drop_doubles([Found(Span(0, 60_000)), rich]) == [rich]
    early = Found(Span(0, 60_000))
    assert drop_doubles([Found(Span(1_000, 61_000)), early]) == [early]
    short = Found(Span(0, 59_000))
    assert drop_doubles([Found(Span(0, 60_000)), short]) == [short]


def test_different_moments_all_stay_best_first() -> None:
    low, high = Found(Span(0, 60_000), 10), Found(Span(100_000, 160_000), 20)
    assert drop_doubles([low, high]) == [high, low]
    assert drop_doubles([]) == []


spans = st.builds(
    lambda start, length: Span(start, start + length),
    st.integers(0, 120_000),
    st.one_of(st.integers(1, 6_000), st.integers(1, 90_000), st.integers(1, 900_000)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(Found, spans, st.integers(0, 5), st.integers(0, 2)), max_size=40))
def test_it_keeps_what_comparing_all_with_all_would_keep(found: list[Found]) -> None:
    by_hand: list[Found] = []
    for one in sorted(
        found,
        key=lambda f: (-f.average_score, -f.richness, f.span.start_ms, f.span.duration_ms),
    ):
        if not any(is_double(one.span, kept.span) for kept in by_hand):
            by_hand.append(one)
    assert drop_doubles(found) == by_hand


def candidates(count: int, talk_ms: int) -> list[Found]:
    draw = random.Random(count)
    starts = [draw.randrange(talk_ms) for _ in range(count)]
    return [
        Found(Span(start, start + draw.randrange(40_000, 90_000)), draw.random())
        for start in starts
    ]


def calls_for(count: int, talk_ms: int) -> int:
    """How many functions `drop_doubles` calls: the same on every machine, however busy."""
    many, calls = candidates(count, talk_ms), 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        drop_doubles(many)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("talk_ms", [3_600_000, 36_000_000])
def test_the_work_grows_no_faster_than_the_number(talk_ms: int) -> None:
    """`make bench` says how long a hundred thousand take."""
    assert calls_for(20_000, talk_ms) < 4 * 1.2 * calls_for(5_000, talk_ms)
