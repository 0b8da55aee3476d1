"""The pieces a talk is made of: sentences, and parts of those that are longer than a clip. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from goviral.engine.moments.tokens import is_unspaced
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span

# Parts of a sentence longer than a clip: about this long, cut at the longest pause of the second half.
_PART_MS = 12_000
_PAUSE_MS = 150


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of speech a clip may begin or end at: a sentence, or a part of one that is too long."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str | None
    sentence: int
    opens: bool = True
    closes: bool = True

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


def pieces_of(transcript: Transcript, longest_ms: int) -> tuple[Piece, ...]:
    """Every sentence as a piece; one longer than `longest_ms` as several, cut between words."""
    pieces: list[Piece] = []
    for index, sentence in enumerate(transcript.sentences):
        if sentence.end_ms - sentence.start_ms <= longest_ms:
            whole = (sentence.text, sentence.start_ms, sentence.end_ms, sentence.speaker)
            pieces.append(Piece(*whole, index))
        else:
            words = transcript.words_in(sentence.span) or estimated_words(sentence)
            pieces.extend(_parts(sentence, index, words, min(_PART_MS, longest_ms)))
    return tuple(pieces)


def estimated_words(sentence: Sentence) -> tuple[Word, ...]:
    """Word times by their share of the letters, where only the sentence is timed.

    Words of scripts that do not part them are taken letter by letter.
    """
    units: list[str] = []
    for unit in sentence.text.split():
        units.extend(unit if is_unspaced(unit) else (unit,))
    letters = sum(len(unit) + 1 for unit in units)
    length = sentence.end_ms - sentence.start_ms
    words, before = [], 0
    for unit in units:
        after = before + len(unit) + 1
        start = sentence.start_ms + before * length // letters
        words.append(Word(unit, start, sentence.start_ms + after * length // letters))
        before = after
    return tuple(words)


def _parts(sentence: Sentence, index: int, words: Sequence[Word], part_ms: int) -> list[Piece]:
    parts: list[Piece] = []
    space = "" if is_unspaced(sentence.text) else " "
    first = 0
    while first < len(words):
        last = _cut(words, first, part_ms)
        start = sentence.start_ms if first == 0 else words[first].start_ms
        end = sentence.end_ms if last == len(words) else words[last - 1].end_ms
        text = space.join(word.text for word in words[first:last])
        ends = (first == 0, last == len(words))
        parts.append(Piece(text, start, end, sentence.speaker, index, *ends))
        first = last
    return parts


def _cut(words: Sequence[Word], first: int, part_ms: int) -> int:
    """Place after the last word of a part: at the longest pause of its second half."""
    until = words[first].start_ms + part_ms
    limit = max(first + 1, bisect_right(words, until, lo=first, key=lambda word: word.end_ms))
    if limit >= len(words):
        return len(words)
    half = bisect_left(words, until - part_ms // 2, lo=first + 1, key=lambda word: word.start_ms)
    gaps = {at: words[at].start_ms - words[at - 1].end_ms for at in range(half, limit)}
    best = max(gaps, key=lambda at: (gaps[at], at), default=limit)
    return best if gaps.get(best, 0) >= _PAUSE_MS else limit
