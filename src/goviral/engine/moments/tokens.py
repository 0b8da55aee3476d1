"""The words of a talk as numbers: one array for the whole talk, cut into pieces by offsets."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Scripts written without spaces: kana, han, hangul, thai. Their runs are read in overlapping pairs.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_TOKEN = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+(?:['’][^\\W_{_UNSPACED}]+)*")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


@dataclass(frozen=True)
class Tokens:
    """`ids[offsets[p]:offsets[p + 1]]` are the words of piece `p`, as places in `vocabulary`.

    `vocabulary` is lower case; `capitalised[t]` tells how token `t` was written.
    """

    ids: Ints
    offsets: Ints
    vocabulary: tuple[str, ...]
    capitalised: NDArray[np.bool_]

    @cached_property
    def counts(self) -> Floats:
        """Words of each piece."""
        return np.diff(self.offsets).astype(np.float64)

    @cached_property
    def pieces(self) -> Ints:
        """Piece of each token."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def per_piece(self, values: NDArray[np.generic]) -> Floats:
        """Sum of one value a token (or a row of values), piece by piece."""
        rows = values.astype(np.float64)
        total = np.concatenate([np.zeros((1, *rows.shape[1:])), np.cumsum(rows, axis=0)])
        sums: Floats = total[self.offsets[1:]] - total[self.offsets[:-1]]
        return sums

    def count_where(self, test: Callable[[str], bool]) -> Floats:
        """How many words of each piece pass `test`; asked once for each different word."""
        passes = np.array([test(word) for word in self.vocabulary], dtype=np.bool_)
        return self.per_piece(passes[self.ids])


def is_unspaced(text: str) -> bool:
    """Is it, or is part of it, in a script that does not part words?"""
    return _IS_UNSPACED.search(text) is not None


def words_of(text: str) -> list[str]:
    """The words of a text as written; unspaced scripts as overlapping pairs of letters."""
    words: list[str] = []
    for found in _TOKEN.findall(text):
        if _IS_UNSPACED.match(found):
            words.extend(found[at : at + 2] for at in range(max(1, len(found) - 1)))
        else:
            words.append(found)
    return words


def tokens_of(texts: Sequence[str]) -> Tokens:
    """Read the words of all pieces."""
    forms: dict[str, int] = {}
    ids: list[int] = []
    offsets = [0]
    for text in texts:
        ids.extend(forms.setdefault(word, len(forms)) for word in words_of(text))
        offsets.append(len(ids))
    vocabulary: dict[str, int] = {}
    lowered = [vocabulary.setdefault(normal(form), len(vocabulary)) for form in forms]
    written = np.array(ids, dtype=np.int64)
    return Tokens(
        np.array(lowered, dtype=np.int64)[written],
        np.array(offsets, dtype=np.int64),
        tuple(vocabulary),
        np.array([_is_name_like(form) for form in forms], dtype=np.bool_)[written],
    )


def normal(word: str) -> str:
    """The form words are compared in."""
    return word.lower().replace("’", "'")


def _is_name_like(form: str) -> bool:
    return form[0].isupper() and form.split("'")[0].split("’")[0] != "I"
