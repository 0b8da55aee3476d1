"""How much a piece stands for the whole talk, and what it says for the first time."""

import numpy as np

from goviral.engine.moments.tokens import Floats, Ints, Tokens

_ROUNDS = 10
_DAMPING = 0.85
_REPEAT_WITHIN = 3
_COMMON_SHARE = 0.02


def salience(tokens: Tokens) -> dict[str, Floats]:
    """Columns `centroid`, `lexrank`, `idf_sum`, `idf_max`, `new_words`, `hapax`, `repeat`.

    Words are weighted by (1 + log tf) * log((N + 1) / (df + 1/2)), pieces of unit length. `centroid` is the
    cosine to the mean of all pieces; `lexrank` the logarithm of a power iteration over all cosines
    (Erkan and Radev 2004, without its threshold), linear in the number of words.
    """
    count = len(tokens.offsets) - 1
    vocabulary = len(tokens.vocabulary)
    keys, frequency = _counted(tokens.pieces * vocabulary + tokens.ids)
    piece, word = keys // vocabulary, keys % vocabulary
    spread = np.bincount(word, minlength=vocabulary)
    idf = np.log((count + 1) / (spread + 0.5))
    weight = _unit((1 + np.log(frequency)) * idf[word], piece, count)
    first_seen = np.full(vocabulary, count)
    np.minimum.at(first_seen, word, piece)
    rarest = np.zeros(count)
    np.maximum.at(rarest, piece, idf[word])

    def by_piece(values: Floats) -> Floats:
        return _sum_by(piece, values, count)

    center = _sum_by(word, weight, vocabulary)
    center /= np.linalg.norm(center) + 1e-9
    return {
        "centroid": by_piece(weight * center[word]),
        "lexrank": _lexrank(weight, piece, word, count, vocabulary),
        "idf_sum": tokens.per_piece(idf[tokens.ids]),
        "idf_max": rarest,
        "new_words": by_piece((first_seen[word] == piece).astype(np.float64)),
        "hapax": by_piece((spread[word] == 1).astype(np.float64)),
        "repeat": _repeats(piece, word, idf, count),
    }


def _unit(weight: Floats, piece: Ints, count: int) -> Floats:
    norm = np.sqrt(np.bincount(piece, weight * weight, minlength=count)) + 1e-9
    unit: Floats = weight / norm[piece]
    return unit


def _lexrank(weight: Floats, piece: Ints, word: Ints, count: int, vocabulary: int) -> Floats:
    rank = np.full(count, 1 / max(1, count))
    for _ in range(_ROUNDS):
        by_word = np.bincount(word, weight * rank[piece], minlength=vocabulary)
        voted = np.bincount(piece, weight * by_word[word], minlength=count)
        rank = _DAMPING * voted / (voted.sum() + 1e-12) + (1 - _DAMPING) / max(1, count)
    return np.log(rank * count + 1e-3)


def _repeats(piece: Ints, word: Ints, idf: Floats, count: int) -> Floats:
    """Content words of a piece that one of the few before it has too."""
    order = np.lexsort((piece, word))
    pieces, words = piece[order], word[order]
    again = np.r_[False, words[1:] == words[:-1]]
    near = np.r_[False, np.diff(pieces) <= _REPEAT_WITHIN]
    content = idf[words] > min(3.5, np.log((count + 1) / (_COMMON_SHARE * count + 1)))
    return _sum_by(pieces, (again & near & content).astype(np.float64), count)


def _counted(values: Ints) -> tuple[Ints, Ints]:
    """Each value once, sorted, and how often it is there. `np.unique` loads all of `numpy.ma` first."""
    ordered = np.sort(values)
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[first], np.diff(first, append=len(ordered))


def _sum_by(place: Ints, values: Floats, count: int) -> Floats:
    return np.bincount(place, values, minlength=count).astype(np.float64)
