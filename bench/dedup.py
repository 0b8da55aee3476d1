"""Doubles among a hundred thousand candidates: seconds, and how that grows."""

import random
import statistics
import time
from pathlib import Path

from bench.figure import Figure
from goviral.engine.moments.dedup import drop_doubles
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.kit.timecode import Span

MOST, TENTH, RUNS = 100_000, 10_000, 3
TALK_MS = 36_000_000


def measure(_folder: Path) -> list[Figure]:
    """CPU seconds, the median of three runs."""
    most, tenth = _cpu_s(MOST), _cpu_s(TENTH)
    return [
        Figure("dedup of 100,000 candidates, CPU", most, "s", 1.0),
        Figure("dedup, 100,000 / 10,000 candidates, CPU", most / tenth, "x", 15),
    ]


def _cpu_s(count: int) -> float:
    draw = random.Random(count)
    many = [_candidate(draw) for _ in range(count)]
    costs = []
    for _ in range(RUNS):
        began = time.process_time()
        drop_doubles(many)
        costs.append(time.process_time() - began)
    return statistics.median(costs)


def _candidate(draw: random.Random) -> Moment:
    start_ms = draw.randrange(TALK_MS)
    score = draw.randrange(101)
    card = Scorecard(score, score, score, score, score, score)
    span = Span(start_ms, start_ms + draw.randrange(40_000, 90_000))
    return Moment(span, score, card, "", "", "", "insight")
