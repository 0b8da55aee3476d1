"""How much better than chance are the spans a finder picks?

A clip hits a point label in `(start + 2 s, end + 2 s]` (a laugh follows its cause), and a passage when they
share half of the shorter of the two. `lift@k` is labels hit by the top k over hits expected of windows of
the same lengths put anywhere; `mlift@k` the same by label weight; recall and nDCG are means over talks.
Predictions are cut to 90 s, dropped under 15 s and where they share more than 30 % with a better one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goviral.engine.moments.labelled import LabelledTalk
from goviral.kit.timecode import Span

LONGEST_MS = 90_000
SHORTEST_MS = 15_000
KS = (1, 3, 5, 10)
_LEAD_MS = 2_000
_COVER = 0.5
_SHARED = 0.3
_LONG_TALK_MS = 7_200_000
_IDEAL_MS = 60_000
_DRAWS = 1_000
_SEED = 7

Floats = NDArray[np.float64]
Pick = tuple[float, float, float]  # start_ms, end_ms, score


@dataclass(frozen=True, slots=True)
class Figure:
    """A point estimate and its 95 % bootstrap interval over talks, rounded to four places."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Truth:
    """The labels of a talk, asked about spans."""

    talk: LabelledTalk

    def hits(self, span: Span) -> list[int]:
        """Which labels `span` hits."""
        return [at for at, hit in enumerate(self._hit(span)) if hit]

    def mass(self, span: Span) -> float:
        """Weight of the labels that `span` hits."""
        return sum(self.talk.labels[at].weight for at in self.hits(span))

    def chance(self, length_ms: int) -> tuple[float, float]:
        """Expected hit (0 or 1) and mass of a window of about that length put anywhere."""
        rounded = round(length_ms / 1000) * 1000
        if rounded not in self._chances:
            _, hit, mass = self._grid(rounded)
            self._chances[rounded] = float(hit.mean()), float(mass.mean())
        return self._chances[rounded]

    @cached_property
    def _chances(self) -> dict[int, tuple[float, float]]:
        return {}

    def ideal_gains(self, count: int) -> list[float]:
        """Masses of the `count` best windows of 60 s that do not overlap, taken greedily."""
        starts, _, mass = self._grid(_IDEAL_MS)
        gains: list[float] = []
        while len(gains) < count and mass.max() >= 0:
            best = int(np.argmax(mass))
            gains.append(max(0.0, float(mass[best])))
            mass[np.abs(starts - starts[best]) < _IDEAL_MS] = -1
        return gains + [0.0] * (count - len(gains))

    def _hit(self, span: Span) -> list[bool]:
        return [
            span.start_ms + _LEAD_MS < label.start_ms <= span.end_ms + _LEAD_MS
            if label.is_point
            else _covers(
                min(span.end_ms, label.end_ms) - max(span.start_ms, label.start_ms),
                min(label.end_ms - label.start_ms, span.duration_ms),
            )
            for label in self.talk.labels
        ]

    def _grid(self, length_ms: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Start, hit and mass of windows every second (every two in talks of two hours and more)."""
        step = 1_000 if self.talk.duration_ms < _LONG_TALK_MS else 2_000
        first, last = self.talk.valid.start_ms, self.talk.valid.end_ms
        starts = np.arange(first, max(first + 1, last - length_ms + 1), step)
        hit, mass = np.zeros(len(starts)), np.zeros(len(starts))
        for label in self.talk.labels:
            if label.is_point:
                inside = starts + _LEAD_MS < label.start_ms
                found = inside & (label.start_ms <= starts + length_ms + _LEAD_MS)
            else:
                common = np.minimum(starts + length_ms, label.end_ms)
                common = common - np.maximum(starts, label.start_ms)
                shorter = min(label.end_ms - label.start_ms, length_ms)
                found = (common > 0) & (common >= _COVER * shorter)
            hit = np.maximum(hit, found)
            mass += found * label.weight
        return starts, hit, mass


def score_talk(picks: Iterable[Pick], truth: Truth) -> dict[str, float]:
    """The sums that `aggregate` works with, for one talk. Clips that are missing are not held against lift."""
    clips = clean(picks, truth.talk.duration_ms, max(KS))
    masses = [truth.mass(clip) for clip in clips]
    hits = [1.0 if truth.hits(clip) else 0.0 for clip in clips]
    chances = [truth.chance(clip.duration_ms) for clip in clips]
    total = sum(label.weight for label in truth.talk.labels) or 1.0
    ideal = truth.ideal_gains(max(KS))
    row: dict[str, float] = {}
    for k in KS:
        covered = {at for clip in clips[:k] for at in truth.hits(clip)}
        row[f"n@{k}"] = min(k, len(clips))
        row[f"hits@{k}"] = sum(hits[:k])
        row[f"ehits@{k}"] = sum(hit for hit, _ in chances[:k])
        row[f"mass@{k}"] = sum(masses[:k])
        row[f"emass@{k}"] = sum(mass for _, mass in chances[:k])
        row[f"recall@{k}"] = sum(truth.talk.labels[at].weight for at in covered) / total
        row[f"ndcg@{k}"] = _ndcg(masses[:k], ideal[:k])
    return row


def clean(picks: Iterable[Pick], duration_ms: int, count: int) -> list[Span]:
    """Best first, cut to the talk and to 90 s; short ones and those that share too much are left out."""
    kept: list[Span] = []
    for start, end, _ in sorted(picks, key=lambda pick: -pick[2]):
        first = max(0, int(start))
        span = Span(first, min(int(end), duration_ms, first + LONGEST_MS))
        if span.duration_ms < SHORTEST_MS or any(_too_near(span, other) for other in kept):
            continue
        kept.append(span)
        if len(kept) == count:
            break
    return kept


def aggregate(rows: Sequence[dict[str, float]]) -> dict[str, Figure]:
    """`hit`, `lift`, `mlift`, `recall` and `ndcg` at each k over all talks (at least one)."""
    columns = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}
    draws = np.random.default_rng(_SEED).integers(0, len(rows), (_DRAWS, len(rows)))

    def ratio(above: str, below: str, least: float) -> Figure:
        top, bottom = columns[above], columns[below]
        sums = [top[draw].sum() / max(least, bottom[draw].sum()) for draw in draws]
        return _figure(top.sum() / max(least, bottom.sum()), sums)

    def mean(name: str) -> Figure:
        return _figure(columns[name].mean(), [columns[name][draw].mean() for draw in draws])

    figures: dict[str, Figure] = {}
    for k in KS:
        figures[f"hit@{k}"] = ratio(f"hits@{k}", f"n@{k}", 1)
        figures[f"lift@{k}"] = ratio(f"hits@{k}", f"ehits@{k}", 1e-9)
        figures[f"mlift@{k}"] = ratio(f"mass@{k}", f"emass@{k}", 1e-9)
        figures[f"recall@{k}"] = mean(f"recall@{k}")
        figures[f"ndcg@{k}"] = mean(f"ndcg@{k}")
    return figures


def area_under_curve(positive: NDArray[np.bool_], scores: Floats) -> float | None:
    """Chance that a labelled window scores above an unlabelled one, ties half; None without both."""
    above, below = scores[positive], np.sort(scores[~positive])
    if not len(above) or not len(below):
        return None
    lower = np.searchsorted(below, above, side="left")
    equal = np.searchsorted(below, above, side="right") - lower
    return float((lower + equal / 2).mean() / len(below))


def _covers(common_ms: int, shorter_ms: int) -> bool:
    return common_ms > 0 and common_ms >= _COVER * shorter_ms


def _too_near(one: Span, other: Span) -> bool:
    common = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    return common > _SHARED * min(one.duration_ms, other.duration_ms)


def _ndcg(masses: Sequence[float], ideal: Sequence[float]) -> float:
    discounts = [1 / math.log2(rank + 2) for rank in range(len(ideal))]
    best = sum(discount * gain for discount, gain in zip(discounts, ideal, strict=True))
    got = sum(discount * gain for discount, gain in zip(discounts, masses, strict=False))
    return min(1.0, got / best) if best > 0 else 0.0


def _figure(value: float, draws: Sequence[float]) -> Figure:
    low, high = np.nanpercentile(draws, 2.5), np.nanpercentile(draws, 97.5)
    return Figure(round(float(value), 4), round(float(low), 4), round(float(high), 4))
