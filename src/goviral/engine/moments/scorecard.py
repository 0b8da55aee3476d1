"""Five judgements of a clip and their total, each against the rest of the same talk.

The total is the fitted ranking. The five are read from what is said, in fixed shares (below), and say in what
a clip is strong; they do not enter the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.moment import Scorecard
from goviral.engine.moments.ranking import Heat
from goviral.engine.moments.tokens import Floats, Ints

_USUAL_MS = 40_000
_OPENING_PIECES = 2
_GREETING = 5.0
# Deviations of heat that a clip gains for one deviation of hook in its first two sentences. Costs 1 % of lift on
# labelled talks (which do not ask how a clip opens); without it, clips open no better than anywhere.
OPENING = 0.1

HOOK = {
    "question": 1.0, "say_you": 0.5, "say_surprise": 1.0, "say_absolute": 0.5, "say_number": 0.5,
    "digits": 0.5, "money_sign": 0.7, "say_emphasis": 0.6, "say_negation": 0.3, "names": 0.3,
    "say_question_word": 0.4, "say_i": 0.3, "say_filler": -0.5, "say_meta": -0.8, "exclaim": 0.4,
}  # fmt: skip
RETENTION = {
    "say_story": 0.7, "say_contrast": 0.6, "turn_start": 0.5, "new_words": 0.4, "question": 0.5,
    "say_surprise": 0.5, "say_speech": 0.4, "rate": 0.4, "say_meta": -0.7, "say_filler": -0.3,
}  # fmt: skip
EMOTION = {
    "say_positive": 0.6, "say_negative": 0.7, "say_disclosure": 0.8, "say_intense": 0.5, "exclaim": 0.6,
    "say_humor": 0.7, "say_reaction": 0.6, "say_death": 0.4, "say_i": 0.4, "say_people": 0.3,
}  # fmt: skip
CLARITY = {
    "long_words": -0.4, "say_filler": -0.7, "say_hedge": -0.6, "trail": -0.6, "dash": -0.4,
    "say_demonstrative": -0.3, "length": -0.2, "say_cause": 0.3, "centroid": 0.4, "comma": -0.3,
}  # fmt: skip
SHAREABILITY = {
    "say_insight": 0.8, "say_absolute": 0.5, "say_advice": 0.6, "quotes": 0.3, "lexrank": 0.4,
    "say_you": 0.4, "say_number": 0.3, "say_surprise": 0.5, "say_humor": 0.4, "say_meta": -0.8,
}  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """A talk's own distribution of one figure; anything measured against it is 0 to 100."""

    sorted_values: Floats

    def score(self, value: float) -> int:
        """Half by rank among the talk's windows, half by distance, so that both ends are used."""
        known = self.sorted_values
        rank = np.searchsorted(known, value) + np.searchsorted(known, value, side="right")
        share = float(rank) / 2 / len(known)
        low, high = np.quantile(known, (0.02, 0.999))
        distance = (value - low) / (high - low) if high - low > 1e-9 else 0.5
        return round(100 * (share + min(1.0, max(0.0, distance))) / 2)


@dataclass(frozen=True)
class Judge:
    """Judges clips of one talk."""

    table: Table
    heat: Heat

    def card(self, first: int, last: int) -> Scorecard:
        """The scorecard of pieces `first` through `last`."""
        whole = (np.array([first]), np.array([last]))
        opening = (whole[0], np.minimum(first + _OPENING_PIECES - 1, whole[1]))
        judged = {
            name: scale.score(float(self._mean(name, *(opening if name == "hook" else whole))[0]))
            for name, scale in self._scales.items()
        }
        total = self._total_scale.score(float(self.worth(*whole)[0]))
        return Scorecard(**judged, total=total)

    def worth(self, first: Ints, last: Ints) -> Floats:
        """Heat of the clips from piece `first` through `last`, and how strongly they open."""
        lasting = self.table.end_ms[last] - self.table.start_ms[first]
        worth: Floats = self.heat.between(first, last, lasting) + OPENING * self._opening[first]
        return worth

    @cached_property
    def _opening(self) -> Floats:
        return opening_strength(self.table)

    @cached_property
    def _facets(self) -> dict[str, Floats]:
        shares = {
            "hook": HOOK,
            "retention": RETENTION,
            "emotion": EMOTION,
            "clarity": CLARITY,
            "shareability": SHAREABILITY,
        }
        return {name: facet(self.table, share) for name, share in shares.items()}

    @cached_property
    def _running(self) -> dict[str, Floats]:
        return {name: np.r_[0.0, np.cumsum(values)] for name, values in self._facets.items()}

    def _mean(self, name: str, first: Ints, last: Ints) -> Floats:
        total, words = self._running[name], self._words
        said = words[last + 1] - words[first]
        mean: Floats = (total[last + 1] - total[first]) / (said + 1)
        return mean

    @cached_property
    def _words(self) -> Floats:
        total: Floats = np.r_[0.0, np.cumsum(self.table.words)]
        return total

    @cached_property
    def _windows(self) -> tuple[Ints, Ints]:
        """A window of about 40 s from every piece."""
        start, end = self.table.start_ms, self.table.end_ms
        first = np.arange(len(start))
        last = np.minimum(np.searchsorted(end, start + _USUAL_MS), len(start) - 1)
        full = end[last] - start >= _USUAL_MS / 2
        return (first[full], last[full]) if full.any() else (first[:1], last[-1:])

    @cached_property
    def _scales(self) -> dict[str, Scale]:
        first, last = self._windows
        opening = np.minimum(first + _OPENING_PIECES - 1, last)
        return {
            name: Scale(np.sort(self._mean(name, first, opening if name == "hook" else last)))
            for name in self._facets
        }

    @cached_property
    def _total_scale(self) -> Scale:
        return Scale(np.sort(self.worth(*self._windows)))


def facet(table: Table, shares: Mapping[str, float]) -> Floats:
    """A weighted sum of features in units of the talk, per word of each piece."""
    values = [share * _unit(table, name) for name, share in shares.items()]
    summed: Floats = np.sum(values, axis=0) * np.maximum(1.0, table.words)
    return summed


def _unit(table: Table, name: str) -> Floats:
    column = table.column(name)
    if bool(table.is_count[table.names.index(name)]):
        column = np.sqrt(column / (table.words + 4))
    spread = float(column.std())
    unit: Floats = (column - column.mean()) / spread if spread > 1e-9 else np.zeros(len(column))
    return unit


def opening_strength(table: Table) -> Floats:
    """How strong an opening each piece and the next are: deviations, within 3, less what greets or keeps house."""
    facets, words = np.r_[facet(table, HOOK), 0.0], np.r_[table.words, 0.0]
    hook = (facets[:-1] + facets[1:]) / (words[:-1] + words[1:] + 1)
    spread = float(hook.std())
    standard = (hook - hook.mean()) / spread if spread > 1e-9 else hook * 0
    greeting = np.minimum(3.0, table.column("say_meta"))
    strength: Floats = np.clip(standard, -3.0, 3.0) - _GREETING * greeting
    return strength
