"""A talk cut into windows that a model can read: overlapping, ending at sentence ends. Pure.

Times stay absolute: a chunk says which sentences it holds, it never shifts them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span


@dataclass(frozen=True, slots=True)
class ChunkRule:
    """Length and overlap of windows in milliseconds. No window but an only one is below `shortest_ms`."""

    duration_ms: int = 450_000
    overlap_ms: int = 45_000

    @property
    def shortest_ms(self) -> int:
        """180 s at the usual 450 s, and in proportion where windows are shorter."""
        return min(180_000, self.duration_ms * 2 // 5)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Sentences `first` to `last` (inclusive) of a transcript, `span` from the first's start."""

    index: int
    span: Span
    first: int
    last: int

    def sentences(self, transcript: Transcript) -> Sequence[Sentence]:
        return transcript.sentences[self.first : self.last + 1]


def chunk_transcript(transcript: Transcript, rule: ChunkRule) -> tuple[Chunk, ...]:
    """Windows that together hold every sentence. Raises `InputError` for an overlap as long as a window."""
    if not 0 <= rule.overlap_ms < rule.duration_ms:
        raise InputError(
            "The overlap of chunks must be shorter than a chunk.",
            remedy="Lower CHUNK_OVERLAP_MS or raise CHUNK_DURATION_MS.",
        )
    starts = [sentence.start_ms for sentence in transcript.sentences]
    ends = [sentence.end_ms for sentence in transcript.sentences]
    chunks: list[Chunk] = []
    first = 0
    while first < len(starts):
        last = _last(starts, ends, first, rule)
        chunks.append(Chunk(len(chunks), Span(starts[first], ends[last]), first, last))
        if last == len(starts) - 1:
            break
        first = _following(starts, ends, first, last, rule)
    return tuple(chunks)


def _last(starts: Sequence[int], ends: Sequence[int], first: int, rule: ChunkRule) -> int:
    """The last sentence of the window that begins with `first`."""
    last = max(first, bisect_right(ends, starts[first] + rule.duration_ms) - 1)
    long_enough = bisect_left(ends, starts[first] + rule.shortest_ms)
    last = min(max(last, long_enough), len(starts) - 1)
    if last == len(starts) - 1:
        return last
    tail_ms = ends[-1] - starts[_following(starts, ends, first, last, rule)]
    return len(starts) - 1 if tail_ms < rule.shortest_ms else last


def _following(
    starts: Sequence[int], ends: Sequence[int], first: int, last: int, rule: ChunkRule
) -> int:
    """The first sentence of the next window: at most the overlap back, at least one sentence on."""
    back = max(first + 1, min(last + 1, bisect_left(starts, ends[last] - rule.overlap_ms)))
    # A next sentence too long for both: without the overlap, or the window would bring nothing new.
    return back if ends[last + 1] <= starts[back] + rule.duration_ms else last + 1
