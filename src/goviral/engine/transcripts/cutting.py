"""Timed words cut into sentences: at punctuation, at pauses, at changes of speaker. Pure.

Whoever wrote the words may have punctuated all of them, some or none, so three rules apply in
order: a change of speaker always cuts; a sentence end cuts; what is still too long to be one
breath is cut at its longest pauses. O(n log n).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence

from goviral.engine.transcripts.boundary_words import boundary_odds
from goviral.engine.transcripts.mending import Placed
from goviral.engine.transcripts.sentence_ends import sentence_ends

LONGEST_MS = 30_000
"""No sentence is longer: captions and clips are cut between sentences."""
LONGEST_UNPUNCTUATED_MS = 12_000
_LONG_PAUSE_MS = 3_000
"""A silence that ends a sentence even in punctuated text: nobody waits so long inside one."""
_PUNCTUATED_SHARE = 0.02
"""Fewer sentence ends a word than this (one in fifty): the text counts as unpunctuated."""

_STEP_MS = 150
_ODDS_A_STEP = 2
_LONGEST_STEPS = 12
"""A pause speaks for a cut by its length, in steps: recognisers are no more exact than that."""
_COMMA_ODDS = 4
_SURE_ODDS = 8
"""Odds from which a cut is made unasked: a pause of 600 ms between words that say nothing."""
_FEWEST_WORDS = 3
_FEW_WORDS_ODDS = 8

Range = tuple[int, int]
Rank = Callable[[int], tuple[bool, int]]


def cut_sentences(
    words: Sequence[Placed], language: str, edges: Collection[int] = ()
) -> list[Range]:
    """Ranges `[first, last + 1)` of `words`, one a sentence, in order, covering all.

    `edges` are indices at which a caption began: where nothing else tells, cuts fall there, because
    times are exact there.
    """
    ends = sentence_ends([word.text for word in words], language)
    punctuated = sum(ends) >= max(1, _PUNCTUATED_SHARE * len(words))
    limit = LONGEST_MS if punctuated else LONGEST_UNPUNCTUATED_MS
    starts = [word.start_ms for word in words]
    rank = _preference(words, language, edges)
    ranges: list[Range] = []
    for piece in _pieces(words, ends, None if punctuated else rank, edges):
        _shorten(words, starts, rank, piece, limit, ranges)
    return ranges


def _pieces(
    words: Sequence[Placed], ends: Sequence[bool], rank: Rank | None, edges: Collection[int]
) -> list[Range]:
    """Cut where it is plain; with `rank`, for want of punctuation, also where the odds are high."""
    cuts = [0]
    for index in range(1, len(words)):
        before, word = words[index - 1], words[index]
        if ends[index - 1] or _turns(before, word):
            cuts.append(index)
        elif rank is None:
            if word.start_ms - before.end_ms >= _LONG_PAUSE_MS:
                cuts.append(index)
        elif not edges or index in edges:
            few = index - cuts[-1] < _FEWEST_WORDS
            if rank(index)[1] >= _SURE_ODDS + few * _FEW_WORDS_ODDS:
                cuts.append(index)
    return list(zip(cuts, [*cuts[1:], len(words)], strict=True))


def _turns(before: Placed, word: Placed) -> bool:
    return word.turn or word.speaker != before.speaker


def _preference(words: Sequence[Placed], language: str, edges: Collection[int]) -> Rank:
    """How good a cut before a word is: at a caption's edge, then by pause, comma and words."""
    english = language in ("en", "und")

    def rank(index: int) -> tuple[bool, int]:
        before, word = words[index - 1], words[index]
        steps = min((word.start_ms - before.end_ms) // _STEP_MS, _LONGEST_STEPS)
        odds = _ODDS_A_STEP * steps + _COMMA_ODDS * (before.text[-1:] in ",;:、，；：")
        if english:
            odds += boundary_odds(before.text, word.text)
        return index in edges, odds

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
