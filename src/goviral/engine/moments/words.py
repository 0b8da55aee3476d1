"""A span brought to where words begin and end. Pure."""

from bisect import bisect_left, bisect_right

from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span

LONGEST_LEAD_MS = 2_000


def clamp_to_words(span: Span, transcript: Transcript) -> Span:
    """`span` so that it cuts no word and its first word begins at most 2000 ms after its start.

    A word that the span cuts is taken in whole. Long silence at either end is left out. Without words
    in it, the span stays as it is.
    """
    words = transcript.words
    first = bisect_right(words, span.start_ms, key=lambda word: word.end_ms)
    last = bisect_left(words, span.end_ms, key=lambda word: word.start_ms) - 1
    if first > last:
        return span
    start_ms = min(span.start_ms, words[first].start_ms)
    if words[first].start_ms - start_ms > LONGEST_LEAD_MS:
        start_ms = words[first].start_ms
    end_ms = max(span.end_ms, words[last].end_ms)
    if end_ms - words[last].end_ms > LONGEST_LEAD_MS:
        end_ms = words[last].end_ms
    return Span(start_ms, end_ms)
