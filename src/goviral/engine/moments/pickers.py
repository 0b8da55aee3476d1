"""Simple ways to choose clips, to be measured beside ours."""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from goviral.engine.moments.features.salience import salience
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.labelled import LabelledTalk
from goviral.engine.moments.metric import Pick
from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.tokens import Floats, Tokens, tokens_of
from goviral.kit.errors import InputError

COUNT = 10
_LENGTH_MS = 40_000
_SEED = 7
_TRIES = 1_000

Picker = Callable[[LabelledTalk], list[Pick]]


def ours(talk: LabelledTalk) -> list[Pick]:
    """What `find_moments` gives, asked for ten."""
    found = find_moments(talk.transcript, wishes=Wishes(count=COUNT))
    # The order is the answer: scores of neighbours may be equal once they are rounded.
    return [(m.span.start_ms, m.span.end_ms, -at) for at, m in enumerate(found)]


def _around_best(value: Callable[[Tokens], Floats]) -> Picker:
    """40 s about the middle of each of the best sentences, none overlapping a better one."""

    def pick(talk: LabelledTalk) -> list[Pick]:
        sentences = talk.transcript.sentences
        worth = value(tokens_of([sentence.text for sentence in sentences]))
        best = np.argsort(-worth, kind="stable").tolist()
        middles = [(s.start_ms + s.end_ms) // 2 for s in sentences]
        return _apart(((middles[at] - _LENGTH_MS // 2) for at in best), talk)

    return pick


def _apart(starts: Iterable[int], talk: LabelledTalk) -> list[Pick]:
    """The first ten stretches of 40 s that do not overlap, moved into the talk."""
    latest = max(0, talk.duration_ms - _LENGTH_MS)
    taken: list[int] = []
    for start in starts:
        at = min(max(0, start), latest)
        if all(abs(at - other) >= _LENGTH_MS for other in taken):
            taken.append(at)
        if len(taken) == COUNT:
            break
    return [(at, at + _LENGTH_MS, -rank) for rank, at in enumerate(taken)]


def _random(talk: LabelledTalk) -> list[Pick]:
    dice = random.Random(f"{_SEED} {talk.id}")  # noqa: S311  a baseline, not a secret
    valid = talk.valid
    return _apart(
        (dice.randrange(valid.start_ms, valid.end_ms) for _ in range(_TRIES)),
        talk,
    )


def _uniform(talk: LabelledTalk) -> list[Pick]:
    step = talk.valid.duration_ms // COUNT
    return _apart((talk.valid.start_ms + step // 2 + step * at for at in range(COUNT)), talk)


def _lead(talk: LabelledTalk) -> list[Pick]:
    return _apart((talk.valid.start_ms + _LENGTH_MS * at for at in range(COUNT)), talk)


PICKERS: Mapping[str, Picker] = {
    "ours": ours,
    "random": _random,
    "uniform": _uniform,
    "lead": _lead,
    "tf-idf centroid": _around_best(lambda tokens: salience(tokens)["centroid"]),
    "lexrank": _around_best(lambda tokens: salience(tokens)["lexrank"]),
    "longest sentences": _around_best(lambda tokens: tokens.counts),
}


def find_picker(name: str) -> Picker:
    """A picker by its name, or the choices of another program by their file.

    The file is `{"<talk id>": [[start_ms, end_ms, score], …]}`; a talk it does not name has no picks.
    Raises `InputError` for a name nobody knows and a file of another shape.
    """
    if name in PICKERS:
        return PICKERS[name]
    path = Path(name)
    if path.suffix != ".json" or not path.is_file():
        raise InputError(
            f"There is no finder called {name!r}.",
            remedy=f"Use one of {', '.join(PICKERS)}, or a .json file of picks.",
        )
    return _read_picks(path)


def _read_picks(path: Path) -> Picker:
    try:
        picks = {
            talk: [(int(start), int(end), float(score)) for start, end, score in rows]
            for talk, rows in json.loads(path.read_bytes()).items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path.name} holds no picks.",
            remedy='Write {"talk id": [[start_ms, end_ms, score]]}.',
        ) from error
    return lambda talk: list(picks.get(talk.id, []))
