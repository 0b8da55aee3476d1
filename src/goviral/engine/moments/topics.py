"""What a talk is about, stretch by stretch: cut where what is said before and after has least in common.

One algorithm, two sources of likeness: the words themselves, or vectors of an `Embedder`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from goviral.engine.moments.embeddings import Embedder
from goviral.engine.moments.tokens import Floats, Ints, Tokens
from goviral.kit.timecode import Span

_BLOCK = 8
_DEEP = 1.0
_LEAST_TOPIC_MS = 90_000
_KEYWORDS = 4
# Embedded in units of four sentences; in larger ones, of which fewer words are read, where a talk is so
# long that this would take more than about ten seconds of one core. Small units with few words found more
# of the places where two talks were joined than large ones with many. 24 sentences a side are compared.
_UNIT = 4
_MOST_UNITS = 1_200
_MOST_WORDS = 22_000
_UNIT_WORDS = 50
_COMPARED = 24
_LEAST_WINDOW = 2


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch about one thing, named by the words that set it apart."""

    span: Span
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Cohesion:
    """How alike the talk is on both sides of each place, from 0 to 1.

    `values[u]` is the likeness before unit `u`, whose first piece is `first[u]`; `window` units on each
    side were compared.
    """

    values: Floats
    first: Ints
    window: int


def topics_of(cohesion: Cohesion, tokens: Tokens, spans: Sequence[Span]) -> Iterator[Topic]:
    """TextTiling (Hearst 1997): cut in the deepest valleys of `cohesion`, not sooner than every 90 s.

    `spans` are those of the pieces (at least one) whose words are `tokens`.
    """
    depth = _depths(cohesion.values, cohesion.window)
    deep = float(depth.mean() + _DEEP * depth.std())
    edges = [0]
    for unit in np.flatnonzero(depth > deep).tolist():
        valley = depth[max(0, unit - cohesion.window) : unit + cohesion.window + 1]
        at = int(cohesion.first[unit])
        if (
            depth[unit] == valley.max()
            and spans[at].start_ms - spans[edges[-1]].start_ms >= _LEAST_TOPIC_MS
        ):
            edges.append(at)
    for first, after in zip(edges, [*edges[1:], len(spans)], strict=True):
        span = Span(spans[first].start_ms, spans[after - 1].end_ms)
        yield Topic(span, _keywords(tokens, first, after))


def lexical_cohesion(tokens: Tokens) -> Cohesion:
    """Cosine of the words of eight pieces before and after each place between pieces."""
    common = np.array([len(word) > 3 for word in tokens.vocabulary], dtype=np.bool_)
    words = [
        set(part[common[part]].tolist()) for part in np.split(tokens.ids, tokens.offsets[1:-1])
    ]
    values = np.ones(len(words))
    for at in range(1, len(words)):
        before = set().union(*words[max(0, at - _BLOCK) : at])
        after = set().union(*words[at : at + _BLOCK])
        values[at] = len(before & after) / max(1.0, np.sqrt(len(before) * len(after)))
    return Cohesion(values, np.arange(len(words)), _BLOCK)


def embedded_cohesion(texts: Sequence[str], embedder: Embedder) -> Cohesion:
    """Cosine of what is meant in 24 pieces before and after each place between units of pieces.

    Rounded to four places: the same talk is cut alike whatever the order BLAS adds in.
    """
    pieces = max(_UNIT, -(-len(texts) // _MOST_UNITS))
    first = np.arange(0, len(texts), pieces)
    words = min(_UNIT_WORDS, _MOST_WORDS // len(first))
    vectors = embedder.encode(
        [_head(" ".join(texts[at : at + pieces]), words) for at in first.tolist()]
    )
    window = max(_LEAST_WINDOW, _COMPARED // pieces)
    values = np.ones(len(first))
    for at in range(1, len(first)):
        before = vectors[max(0, at - window) : at].sum(0, dtype=np.float64)
        after = vectors[at : at + window].sum(0, dtype=np.float64)
        lengths = max(1e-9, float(np.linalg.norm(before) * np.linalg.norm(after)))
        values[at] = round(float(before @ after) / lengths, 4)
    return Cohesion(values, first, window)


def _head(text: str, words: int) -> str:
    return " ".join(text.split(maxsplit=words)[:words])


def _depths(cohesion: Floats, window: int) -> Floats:
    """How far each valley lies below the peaks on both sides, within two windows."""
    depth = np.zeros(len(cohesion))
    for at in range(1, len(cohesion) - 1):
        here = cohesion[at]
        if here > cohesion[at - 1] or here > cohesion[at + 1]:
            continue
        left = cohesion[max(1, at - 2 * window) : at + 1].max()
        right = cohesion[at : at + 2 * window + 1].max()
        depth[at] = left + right - 2 * here
    return depth


def _keywords(tokens: Tokens, first: int, after: int) -> tuple[str, ...]:
    """The words said here more than their share, rarest in the rest of the talk first."""
    here = np.bincount(
        tokens.ids[tokens.offsets[first] : tokens.offsets[after]], minlength=len(tokens.vocabulary)
    )
    everywhere = np.bincount(tokens.ids, minlength=len(tokens.vocabulary))
    worth = np.where(here > 1, here * here / everywhere, 0.0)
    order = np.argsort(-worth, kind="stable").tolist()
    telling = [at for at in order if worth[at] > 0 and _is_topical(tokens.vocabulary[at])]
    return tuple(tokens.vocabulary[at] for at in telling[:_KEYWORDS])


def _is_topical(word: str) -> bool:
    return (len(word) > 4 or not word.isascii()) and not word[0].isdigit() and "'" not in word
