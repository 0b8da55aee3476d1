"""What a talk is made of: turns, topics, questions with their answers, stories, lists, pauses, pace.

Read off the same features as the ranking; told to a model chunk by chunk as an outline. Pure, linear.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.features.tokens import Floats, Tokens
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span, clock

_BLOCK = 8
_DEEP = 1.0
_LEAST_TOPIC_MS = 90_000
_STORY_RATE = 0.12
_STORY_LEAST_MS = 15_000
_LIST_STEPS = 3
_LIST_WITHIN_MS = 90_000
_PAUSE_MS = 2_000
_ANSWER_MS = 60_000
_KEYWORDS = 4
_NEVER_SPLIT_MS = 1 << 40


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker without a break; `speaker` is None where nobody is named."""

    speaker: str | None
    span: Span
    words: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch about one thing, named by the words that set it apart."""

    span: Span
    keywords: tuple[str, ...]


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


def outline_of(transcript: Transcript, chunks: Sequence[Chunk]) -> dict[int, tuple[str, ...]]:
    """The outline of every chunk, by its index: what `prompts.Talk.outline` takes."""
    structure = structure_of(transcript)
    return {chunk.index: structure.outline(chunk.span) for chunk in chunks}


def structure_of(transcript: Transcript) -> Structure:
    """Read the structure of a talk; an empty one where nothing is said."""
    pieces = pieces_of(transcript, _NEVER_SPLIT_MS)
    if not pieces:
        return Structure((), (), (), (), (), (), 0.0)
    table = table_of(pieces, transcript.language)
    spans = [piece.span for piece in pieces]
    lasting_min = max(1e-3, float(table.end_ms[-1] - table.start_ms[0]) / 60_000)
    return Structure(
        tuple(_turns(table, spans, [piece.speaker for piece in pieces])),
        tuple(_topics(table, spans)),
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


def _topics(table: Table, spans: Sequence[Span]) -> Iterator[Topic]:
    """TextTiling (Hearst 1997): cut where the words before and after have least in common."""
    depth = _depths(_cohesion(table.tokens, len(spans)))
    deep = float(depth.mean() + _DEEP * depth.std())
    edges = [0]
    for at in np.flatnonzero(depth > deep).tolist():
        valley = depth[max(0, at - _BLOCK) : at + _BLOCK + 1]
        if (
            depth[at] == valley.max()
            and spans[at].start_ms - spans[edges[-1]].start_ms >= _LEAST_TOPIC_MS
        ):
            edges.append(at)
    for first, after in zip(edges, [*edges[1:], len(spans)], strict=True):
        span = Span(spans[first].start_ms, spans[after - 1].end_ms)
        yield Topic(span, _keywords(table.tokens, first, after))


def _cohesion(tokens: Tokens, count: int) -> Floats:
    """Cosine of the words of eight pieces before and after each place between pieces."""
    common = np.array([len(word) > 3 for word in tokens.vocabulary], dtype=np.bool_)
    words = [
        set(part[common[part]].tolist()) for part in np.split(tokens.ids, tokens.offsets[1:-1])
    ]
    cohesion = np.ones(count)
    for at in range(1, count):
        before = set().union(*words[max(0, at - _BLOCK) : at])
        after = set().union(*words[at : at + _BLOCK])
        cohesion[at] = len(before & after) / max(1.0, np.sqrt(len(before) * len(after)))
    return cohesion


def _depths(cohesion: Floats) -> Floats:
    """How far each valley lies below the peaks on both sides, within two blocks."""
    depth = np.zeros(len(cohesion))
    for at in range(1, len(cohesion) - 1):
        here = cohesion[at]
        if here > cohesion[at - 1] or here > cohesion[at + 1]:
            continue
        left = cohesion[max(1, at - 2 * _BLOCK) : at + 1].max()
        right = cohesion[at : at + 2 * _BLOCK + 1].max()
        depth[at] = left + right - 2 * here
    return depth


def _keywords(tokens: Tokens, first: int, after: int) -> tuple[str, ...]:
    """The words said here more than their share, rarest in the rest of the talk first."""
    here = np.bincount(
        tokens.ids[tokens.offsets[first] : tokens.offsets[after]], minlength=len(tokens.vocabulary)
    )
    everywhere = np.bincount(tokens.ids, minlength=len(tokens.vocabulary))
    worth = np.where(here > 1, here * here / everywhere, 0.0)
    order = np.argsort(-worth, kind="stable").tolist()
    telling = [at for at in order if worth[at] > 0 and _is_topical(tokens.vocabulary[at])]
    return tuple(tokens.vocabulary[at] for at in telling[:_KEYWORDS])


def _is_topical(word: str) -> bool:
    return (len(word) > 4 or not word.isascii()) and not word[0].isdigit() and "'" not in word


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
