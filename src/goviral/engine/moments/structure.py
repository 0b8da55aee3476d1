"""What a talk is made of: turns, topics, questions with their answers, stories, lists, pauses, pace.

Read off the same features as the ranking; told to a model chunk by chunk as an outline. Pure, linear.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.embeddings import Embedder
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.pieces import Piece, pieces_of
from goviral.engine.moments.topics import (
    Cohesion,
    Topic,
    embedded_cohesion,
    lexical_cohesion,
    topics_of,
)
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span, clock

_STORY_RATE = 0.12
_STORY_LEAST_MS = 15_000
_LIST_STEPS = 3
_LIST_WITHIN_MS = 90_000
_PAUSE_MS = 2_000
_ANSWER_MS = 60_000
_NEVER_SPLIT_MS = 1 << 40


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker without a break; `speaker` is None where nobody is named."""

    speaker: str | None
    span: Span
    words: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and the answer another speaker (or the same) gives."""

    question: Span
    answer: Span


@dataclass(frozen=True)
class Structure:
    """`pace` is words a minute over the whole talk; `pauses` are silences of two seconds and more."""

    turns: tuple[Turn, ...]
    topics: tuple[Topic, ...]
    questions: tuple[Answered, ...]
    stories: tuple[Span, ...]
    lists: tuple[Span, ...]
    pauses: tuple[Span, ...]
    pace: float

    def outline(self, span: Span) -> tuple[str, ...]:
        """What lies in `span`, a line each, for a prompt."""
        return tuple(self._lines(span))

    def _lines(self, span: Span) -> Iterator[str]:
        speakers = sorted({t.speaker for t in self.turns if t.speaker and t.span.overlap_ms(span)})
        if len(speakers) > 1:
            yield f"Speakers: {', '.join(speakers)}"
        for topic in self.topics:
            if topic.span.overlap_ms(span) and topic.keywords:
                yield f"Topic from {clock(topic.span.start_ms)}: {', '.join(topic.keywords)}"
        yield from _places("Questions with answers", [q.question for q in self.questions], span)
        yield from _places("Stories", self.stories, span)
        yield from _places("Lists", self.lists, span)


def outline_of(
    transcript: Transcript, chunk: Chunk, embedder: Embedder | None = None
) -> tuple[str, ...]:
    """The outline of one chunk, read off its sentences alone: a value of `prompts.Talk.outline`.

    Not off the whole talk: the first question need not wait until all of it has been read.
    """
    heard = replace(
        transcript,
        sentences=tuple(chunk.sentences(transcript)),
        words=tuple(transcript.words_in(chunk.span)),
    )
    return structure_of(heard, embedder).outline(chunk.span)


def structure_of(transcript: Transcript, embedder: Embedder | None = None) -> Structure:
    """Read the structure of a talk; an empty one where nothing is said.

    Topics are cut by what `embedder` makes of the talk, where it knows the language; else by its words.
    """
    pieces = pieces_of(transcript, _NEVER_SPLIT_MS)
    if not pieces:
        return Structure((), (), (), (), (), (), 0.0)
    table = table_of(pieces, transcript.language)
    spans = [piece.span for piece in pieces]
    lasting_min = max(1e-3, float(table.end_ms[-1] - table.start_ms[0]) / 60_000)
    return Structure(
        tuple(_turns(table, spans, [piece.speaker for piece in pieces])),
        tuple(
            topics_of(_cohesion(table, pieces, transcript.language, embedder), table.tokens, spans)
        ),
        tuple(_answered(table, spans)),
        tuple(_stories(table, spans)),
        tuple(_lists(table, spans)),
        tuple(_pauses(spans)),
        round(float(table.words.sum()) / lasting_min, 1),
    )


def _turns(table: Table, spans: Sequence[Span], speakers: Sequence[str | None]) -> Iterator[Turn]:
    turn = table.dialogue.turn
    edges = [0, *(np.flatnonzero(np.diff(turn)) + 1).tolist(), len(spans)]
    for first, after in pairwise(edges):
        words = int(table.words[first:after].sum())
        yield Turn(speakers[first], Span(spans[first].start_ms, spans[after - 1].end_ms), words)


def _cohesion(
    table: Table, pieces: Sequence[Piece], language: str, embedder: Embedder | None
) -> Cohesion:
    if embedder is None or language not in embedder.languages:
        return lexical_cohesion(table.tokens)
    return embedded_cohesion([piece.text for piece in pieces], embedder)


def _answered(table: Table, spans: Sequence[Span]) -> Iterator[Answered]:
    """Questions at the end of a turn with the turn that follows; else with what follows for a minute."""
    asks = table.column("question") > 0
    turn = table.dialogue.turn
    for at in np.flatnonzero(asks[:-1]).tolist():
        if asks[at + 1] and turn[at + 1] == turn[at]:
            continue
        changed = table.dialogue.known and turn[at + 1] != turn[at]
        if table.dialogue.known and not changed:
            continue
        limit = spans[at].end_ms + _ANSWER_MS
        last = at + 1
        while (
            last + 1 < len(spans)
            and turn[last + 1] == turn[at + 1]
            and spans[last + 1].end_ms <= limit
        ):
            last += 1
        yield Answered(spans[at], Span(spans[at + 1].start_ms, spans[last].end_ms))


def _stories(table: Table, spans: Sequence[Span]) -> Iterator[Span]:
    """Stretches dense in the words of telling: when, who said what, past tense; one other sentence may be in."""
    telling = table.column("say_story") + table.column("say_past") + table.column("say_speech")
    dense = np.flatnonzero(telling / (table.words + 3) > _STORY_RATE).tolist()
    for run in _runs(dense, lambda one, following: following - one <= 2):
        span = Span(spans[run[0]].start_ms, spans[run[-1]].end_ms)
        if span.duration_ms >= _STORY_LEAST_MS:
            yield span


def _lists(table: Table, spans: Sequence[Span]) -> Iterator[Span]:
    """Three and more steps that follow each other within a minute and a half."""
    steps = np.flatnonzero(table.column("say_list_marker") > 0).tolist()

    def near(one: int, following: int) -> bool:
        return spans[following].start_ms - spans[one].end_ms <= _LIST_WITHIN_MS

    for run in _runs(steps, near):
        if len(run) >= _LIST_STEPS:
            yield Span(spans[run[0]].start_ms, spans[run[-1]].end_ms)


def _runs(places: Sequence[int], together: Callable[[int, int], bool]) -> Iterator[list[int]]:
    """Neighbours that belong together."""
    run: list[int] = []
    for at in places:
        if run and not together(run[-1], at):
            yield run
            run = []
        run.append(at)
    if run:
        yield run


def _pauses(spans: Sequence[Span]) -> Iterator[Span]:
    for one, following in pairwise(spans):
        if following.start_ms - one.end_ms >= _PAUSE_MS:
            yield Span(one.end_ms, following.start_ms)


def _places(what: str, spans: Sequence[Span], inside: Span) -> Iterator[str]:
    at = [clock(span.start_ms) for span in spans if inside.contains(span.start_ms)]
    if at:
        yield f"{what} at {', '.join(at)}"
