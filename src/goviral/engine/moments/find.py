"""The moments of a talk, best first: the one question this room answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goviral.engine.llm.client import LlmClient
from goviral.engine.media.signals import SILENT, Signals
from goviral.engine.moments.boundaries import mend, window_costs
from goviral.engine.moments.counts import wished_count
from goviral.engine.moments.describing import Describer
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.features.tokens import Floats, normal, words_of
from goviral.engine.moments.merging import with_proposals
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.pieces import Piece, pieces_of
from goviral.engine.moments.proposals import ProposalRule
from goviral.engine.moments.ranking import Heat, heat_of
from goviral.engine.moments.windows import Windows, choose, windows_of
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.timecode import Span

STAGE = "moments"
# Deviations of heat that a clip gains when all of it is about what was asked for.
_ABOUT = 6.0
_STEM = 5


@dataclass(frozen=True)
class Ranked:
    """A talk, measured: its pieces, their features, their heat."""

    transcript: Transcript
    pieces: tuple[Piece, ...]
    table: Table
    heat: Heat
    wishes: Wishes
    language: str

    def values(self, windows: Windows) -> Floats:
        """What each window is worth: its heat, what it is about, less the cost of how it begins and ends."""
        heat = self.heat.between(windows.first, windows.last, windows.lasting_ms)
        about = _about(self.wishes.about, self.table)
        if about.any():
            total = np.concatenate([[0.0], np.cumsum(about)])
            words = np.concatenate([[0.0], np.cumsum(self.table.words)])
            share = total[windows.last + 1] - total[windows.first]
            share = share / (1 + words[windows.last + 1] - words[windows.first])
            heat = heat + _ABOUT * np.minimum(1.0, share / np.quantile(share, 0.99).clip(1e-9))
        return heat - window_costs(self.pieces, self.language, windows)


def find_moments(
    transcript: Transcript,
    signals: Signals = SILENT,
    wishes: Wishes = Wishes(),
    *,
    llm: LlmClient | None = None,
    proposals: ProposalRule = ProposalRule(),
    progress: Progress | None = None,
) -> tuple[Moment, ...]:
    """Moments worth clipping, best first, none overlapping another; the same every time.

    They begin and end at sentences (inside one only where it is longer than a clip, then between words) and
    last `wishes.min_ms` to `wishes.max_ms`; a talk shorter than that is one moment. With `llm`, its proposals
    (asked for by the rule `proposals`) come first and the ranking fills what they leave. Raises `InputError`
    for wishes that no clip can meet, and with `llm` the errors of `engine.llm.errors`.
    """
    told = progress or SilentProgress()
    told.start(STAGE)
    ranked = rank(transcript, signals, wishes)
    if ranked is None:
        told.finish(STAGE, "nothing is said")
        return ()
    table = ranked.table
    windows = windows_of(table.start_ms, table.end_ms, wishes.min_ms, wishes.max_ms)
    values = ranked.values(windows)
    lasting = int(table.end_ms[-1] - table.start_ms[0])
    count = wishes.count or wished_count(lasting, wishes.min_ms)
    chosen = choose(windows, values, count)
    describer = Describer(ranked.pieces, table, ranked.heat, ranked.language)
    runs = [(int(windows.first[at]), int(windows.last[at])) for at in chosen]
    moments = tuple(describer.moment(first, last) for first, last in runs)
    if llm is not None:

        def judge(span: Span) -> Moment | None:
            run = mend(span, ranked.pieces, ranked.language, wishes)
            return describer.moment(run.first, run.last) if run is not None else None

        moments = with_proposals(moments, transcript, wishes, count, llm, proposals, judge, told)
    told.finish(STAGE, f"{len(moments)} found")
    return moments


def score_spans(
    transcript: Transcript,
    spans: Sequence[Span],
    signals: Signals = SILENT,
    wishes: Wishes = Wishes(),
) -> tuple[Moment, ...]:
    """The moments that the user's own `spans` mean, in their order.

    Each is brought to whole sentences (`boundaries.mend` says how) and scored as if it had been found. Spans
    without speech are left out. Raises `InputError` for a span that ends before it begins.
    """
    scored = score_each(transcript, spans, signals, wishes)
    return tuple(moment for moment in scored if moment is not None)


def score_each(
    transcript: Transcript,
    spans: Sequence[Span],
    signals: Signals = SILENT,
    wishes: Wishes = Wishes(),
) -> list[Moment | None]:
    """Like `score_spans`, one answer a span: None where nothing is said."""
    for span in spans:
        if span.start_ms >= span.end_ms:
            raise InputError(
                f"A span from {span.start_ms} to {span.end_ms} ms has no length.",
                remedy="Give each span as start and end in milliseconds, the start first.",
            )
    ranked = rank(transcript, signals, wishes)
    if ranked is None:
        return [None] * len(spans)
    describer = Describer(ranked.pieces, ranked.table, ranked.heat, ranked.language)
    runs = [mend(span, ranked.pieces, ranked.language, wishes) for span in spans]
    return [
        describer.moment(run.first, run.last, run.mends) if run is not None else None
        for run in runs
    ]


def rank(transcript: Transcript, signals: Signals, wishes: Wishes) -> Ranked | None:
    """Measure a talk; None where nothing is said."""
    _check(wishes)
    pieces = pieces_of(transcript, wishes.max_ms)
    if not pieces:
        return None
    language = wishes.language or transcript.language
    table = table_of(pieces, language)
    return Ranked(transcript, pieces, table, heat_of(table, signals), wishes, language)


def _check(wishes: Wishes) -> None:
    if not 0 < wishes.min_ms <= wishes.max_ms:
        raise InputError(
            "The shortest clip may not be longer than the longest.",
            remedy="Give a minimum above 0 and a maximum not below it.",
        )
    if wishes.count is not None and wishes.count < 1:
        raise InputError("At least one moment has to be asked for.", remedy="Use a count above 0.")


def _about(wished: str, table: Table) -> Floats:
    """How many words of each piece are about `wished`: the same beginning counts as the same word."""
    stems = {normal(word)[:_STEM] for word in words_of(wished)}
    stems -= {stem for stem in stems if len(stem) < 2}
    return table.tokens.count_where(lambda word: word[:_STEM] in stems)
