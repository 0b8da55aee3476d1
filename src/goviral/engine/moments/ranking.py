"""How hot every piece of a talk is: a small model whose weights are numbers in `weights.json`.

Two questions are asked of every piece, because they have different answers: will a room react here (laugh,
applaud), and would an editor quote this. Each kind of talk (interview, panel, hearing, monologue) has its own
weights for the question it was labelled with; what a talk is like decides how much each of them has to say.
`scripts/fit_ranking.py` fits them; `docs/quality.md` says from what, and what each part adds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media.signals import SILENT, Signals
from goviral.engine.moments.features.context import STRETCHES, in_context
from goviral.engine.moments.features.kind import kind_of
from goviral.engine.moments.features.sound import burst_of
from goviral.engine.moments.features.table import Table
from goviral.engine.moments.tokens import Floats

REACTION = "reaction"
PICK = "pick"
EVIDENCE = ("marked_reaction", "loud_burst", "asked_for", "housekeeping")
_USUAL_MS = 40_000


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one kind of talk. `weights` is stretch x feature, over standardised columns.

    `target` `reaction`: the logit of the chance that a piece draws one; `pick`: how much an editor would like
    the 40 s around it.
    """

    target: str
    intercept: float
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Gate:
    """Which kinds a talk is like, and what heads such a talk asks.

    Each kind is a cloud of talks (Student's t with `freedom` degrees: mean, inverse root of the covariance,
    `offset` its log weight and determinant); one more cloud is wide, for talks unlike all of them. `lends` is
    cloud x head: a talk of an unknown kind asks all heads, one of a known kind mostly its own.
    """

    heads: tuple[str, ...]
    uses: NDArray[np.int64]
    means: Floats
    roots: Floats
    offsets: Floats
    lends: Floats
    freedom: float

    def shares(self, kind: Floats) -> dict[str, float]:
        """How much each head has to say, summing to 1."""
        away = kind[self.uses] - self.means
        distance = (np.einsum("cij,cj->ci", self.roots, away) ** 2).sum(axis=1)
        power = (self.freedom + len(self.uses)) / 2
        logits = self.offsets - power * np.log1p(distance / self.freedom)
        odds = np.exp(logits - logits.max())
        return dict(zip(self.heads, (odds / odds.sum() @ self.lends).tolist(), strict=True))


@dataclass(frozen=True)
class Expertise:
    """Gate and heads for one condition of transcripts."""

    gate: Gate
    heads: Mapping[str, Head]


@dataclass(frozen=True)
class Priors:
    """Weights that no labelled talk could teach: the transcripts there have no sound and no marks.

    Deviations of heat that one mark, one deviation of loudness throughout, or the asked topic gives a clip of 40 s,
    and that one phrase of housekeeping takes from it.
    """

    marked_reaction: float
    loud_burst: float
    asked_for: float
    housekeeping: float


@dataclass(frozen=True)
class Model:
    """All that ranking knows: of talks whose speakers are told apart, of others, of bare automatic captions.

    `foreign` looks at nothing that rests on English words or endings.
    """

    features: tuple[str, ...]
    named: Expertise
    unnamed: Expertise
    bare: Expertise
    foreign: Expertise
    priors: Priors

    def expertise(self, table: Table) -> Expertise:
        """What fits a transcript: without punctuation, voices and sentences are not to be trusted either."""
        if table.language != "en":
            return self.foreign
        if not table.punctuated:
            return self.bare
        return self.named if table.dialogue.known else self.unnamed


@dataclass(frozen=True)
class Heat:
    """`per_piece[p]` adds up over a clip: its sum by the clip's length (ms) is the clip's heat.

    Heat is in deviations of 40 s windows of the same talk; `average` is the mean over them.
    `effects[p, f]` is what feature `f` adds at piece `p`, to be read like `per_piece`. `shares` are the gate's.
    """

    per_piece: Floats
    effects: NDArray[np.float32]
    features: tuple[str, ...]
    shares: Mapping[str, float]
    average: float

    @cached_property
    def total(self) -> Floats:
        """Running sum of `per_piece`, from 0."""
        return np.concatenate([[0.0], np.cumsum(self.per_piece)])

    def between(
        self, first: NDArray[np.int64], last: NDArray[np.int64], lasting_ms: Floats
    ) -> Floats:
        """Heat of the clips from piece `first` through `last`, against the talk's average."""
        sums: Floats = self.total[last + 1] - self.total[first]
        return sums / np.maximum(1.0, lasting_ms) - self.average


