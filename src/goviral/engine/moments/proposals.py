"""Moments that a model proposes: one call a chunk, several at a time, each answer held to the transcript."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from goviral.engine.llm.client import LlmClient, never
from goviral.engine.llm.errors import RefusedError
from goviral.engine.llm.runs import Budget, RunLog
from goviral.engine.llm.structured import Asking, ask
from goviral.engine.moments.assembling import Place, assemble
from goviral.engine.moments.chunking import Chunk, ChunkRule, chunk_transcript
from goviral.engine.moments.embeddings import Embedder, installed_embedder
from goviral.engine.moments.fanout import side_by_side
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.prompts import Talk, moments_prompt
from goviral.engine.moments.proposal import ProposalList
from goviral.engine.moments.quotes import spoken_in
from goviral.engine.moments.structure import outline_of
from goviral.engine.moments.validation import Dropped
from goviral.engine.transcripts.document import Transcript
from goviral.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class ProposalRule:
    """How a talk is put to the model. `embedder` cuts the topics of its outline; None: its words do.

    `runs` is where calls are written down; None: in a log of this talk's own.
    """

    chunks: ChunkRule = field(default_factory=ChunkRule)
    concurrency: int = 4
    temperature: float = 0.25
    max_output_tokens: int = 1800
    timeout_s: float = 60.0
    max_total_tokens: int | None = None
    embedder: Embedder | None = field(default=None, compare=False)
    runs: RunLog | None = field(default=None, compare=False)


def rule_of(settings: Settings) -> ProposalRule:
    """The rule that the environment makes: its settings, and the embedder where one is installed."""
    moments, llm = settings.moments, settings.llm
    return ProposalRule(
        chunks=ChunkRule(moments.chunk_duration_ms, moments.chunk_overlap_ms),
        concurrency=moments.max_concurrency,
        temperature=llm.temperature,
        max_output_tokens=llm.max_output_tokens,
        timeout_s=llm.timeout_s,
        max_total_tokens=llm.max_total_tokens,
        embedder=installed_embedder(),
    )


@dataclass(frozen=True, slots=True)
class ChunkProposals:
    """What came of one chunk. `notes` says what went otherwise than it should."""

    chunk: Chunk
    moments: tuple[Moment, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Proposals:
    """What came of a whole talk, chunk by chunk; doubles between chunks are still in it."""

    chunks: tuple[ChunkProposals, ...]
    log: RunLog

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(moment for chunk in self.chunks for moment in chunk.moments)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        return tuple(dropped for chunk in self.chunks for dropped in chunk.dropped)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(note for chunk in self.chunks for note in chunk.notes)


@dataclass(frozen=True)
class Watching:
    """Who wants to know: called in the caller's thread, in the order of completion."""

    on_done: Callable[[ChunkProposals], None] = field(default=lambda _: None)
    on_failed: Callable[[Chunk, BaseException], None] = field(default=lambda *_: None)
    cancelled: Callable[[], bool] = never


def propose(
    transcript: Transcript,
    wishes: Wishes,
    client: LlmClient,
    *,
    rule: ProposalRule = ProposalRule(),
    talk: Talk = Talk(),
    watching: Watching = Watching(),
) -> Proposals:
    """Ask `client` about every chunk, side by side, and keep what holds.

    The first failure stops the rest, is told to `watching` and raised: an error of `llm.errors` or
    `CancelledError`. A chunk that the model refuses to speak about gives no moments and a note; only
    when it refuses all of them is that a failure.
    """
    chunks = chunk_transcript(transcript, rule.chunks)
    stop = threading.Event()
    asking = Asking(
        client,
        temperature=rule.temperature,
        max_output_tokens=rule.max_output_tokens,
        timeout_s=rule.timeout_s,
        log=rule.runs if rule.runs is not None else RunLog(),
        budget=Budget(rule.max_total_tokens),
        cancelled=lambda: stop.is_set() or watching.cancelled(),
    )

    pieces = pieces_of(transcript, wishes.max_ms)

    def work(chunk: Chunk) -> ChunkProposals:
        place = Place(transcript, pieces, chunk, spoken_in(chunk.span, transcript), wishes)
        return _ask_about(place, asking, _outlined(talk, transcript, chunk, rule.embedder))

    done: dict[int, ChunkProposals] = {}
    for chunk, result in side_by_side(chunks, work, rule.concurrency, stop):
        if isinstance(result, BaseException):
            watching.on_failed(chunk, result)
            raise result
        done[chunk.index] = result
        watching.on_done(result)
    if done and all(result.refused for result in done.values()):
        raise RefusedError(
            "The model refuses to speak about this talk.", remedy="Use another model, or none."
        )
    return Proposals(tuple(done[index] for index in sorted(done)), asking.log)


def _outlined(talk: Talk, transcript: Transcript, chunk: Chunk, embedder: Embedder | None) -> Talk:
    """The talk with this chunk's outline: made while the chunks before are with the model."""
    if chunk.index in talk.outline:
        return talk
    return replace(talk, outline={chunk.index: outline_of(transcript, chunk, embedder)})


def _ask_about(place: Place, asking: Asking, talk: Talk) -> ChunkProposals:
    chunk = place.chunk
    prompt = moments_prompt(place.transcript, chunk, place.wishes, talk)
    try:
        asked = ask(asking, prompt, ProposalList, list_field="moments")
    except RefusedError:
        note = f"chunk {chunk.index}: the model refused to speak about it"
        return ChunkProposals(chunk, notes=(note,), refused=True)
    found = [assemble(proposal, place) for proposal in asked.value.moments]
    cut_off = f"chunk {chunk.index}: the answer was cut off, its whole moments were kept"
    return ChunkProposals(
        chunk,
        tuple(moment for moment in found if isinstance(moment, Moment)),
        tuple(dropped for dropped in found if isinstance(dropped, Dropped)),
        (cut_off,) if asked.cut_off else (),
    )
