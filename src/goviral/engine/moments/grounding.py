"""A model's times and quotes held against the transcript: what it invented is found out here. Pure.

Models are good at words and bad at numbers. So a quote that is really said decides where a moment is, when
its times do not agree with it.
"""

from dataclasses import dataclass

from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.quotes import Spoken
from goviral.kit.timecode import Span

_LEAD_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Grounded:
    """Where a proposal really is. `said` is the quote's place, None where it was invented."""

    span: Span
    said: Span | None
    mends: tuple[str, ...]


def ground(span: Span, quote: str, chunk: Chunk, spoken: Spoken, usual_ms: int) -> Grounded | str:
    """The proposal's place inside `chunk`, or why it has none.

    Times outside the chunk, or counted from its start, are replaced by the quote's place; a moment made
    around a quote is `usual_ms` long, the quote after about a third of it.
    """
    said = spoken.find(quote, span)
    mends: list[str] = []
    if said is None and quote.strip():
        mends.append("quote not in the transcript: replaced by what is said")
    if said is not None and not _agree(span, said):
        mends.append("times do not hold the quote: moved to it")
        return Grounded(_around(said, chunk.span, usual_ms), said, tuple(mends))
    if span.start_ms >= span.end_ms:
        return "its start is not before its end"
    inside = Span(max(span.start_ms, chunk.span.start_ms), min(span.end_ms, chunk.span.end_ms))
    if inside.duration_ms <= 0:
        return "its times are outside its chunk"
    if inside != span:
        mends.append("times beyond the chunk: cut at its edge")
    return Grounded(inside, said, tuple(mends))


def _agree(span: Span, said: Span) -> bool:
    return span.start_ms < span.end_ms and span.overlap_ms(said) > 0


def _around(said: Span, chunk: Span, usual_ms: int) -> Span:
    length = max(usual_ms, said.duration_ms)
    start = max(chunk.start_ms, said.start_ms - round((length - said.duration_ms) * _LEAD_SHARE))
    return Span(start, min(chunk.end_ms, start + length))