def heat_of(
    table: Table,
    signals: Signals = SILENT,
    asked: Floats | None = None,
    model: Model | None = None,
) -> Heat:
    """The heat of every piece of a talk. `asked` counts the words of each that the user asked for."""
    known = model or load_model()
    expertise = known.expertise(table)
    context = in_context(table).reshape(len(table.words), len(STRETCHES), len(table.names))
    shares = expertise.gate.shares(kind_of(table))
    parts = [
        _part(expertise.heads[kind], share, context, table)
        for kind, share in shares.items()
        if share > 0
    ]
    per_piece = np.sum([values for values, _ in parts], axis=0)
    effects = np.sum([effect for _, effect in parts], axis=0)
    evidence = _evidence(table, signals, asked, known.priors)
    per_piece = per_piece + evidence.sum(axis=1)
    return Heat(
        per_piece,
        np.concatenate([effects, evidence.astype(np.float32)], axis=1),
        (*table.names, *EVIDENCE),
        shares,
        _usual_windows(per_piece, table)[0],
    )


def _part(
    head: Head, share: float, context: NDArray[np.float32], table: Table
) -> tuple[Floats, NDArray[np.float32]]:
    """What one head says of every piece, and the part of each feature in it."""
    by_feature = np.einsum("psf,sf->pf", context, head.weights, optimize=True)
    logit = by_feature.sum(axis=1).astype(np.float64) + head.intercept
    lasting = table.end_ms - table.start_ms
    if head.target == REACTION:
        chance = 1 / (1 + np.exp(-logit))
        values, slope = chance, chance * (1 - chance)
    else:
        values, slope = (logit - logit.mean()) * lasting, lasting
    scale = share / max(1e-12, _usual_windows(values, table)[1])
    return values * scale, by_feature * (slope * scale)[:, None].astype(np.float32)


def _usual_windows(values: Floats, table: Table) -> tuple[float, float]:
    """Mean and deviation of `values` by time over windows of 40 s, one from each piece."""
    last = np.searchsorted(table.end_ms, table.start_ms + _USUAL_MS)
    last = np.minimum(last, len(values) - 1)
    total = np.concatenate([[0.0], np.cumsum(values)])
    lasting = np.maximum(float(_USUAL_MS), table.end_ms[last] - table.start_ms)
    density = (total[last + 1] - total[:-1]) / lasting
    return float(density.mean()), float(density.std())


def _evidence(table: Table, signals: Signals, asked: Floats | None, priors: Priors) -> Floats:
    """What no labelled talk tells of: marks, loud bursts, the user's own topic, talk about the event."""
    lasting = table.end_ms - table.start_ms
    marked = table.marked * _USUAL_MS * priors.marked_reaction
    burst = burst_of(table, signals) * lasting * priors.loud_burst
    asked_for = _asked_for(asked, table) * priors.asked_for
    dull = -table.housekeeping * _USUAL_MS * priors.housekeeping
    return np.stack([marked, burst, asked_for, dull], axis=1)


def _asked_for(asked: Floats | None, table: Table) -> Floats:
    """As much as to be 1 in a clip of 40 s that has more of it than 99 in 100."""
    if asked is None or not asked.any():
        return np.zeros(len(table.words))
    total = np.concatenate([[0.0], np.cumsum(asked)])
    last = np.searchsorted(table.end_ms, table.start_ms + _USUAL_MS)
    said = total[np.minimum(last + 1, len(asked))] - total[:-1]
    share: Floats = asked * _USUAL_MS / max(1.0, float(np.quantile(said, 0.99)))
    return share


@lru_cache(maxsize=1)
def load_model() -> Model:
    """The model that ships with the package."""
    text = files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return model_from(json.loads(text))


def model_from(numbers: Mapping[str, Any]) -> Model:
    """A model from the form of `weights.json`."""
    return Model(
        tuple(numbers["features"]),
        _expertise_from(numbers["named"]),
        _expertise_from(numbers["unnamed"]),
        _expertise_from(numbers["bare"]),
        _expertise_from(numbers["foreign"]),
        Priors(**numbers["priors"]),
    )


def _expertise_from(numbers: Mapping[str, Any]) -> Expertise:
    gate = numbers["gate"]
    heads = {
        kind: Head(head["target"], head["intercept"], np.array(head["weights"], dtype=np.float32))
        for kind, head in numbers["heads"].items()
    }
    arrays = {name: np.array(gate[name]) for name in ("means", "roots", "offsets", "lends")}
    uses = np.array(gate["uses"], dtype=np.int64)
    return Expertise(Gate(tuple(gate["heads"]), uses, freedom=gate["freedom"], **arrays), heads)
