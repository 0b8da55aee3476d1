"""Sentences laid out as subtitles: short cues of at most two lines, cut where a reader would. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from goviral.engine.transcripts.document import Transcript, Word
from goviral.engine.transcripts.tokens import join_words
from goviral.engine.transcripts.words import estimated_words
from goviral.kit.timecode import Span

_LINE = 42
_LONGEST_MS = 7_000
_WIDE_LINE = 20
"""Letters a line where each is as wide as two: Chinese, Japanese, Korean."""


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A cue: its words in lines, its time, and the speaker where one begins to speak."""

    lines: tuple[tuple[Word, ...], ...]
    span: Span
    speaker: str | None
    new_turn: bool

    @property
    def text(self) -> str:
        return "\n".join(join_words(word.text for word in line) for line in self.lines)


def subtitles(transcript: Transcript) -> Iterator[Subtitle]:
    """The transcript as cues, in order."""
    speaker: str | None = None
    for sentence in transcript.sentences:
        words = list(transcript.words_in(sentence.span)) or estimated_words(sentence)
        words = words or [Word(sentence.text, sentence.start_ms, sentence.end_ms)]
        parts = _parts(words)
        for number, part in enumerate(parts):
            start = sentence.start_ms if number == 0 else part[0].start_ms
            end = sentence.end_ms if number == len(parts) - 1 else part[-1].end_ms
            turn = number == 0 and sentence.speaker != speaker
            yield Subtitle(_lines(part), Span(start, end), sentence.speaker, turn)
        speaker = sentence.speaker


def _parts(words: Sequence[Word]) -> list[Sequence[Word]]:
    """Halved at the best place until each fits two lines and seven seconds."""
    duration = words[-1].end_ms - words[0].start_ms
    if len(words) < 2 or (_width(words) <= 2 * _LINE and duration <= _LONGEST_MS):
        return [words]
    cut = _best_cut(words)
    return [*_parts(words[:cut]), *_parts(words[cut:])]


def _lines(words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    if _width(words) <= _LINE or len(words) < 2:
        return (tuple(words),)
    cut = _best_cut(words)
    return tuple(words[:cut]), tuple(words[cut:])


def _best_cut(words: Sequence[Word]) -> int:
    """After a comma near the middle, else at the middle."""
    total, reached, best, cut = _width(words), 0, float("inf"), 1
    for index in range(1, len(words)):
        reached += _width(words[index - 1 : index])
        off = abs(2 * reached - total) / total
        cost = off - (0.35 if words[index - 1].text[-1:] in ",;:、，" else 0)
        if cost < best:
            best, cut = cost, index
    return cut


def _width(words: Sequence[Word]) -> int:
    wide = _LINE / _WIDE_LINE
    return round(
        sum(1 + sum(wide if character > "\u2e7f" else 1 for character in w.text) for w in words)
    )
