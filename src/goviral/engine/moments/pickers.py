"""Simple ways to choose clips, to be measured beside ours."""

import random
from collections.abc import Callable, Mapping

import numpy as np

from goviral.engine.moments.features.salience import salience
from goviral.engine.moments.features.tokens import Floats, tokens_of
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.labelled import LabelledTalk
from goviral.engine.moments.metric import Pick
from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.windows import choose, windows_of

COUNT = 10
_SEED = 7

Picker = Callable[[LabelledTalk], list[Pick]]


def ours(talk: LabelledTalk) -> list[Pick]:
    """What `find_moments` gives, asked for ten."""
    found = find_moments(talk.transcript, wishes=Wishes(count=COUNT))
    # The order is the answer: scores of neighbours may be equal once they are rounded.
    return [(m.span.start_ms, m.span.end_ms, -at) for at, m in enumerate(found)]


def _by(value: Callable[[LabelledTalk, Floats, Floats], Floats]) -> Picker:
    """Windows of 40 s and more from every sentence, best mean of `value` by sentence first."""

    def pick(talk: LabelledTalk) -> list[Pick]:
        sentences = talk.transcript.sentences
        start = np.array([s.start_ms for s in sentences], dtype=np.float64)
        end = np.array([s.end_ms for s in sentences], dtype=np.float64)
        windows = windows_of(start, end, Wishes().min_ms, Wishes().max_ms)
        total = np.concatenate([[0.0], np.cumsum(value(talk, start, end))])
        worth = total[windows.last + 1] - total[windows.first]
        worth = worth / (windows.last + 1 - windows.first)
        chosen = choose(windows, worth, COUNT)
        return [(windows.start_ms[at], windows.end_ms[at], float(worth[at])) for at in chosen]

    return pick


def _random(talk: LabelledTalk, start: Floats, _: Floats) -> Floats:
    dice = random.Random(f"{_SEED} {talk.id}")  # noqa: S311  a baseline, not a secret
    return np.array([dice.random() for _ in start])


def _lead(_: LabelledTalk, start: Floats, __: Floats) -> Floats:
    return -start


def _centroid(talk: LabelledTalk, _: Floats, __: Floats) -> Floats:
    return salience(tokens_of([s.text for s in talk.transcript.sentences]))["centroid"]


def _lexrank(talk: LabelledTalk, _: Floats, __: Floats) -> Floats:
    return salience(tokens_of([s.text for s in talk.transcript.sentences]))["lexrank"]


def _longest(talk: LabelledTalk, _: Floats, __: Floats) -> Floats:
    return tokens_of([s.text for s in talk.transcript.sentences]).counts


def _uniform(talk: LabelledTalk) -> list[Pick]:
    """Ten stretches of 40 s at equal distances."""
    length, valid = Wishes().min_ms, talk.valid
    step = max(length, (valid.duration_ms - length) // COUNT)
    starts = range(valid.start_ms + step // 2, max(valid.start_ms + 1, valid.end_ms - length), step)
    return [(at, at + length, -rank) for rank, at in enumerate(list(starts)[:COUNT])]


PICKERS: Mapping[str, Picker] = {
    "ours": ours,
    "random": _by(_random),
    "uniform": _uniform,
    "lead": _by(_lead),
    "tf-idf centroid": _by(_centroid),
    "lexrank": _by(_lexrank),
    "longest sentences": _by(_longest),
}
