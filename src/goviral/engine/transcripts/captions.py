"""What captions do to text: repeat lines while they roll, and break sentences into fragments. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.mending import Placed
from goviral.engine.transcripts.tokens import join_words, split_words

_ROLLING_SHARE = 0.3
"""This share of cues must repeat the one before: people say things twice, but not that often."""
_TELLING_WORDS = 2
_LONGEST_REPEAT = 60


def unroll(cues: Sequence[Cue]) -> list[Cue]:
    """Each text once, where captions roll (two lines, one repeated) or grow word by word."""
    tokens = [split_words(cue.text) for cue in cues]
    repeats = [0, *(_repeated(a, b) for a, b in pairwise(tokens))]
    telling = sum(
        count >= _TELLING_WORDS or (count > 0 and count == len(words))
        for count, words in zip(repeats, tokens, strict=True)
    )
    if telling < max(2, _ROLLING_SHARE * len(cues)):
        return list(cues)
    return [
        replace(cue, text=join_words(words[count:])) if count else cue
        for cue, words, count in zip(cues, tokens, repeats, strict=True)
    ]


def _repeated(before: Sequence[str], words: Sequence[str]) -> int:
    """Length of the longest end of `before` with which `words` begins."""
    for count in range(min(len(before), len(words), _LONGEST_REPEAT), 0, -1):
        if list(before[-count:]) == list(words[:count]):
            return count
    return 0


def single_words(cue: Cue) -> list[Cue]:
    """`cue` as one cue a word: as it is where it holds one, its time shared where it holds more."""
    texts = split_words(cue.text)
    if len(texts) < 2:
        return [cue]
    total, reached, words = sum(len(text) + 1 for text in texts), 0, []
    for count, text in enumerate(texts):
        start, reached = _at(cue, reached, total), reached + len(text) + 1
        end, turn = _at(cue, reached, total), cue.turn and count == 0
        words.append(replace(cue, text=text, start_ms=start, end_ms=end, turn=turn))
    return words


def _at(cue: Cue, reached: int, total: int) -> float | None:
    if cue.start_ms is None or cue.end_ms is None:
        return cue.start_ms if reached == 0 else None
    return cue.start_ms + (cue.end_ms - cue.start_ms) * reached / total


def spread_words(placed: Placed) -> list[Placed]:
    """The words of one cue, each given a share of its time by its length.

    A word's share is a millisecond and then by its letters plus one, for the gap after it. A cue
    with fewer milliseconds than words gets as many words as fit, several written together; one
    without time gets none.
    """
    duration = placed.end_ms - placed.start_ms
    texts = _as_many_as(duration, split_words(placed.text))
    rest, total = duration - len(texts), sum(len(text) + 1 for text in texts)
    words: list[Placed] = []
    letters, start = 0, placed.start_ms
    for count, text in enumerate(texts, 1):
        letters += len(text) + 1
        end = placed.start_ms + count + rest * letters // total
        turn = placed.turn and count == 1
        words.append(Placed(text, start, end, placed.speaker, None, turn))
        start = end
    return words


def _as_many_as(limit: int, texts: list[str]) -> list[str]:
    if limit < 1:
        return []
    if len(texts) <= limit:
        return texts
    size = -(-len(texts) // limit)
    return [join_words(texts[i : i + size]) for i in range(0, len(texts), size)]
