"""Timed words cut into sentences: at punctuation, at pauses, at changes of speaker. Pure.

Whoever wrote the words may have punctuated all of them, some or none, so three rules apply in
order: a change of speaker always cuts; a sentence end cuts; what is still too long to be one
breath is cut at its longest pauses. O(n log n).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from goviral.engine.transcripts.mending import Placed
from goviral.engine.transcripts.sentence_ends import sentence_ends

LONGEST_MS = 30_000
"""No sentence is longer: captions and clips are cut between sentences."""
LONGEST_UNPUNCTUATED_MS = 12_000
PAUSE_MS = 700
"""A silence that ends a sentence where nobody wrote punctuation."""
_LONG_PAUSE_MS = 3_000
"""A silence that ends a sentence even in punctuated text: nobody waits so long inside one."""
_FEWEST_WORDS = 3
_PUNCTUATED_SHARE = 0.02
"""Fewer sentence ends a word than this (one in fifty): the text counts as unpunctuated."""

_TELLING_MS = 150
"""Pauses that differ by less say the same: recognisers are no more exact than that."""

Range = tuple[int, int]
Rank = Callable[[int], tuple[bool, int, bool]]


def cut_sentences(
    words: Sequence[Placed], language: str, edges: Collection[int] = ()
) -> list[Range]:
    """Ranges `[first, last + 1)` of `words`, one a sentence, in order, covering all.

    `edges` are indices at which a caption began: where nothing else tells, cuts fall there, because
    times are exact there.
    """
    ends = sentence_ends([word.text for word in words], language)
    pauses = [0, *(b.start_ms - a.end_ms for a, b in pairwise(words))]
    punctuated = sum(ends) >= max(1, _PUNCTUATED_SHARE * len(words))
    limit = LONGEST_MS if punctuated else LONGEST_UNPUNCTUATED_MS
    starts = [word.start_ms for word in words]
    rank = _preference(words, pauses, edges)
    ranges: list[Range] = []
    for a, b in _pieces(words, ends, pauses, _LONG_PAUSE_MS if punctuated else PAUSE_MS):
        _shorten(words, starts, rank, (a, b), limit, ranges)
    return ranges


def _pieces(
    words: Sequence[Placed], ends: Sequence[bool], pauses: Sequence[int], pause_ms: int
) -> list[Range]:
    cuts = [0]
    for index in range(1, len(words)):
        enough = index - cuts[-1] >= _FEWEST_WORDS or pauses[index] >= 2 * pause_ms
        silent = pauses[index] >= pause_ms and enough
        if ends[index - 1] or silent or _turns(words[index - 1], words[index]):
            cuts.append(index)
    return list(zip(cuts, [*cuts[1:], len(words)], strict=True))


def _turns(before: Placed, word: Placed) -> bool:
    return word.turn or word.speaker != before.speaker


def _preference(words: Sequence[Placed], pauses: Sequence[int], edges: Collection[int]) -> Rank:
    """How good a cut before a word is: at a caption's edge, then by pause, then after a comma."""

    def rank(index: int) -> tuple[bool, int, bool]:
        comma = words[index - 1].text[-1:] in ",;:、，；："
        return index in edges, pauses[index] // _TELLING_MS, comma

    return rank


def _shorten(
    words: Sequence[Placed],
    starts: Sequence[int],
    rank: Rank,
    piece: Range,
    limit_ms: int,
    into: list[Range],
) -> None:
    """Halve `piece` at its best cut until every part fits; the nearest to the middle among equals.

    The cut is looked for in the middle half of the time only: halves shrink geometrically, so the
    whole is n log n even where ten hours come without a pause.
    """
    waiting = [piece]
    while waiting:
        first, last = waiting.pop()
        begin, duration = starts[first], words[last - 1].end_ms - starts[first]
        if last - first == 1 or duration <= limit_ms:
            into.append((first, last))
            continue
        middle = begin + duration // 2
        low = max(first + 1, bisect_left(starts, middle - duration // 4, first, last))
        high = min(last, bisect_right(starts, middle + duration // 4, first, last))
        if low >= high:
            low = min(low, last - 1)
            high = low + 1
        cut = max(range(low, high), key=lambda i: (rank(i), -abs(starts[i] - middle)))
        waiting += [(cut, last), (first, cut)]
