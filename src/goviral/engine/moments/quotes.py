"""Finding a quote in the transcript, and quoting what was really said. Pure.

Models drop fillers, change punctuation and invent; a quote in a result is always the transcript's own
words where there are any.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.engine.transcripts.tokens import join_words
from goviral.kit.timecode import Span

LONGEST = 300
PLACEHOLDER = "(no words here)"
_SHORTEST_PART = 12
_SENTENCE_ENDS = tuple(".!?…。！？؟।")


@dataclass(frozen=True)
class Spoken:
    """Timed pieces of text in which quotes are looked for; letters only, so spelling does not matter."""

    pieces: tuple[Word | Sentence, ...]

    @cached_property
    def _letters(self) -> tuple[str, tuple[int, ...]]:
        """All letters in a row, and where in that row each piece begins."""
        begins: list[int] = []
        parts: list[str] = []
        length = 0
        for piece in self.pieces:
            letters = letters_of(piece.text)
            begins.append(length)
            parts.append(letters)
            length += len(letters)
        return "".join(parts), tuple(begins)

    def find(self, quote: str, near: Span) -> Span | None:
        """Where `quote` is said, the place closest to `near`; None where it is not.

        A quote with gaps is found by its longest parts: those between dots, dashes and commas.
        """
        for part in _parts(quote):
            places = self._places(part)
            if places:
                return min(places, key=lambda place: (_distance_ms(place, near), place))
        return None

    def _places(self, letters: str) -> list[Span]:
        row, _ = self._letters
        places: list[Span] = []
        at = row.find(letters)
        while at >= 0 and len(places) < 100:
            places.append(self._span(at, at + len(letters) - 1))
            at = row.find(letters, at + 1)
        return places

    def _span(self, first_letter: int, last_letter: int) -> Span:
        begins = self._letters[1]
        first = self.pieces[bisect_right(begins, first_letter) - 1]
        last = self.pieces[bisect_right(begins, last_letter) - 1]
        return Span(first.start_ms, last.end_ms)


def spoken_in(span: Span, transcript: Transcript) -> Spoken:
    """What is said in `span`: its words, or its sentences where words are not timed."""
    words = tuple(transcript.words_in(span))
    return Spoken(words or tuple(transcript.sentences_in(span)))


def quote_for(span: Span, transcript: Transcript, said: Span | None, model_text: str) -> str:
    """The quote of a moment: from word times, else sentence text, else the model's, else a placeholder.

    `said` is where the model's quote was found; the transcript's own words there are the quote, or the
    beginning of what is said in `span` where it was not found.
    """
    inside = _common(said, span) if said is not None else span
    for place in (inside, span):
        text = join_words(word.text for word in transcript.words_in(place)).strip()
        if text:
            return shorten(text)
    sentences = " ".join(sentence.text for sentence in transcript.sentences_in(inside))
    return shorten(sentences.strip() or model_text.strip() or PLACEHOLDER)


def shorten(text: str, longest: int = LONGEST) -> str:
    """At most `longest` characters, up to the end of a sentence, else of a word."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[:longest]
    ends = [at for at in range(len(head) - 1) if head[at] in _SENTENCE_ENDS and at >= longest // 3]
    if ends:
        return head[: ends[-1] + 1]
    cut = head[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:–—-") + "…"


def letters_of(text: str) -> str:
    """Letters and digits only, case and width folded: `"Don’t!"` → `dont`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _parts(quote: str) -> Sequence[str]:
    """The whole quote, then its parts between marks, longest first; parts too short to tell are left out."""
    whole = letters_of(quote)
    marks = "".join(" | " if mark in ".,;:!?…—–-()[]。、！？،؛؟\n" else mark for mark in quote)
    parts = sorted({letters_of(part) for part in marks.split("|")}, key=lambda p: (-len(p), p))
    long_enough = [part for part in parts if len(part) >= _SHORTEST_PART and part != whole]
    return [whole, *long_enough] if whole else []


def _distance_ms(place: Span, near: Span) -> int:
    return max(0, near.start_ms - place.end_ms, place.start_ms - near.end_ms)


def _common(said: Span, span: Span) -> Span:
    if said.overlap_ms(span) == 0:
        return span
    return Span(max(said.start_ms, span.start_ms), min(said.end_ms, span.end_ms))
