"""The moments of a talk, best first: the one question this room answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from goviral.engine.llm.client import LlmClient
from goviral.engine.media.signals import SILENT, Signals
from goviral.engine.moments.boundaries import Run, mend, window_costs
from goviral.engine.moments.counts import wished_count, worth_showing
from goviral.engine.moments.describing import Describer
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.merging import with_proposals
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.pieces import Piece, pieces_of
from goviral.engine.moments.proposals import ProposalRule
from goviral.engine.moments.ranking import Heat, heat_of
from goviral.engine.moments.scorecard import Judge
from goviral.engine.moments.tokens import Floats, normal, words_of
from goviral.engine.moments.windows import Windows, choose, windows_of
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.timecode import Span

STAGE = "moments"
_STEM = 5


@dataclass(frozen=True)
class Ranked:
    """A talk, measured: its pieces, their features, their heat."""

    transcript: Transcript
    pieces: tuple[Piece, ...]
    table: Table
    heat: Heat
    wishes: Wishes

    @property
    def language(self) -> str:
        """As declared, or as found out."""
        return self.table.language

    @property
    def lasting_ms(self) -> int:
        """From the first word to the last."""
        return self.pieces[-1].end_ms - self.pieces[0].start_ms

    def values(self, windows: Windows) -> Floats:
        """What each window is worth: its heat and its opening, less the cost of how it begins and ends."""
        worth = self.judge.worth(windows.first, windows.last)
        return worth - window_costs(self.pieces, self.language, windows)

    @cached_property
    def judge(self) -> Judge:
        """Judges clips of this talk."""
        return Judge(self.table, self.heat)

    @cached_property
    def describer(self) -> Describer:
        """Describes clips of this talk."""
        return Describer(self.pieces, self.table, self.heat, self.language, self.judge)

    def moment(self, run: Run) -> Moment:
        """The moment that some pieces are."""
        return self.describer.moment(run.first, run.last, run.mends)

    def mended(self, span: Span) -> Moment | None:
        """The moment that a span means; None where nothing is said in it."""
        run = mend(span, self.pieces, self.language, self.wishes)
        return self.moment(run) if run is not None else None

    def best(self, count: int) -> tuple[Moment, ...]:
        """The best `count` moments that do not overlap, best first."""
        table, wishes = self.table, self.wishes
        windows = windows_of(table.start_ms, table.end_ms, wishes.min_ms, wishes.max_ms)
        values = self.values(windows)
        chosen = choose(windows, values + nudges(values, wishes.seed), count)
        runs = [Run(int(windows.first[at]), int(windows.last[at])) for at in chosen]
        # Chosen by worth less costs, shown by score: what a reader sees must not go up and down.
        return tuple(sorted(map(self.moment, runs), key=lambda moment: -moment.score))


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
    count = wishes.count or wished_count(ranked.lasting_ms, wishes.min_ms)
    moments = ranked.best(count)
    if wishes.count is None:
        moments = worth_showing(moments)
    if llm is not None:
        moments = with_proposals(
            moments, transcript, wishes, count, llm, proposals, ranked.mended, told
        )
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
    return [ranked.mended(span) for span in spans]


def rank(transcript: Transcript, signals: Signals, wishes: Wishes) -> Ranked | None:
    """Measure a talk; None where nothing is said."""
    _check(wishes)
    pieces = pieces_of(transcript, wishes.max_ms)
    if not pieces:
        return None
    table = table_of(pieces, wishes.language or transcript.language)
    heat = heat_of(table, signals, _about(wishes.about, table))
    return Ranked(transcript, pieces, table, heat, wishes)


def nudges(values: Floats, seed: int) -> Floats:
    """What another `seed` than 0 adds: up to a quarter of a deviation, the same for the same seed.

    Near equals change places; nothing weak comes up.
    """
    if seed == 0:
        return np.zeros(len(values))
    return np.random.default_rng(abs(seed)).uniform(0, values.std() / 4, len(values))


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
