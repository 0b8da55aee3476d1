"""Kinds of words (first person, contrast, money ...), counted piece by piece.

`lexicon.json` lists them by language; a phrase is written with underscores. A language that is not in it,
or a kind that it lacks, counts zero everywhere: what rests on it then has no say in the ranking.
"""

import json
from functools import lru_cache
from importlib.resources import files

import numpy as np

from goviral.engine.moments.tokens import Floats, Ints, Tokens


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("lexicon.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded


def kinds() -> tuple[str, ...]:
    """Every kind of words, in the order of the columns of `count_kinds`."""
    return tuple(_lexicon()["en"])


def count_kinds(tokens: Tokens, language: str) -> Floats:
    """Words of each kind in each piece: pieces x kinds."""
    places = {word: at for at, word in enumerate(tokens.vocabulary)}
    flags = np.zeros((len(places), len(kinds())), dtype=np.float32)
    phrases: list[tuple[int, list[int]]] = []
    for column, entry in _entries(language):
        at = [places.get(word, -1) for word in entry.split("_")]
        if -1 in at:
            continue
        if len(at) == 1:
            flags[at[0], column] = 1
        else:
            phrases.append((column, at))
    by_token = flags[tokens.ids]
    for column, phrase in phrases:
        by_token[_starts_of(phrase, tokens.ids), column] = 1
    return tokens.per_piece(by_token)


@lru_cache(maxsize=8)
def _entries(language: str) -> tuple[tuple[int, str], ...]:
    known = _lexicon().get(language, {})
    return tuple(
        (column, entry)
        for column, kind in enumerate(kinds())
        for entry in known.get(kind, "").split()
    )


def _starts_of(phrase: list[int], ids: Ints) -> Ints:
    last = len(ids) - len(phrase) + 1
    matches = np.ones(max(0, last), dtype=np.bool_)
    for step, word in enumerate(phrase):
        matches &= ids[step : last + step] == word
    return np.flatnonzero(matches)


@lru_cache(maxsize=64)
def words_of_kind(kind: str, language: str) -> frozenset[str]:
    """The single words of one kind, phrases left out; none for a language that is not listed."""
    listed = _lexicon().get(language, {}).get(kind, "")
    return frozenset(word for word in listed.split() if "_" not in word)
