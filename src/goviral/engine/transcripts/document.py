"""The transcript: one document, whatever it was read from. Pure values, no I/O."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from goviral.kit.timecode import Span

UNHEARD = "[speech]"
"""Text of a sentence in which somebody speaks and nobody knows what."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word, punctuation attached; times absolute in the source."""

    text: str
    start_ms: int
    end_ms: int
    probability: float | None = None
    speaker: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as a reader would mark it; ids count from 0 in time order."""

    id: int
    text: str
    start_ms: int
    end_ms: int
    speaker: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


Cue = TypeVar("Cue", Word, Sentence)


@dataclass(frozen=True)
class Transcript:
    """What was said, and when.

    Invariants (established by `transcripts.build`): sentences and words are sorted by start,
    do not overlap within their list, have `start_ms < end_ms`, and every word lies in exactly one
    sentence. `words` may be empty (sentence times only, words not yet estimated).
    `words_estimated` is true where word times were derived from sentence times.
    `language` is an ISO 639-1 code, "und" where unknown. `engine` names who made it.
    """

    sentences: tuple[Sentence, ...]
    words: tuple[Word, ...] = ()
    language: str = "und"
    engine: str = "unknown"
    words_estimated: bool = False
    warnings: tuple[str, ...] = field(default=())

    @property
    def duration_ms(self) -> int:
        """End of the last sentence: the talk's length as far as the words know it."""
        return self.sentences[-1].end_ms if self.sentences else 0

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @cached_property
    def _word_starts(self) -> tuple[int, ...]:
        return tuple(word.start_ms for word in self.words)

    def words_in(self, span: Span) -> Sequence[Word]:
        """Words that start inside `span`, found by bisection."""
        first = bisect_left(self._word_starts, span.start_ms)
        return self.words[first : bisect_left(self._word_starts, span.end_ms)]

    def sentences_in(self, span: Span) -> Sequence[Sentence]:
        """Sentences that overlap `span`, found by bisection."""
        first = bisect_right(self.sentences, span.start_ms, key=lambda s: s.end_ms)
        return self.sentences[
            first : bisect_left(self.sentences, span.end_ms, key=lambda s: s.start_ms)
        ]

    def within(self, span: Span) -> "Transcript":
        """The part heard in `span`, cut at its ends, with times counted from its start."""
        return replace(
            self,
            sentences=tuple(_cut(s, span) for s in self.sentences_in(span)),
            words=tuple(_cut(w, span) for w in self.words_in(span)),
            warnings=(),
        )


def _cut(part: Cue, span: Span) -> Cue:
    """A sentence or word as it is heard inside `span`."""
    start_ms = max(part.start_ms, span.start_ms) - span.start_ms
    end_ms = min(part.end_ms, span.end_ms) - span.start_ms
    return replace(part, start_ms=start_ms, end_ms=end_ms)
