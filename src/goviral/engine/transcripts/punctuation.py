"""Marks and capitals of a punctuated text given to the bare words of a timed list. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.sentence_ends import ends_like_a_sentence
from goviral.engine.transcripts.tokens import split_words

_BLOCK = 200


def punctuate(words: Sequence[Cue], segments: Sequence[Cue]) -> list[Cue]:
    """`words` written as in `segments`, where both say the same; elsewhere unchanged.

    Both lists are in order of time. Words that have sentence ends already come back as they are.
    """
    tokens = [token for segment in segments for token in split_words(segment.text)]
    if not words or not tokens or any(ends_like_a_sentence(word.text) for word in words):
        return list(words)
    written = [word.text for word in words]
    position = 0
    for first in range(0, len(words), _BLOCK):
        position = _match_block(written, first, tokens, position)
    return [replace(w, text=text) for w, text in zip(words, written, strict=True)]


def _match_block(written: list[str], first: int, tokens: Sequence[str], position: int) -> int:
    """Match some words with the tokens around; in blocks, because matching is quadratic."""
    block = [_bare(text) for text in written[first : first + _BLOCK]]
    around = tokens[position : position + 2 * _BLOCK]
    matcher = SequenceMatcher(a=block, b=[_bare(token) for token in around], autojunk=False)
    reached = position
    for match in matcher.get_matching_blocks():
        for offset in range(match.size):
            written[first + match.a + offset] = around[match.b + offset]
            reached = position + match.b + offset + 1
    return reached if reached > position else position + len(block)


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
