"""`goviral eval`: any finder over a folder of labelled talks, with simple pickers beside it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from goviral.engine.moments.boundaries import is_dangling
from goviral.engine.moments.find import find_moments, score_each
from goviral.engine.moments.labelled import LabelledTalk, collections_in, read_talks
from goviral.engine.moments.metric import (
    Figure,
    Truth,
    aggregate,
    area_under_curve,
    score_talk,
)
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.pickers import COUNT, PICKERS, Picker, find_picker
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

SHOWN = ("lift@5", "mlift@10", "recall@10", "ndcg@10")
_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Shares of clips, 0 to 1, that begin or end badly; `clips` of them were looked at."""

    clips: int
    inside_sentence: float
    inside_word: float
    dangling: float


@dataclass(frozen=True, slots=True)
class Scores:
    """What the 0-100 score is worth inside one talk, over windows of 60 s; means over talks.

    `auc`: chance that a labelled window has the higher score. `spread`: their standard deviation. `low`,
    `high`: fifth and ninety-fifth percentile.
    """

    auc: float
    spread: float
    low: float
    high: float


@dataclass(frozen=True)
class CollectionReport:
    """One collection: figures by picker, and how clips and scores of ours are."""

    name: str
    talks: int
    figures: dict[str, dict[str, Figure]]
    boundaries: Boundaries | None
    scores: Scores | None


@dataclass(frozen=True)
class EvalReport:
    """The figures of a folder. `finder` is what was asked about, the others stand beside it."""

    finder: str
    split: str | None
    collections: tuple[CollectionReport, ...]

    def geometric_mean(self, figure: str, picker: str | None = None) -> float:
        """Of one figure over the collections."""
        values = [c.figures[picker or self.finder][figure].value for c in self.collections]
        return math.exp(sum(math.log(max(1e-9, value)) for value in values) / len(values))

    def table(self) -> str:
        """All figures as a Markdown table, 95 % intervals in brackets."""
        lines = [_row("collection (talks)", "picker", *SHOWN), _row(*["---"] * (2 + len(SHOWN)))]
        for collection in self.collections:
            name = f"{collection.name} ({collection.talks})"
            lines += [
                _row(name, picker, *(_shown(figures[figure]) for figure in SHOWN))
                for picker, figures in collection.figures.items()
            ]
        means = [f"{self.geometric_mean(figure):.2f}" for figure in SHOWN]
        lines += [_row("geometric mean", self.finder, *means), "", *self._quality()]
        return "\n".join(lines)

    def _quality(self) -> list[str]:
        heads = ("inside a sentence", "inside a word", "dangling opening", "AUC of 60 s", "spread")
        lines = [_row("collection", "clips", *heads, "5 % to 95 %"), _row(*["---"] * 8)]
        for collection in self.collections:
            edges, scores = collection.boundaries, collection.scores
            if edges is None or scores is None:
                continue
            shares = (edges.inside_sentence, edges.inside_word, edges.dangling)
            lines.append(
                _row(
                    collection.name,
                    str(edges.clips),
                    *(f"{100 * share:.1f} %" for share in shares),
                    f"{scores.auc:.3f}",
                    f"{scores.spread:.1f}",
                    f"{scores.low:.0f} to {scores.high:.0f}",
                )
            )
        return lines


def evaluate(
    folder: Path,
    finder: str = "ours",
    split: str | None = "test",
    beside: Iterable[str] = tuple(PICKERS),
) -> EvalReport:
    """Measure `finder`, and the pickers `beside` it, on one split (None: all) of every collection.

    `finder` is a name of `pickers.PICKERS` or a file of picks. Raises `InputError` for an unknown one,
    and for a folder without talks of that split.
    """
    asked = {name: find_picker(name) for name in (finder, *beside)}
    reports = [_collection(path, asked, split) for path in collections_in(folder)]
    found = tuple(report for report in reports if report is not None)
    if not found:
        raise InputError(f"No talk in {folder} is of the split {split!r}.", remedy="Use another.")
    return EvalReport(finder, split, found)


def _collection(
    path: Path, asked: Mapping[str, Picker], split: str | None
) -> CollectionReport | None:
    talks = list(read_talks(path, split))
    if not talks:
        return None
    truths = [Truth(talk) for talk in talks]
    figures = {
        name: aggregate([score_talk(pick(truth.talk), truth) for truth in truths])
        for name, pick in asked.items()
    }
    edges = (
        boundaries_of((talk.transcript, _ten(talk)) for talk in talks) if "ours" in asked else None
    )
    scores = scores_of(truths) if "ours" in asked else None
    return CollectionReport(talks[0].collection, len(talks), figures, edges, scores)


def _ten(talk: LabelledTalk) -> tuple[Moment, ...]:
    return find_moments(talk.transcript, wishes=Wishes(count=COUNT))


def boundaries_of(
    found: Iterable[tuple[Transcript, Sequence[Moment]]],
) -> Boundaries:
    """How the clips of some talks begin and end."""
    looked = [
        (
            _inside(moment.span, transcript.sentences),
            _inside(moment.span, transcript.words),
            is_dangling(moment.hook, transcript.language),
        )
        for transcript, moments in found
        for moment in moments
    ]
    shares = np.array(looked, dtype=np.float64).reshape(-1, 3).sum(axis=0) / max(1, len(looked))
    return Boundaries(len(looked), *shares.tolist())


def scores_of(truths: Sequence[Truth]) -> Scores:
    """AUC and spread of the score over windows of 60 s, mean over talks that have both kinds."""
    rows = [row for truth in truths if (row := _score_windows(truth)) is not None]
    if not rows:
        return Scores(math.nan, math.nan, math.nan, math.nan)
    return Scores(*np.mean(rows, axis=0).tolist())


def _score_windows(truth: Truth) -> tuple[float, float, float, float] | None:
    valid = truth.talk.valid
    starts = range(valid.start_ms, valid.end_ms - _WINDOW_MS + 1, _WINDOW_MS)
    windows = [Span(at, at + _WINDOW_MS) for at in starts]
    scored = score_each(truth.talk.transcript, windows)
    # A window without a word cannot be a clip: the lowest score.
    scores = np.array([moment.score if moment else 0 for moment in scored], dtype=np.float64)
    labelled = np.array([bool(truth.hits(window)) for window in windows], dtype=np.bool_)
    auc = area_under_curve(labelled, scores)
    if auc is None:
        return None
    low, high = np.percentile(scores, (5, 95))
    return auc, float(scores.std()), float(low), float(high)


def _inside(span: Span, parts: Sequence[Sentence | Word]) -> bool:
    """Does an end of `span` lie inside one of `parts`?"""
    return any(
        part.start_ms < at_ms < part.end_ms
        for at_ms in (span.start_ms, span.end_ms)
        for part in parts
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(figure: Figure) -> str:
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
