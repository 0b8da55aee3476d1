"""Fit `engine/moments/weights.json` from labelled talks, and say by held-out folds how good that is.

python scripts/fit_ranking.py FOLDER [--folds 5] [--write]

Only the `train` split of the folder is read. With `--folds`, every talk is ranked by a model that has not
seen it; with `--write`, a model is fitted on all of them and written into the package.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from goviral.engine.moments.features.context import AROUND, STRETCHES, WIDE, in_context
from goviral.engine.moments.features.kind import NAMES, SPEAKER_NAMES, kind_of
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.labelled import LabelledTalk, collections_in, read_talks
from goviral.engine.moments.metric import Truth, aggregate, area_under_curve, score_talk
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.ranking import PICK, REACTION, Model, heat_of, model_from
from goviral.engine.moments.windows import choose, windows_of
from goviral.kit.files import write_text
from goviral.kit.timecode import Span

KINDS = {
    "teasers": ("interview", PICK),
    "podcasts": ("panel", REACTION),
    "court": ("hearing", REACTION),
    "talks": ("monologue", REACTION),
}
# Speakers told apart; not; neither that nor punctuation, as in automatic captions; a language without lexicon.
CONDITIONS = ("named", "unnamed", "bare", "foreign")
# What rests on English words and endings.
ENGLISH = ("names", "ed", "ing", "est", "ly", "nt", "abstract")
ENGLISH_KINDS = ("you", "first_person", "formal", "informal", "filler", "agreement")
STRENGTH = {REACTION: 1e-3, PICK: 3e-4}
WIDE_SCALE = 0.5
WORD_KINDS_SCALE = {REACTION: 0.5, PICK: 0.3}
# The gate: how much the covariance of a kind leans on that of all; how likely and how wide the unknown is.
LEAN = 0.3
UNKNOWN = 0.1
UNKNOWN_WIDTH = 3.0
FREEDOM = 30.0
# Share of the editors' head in each kind of talk; the rest asks what makes a room react.
PICKING = {"interview": 0.75, "unknown": 0.45, "other": 0.05}
ROWS_EACH = 50_000
PRIORS = {"marked_reaction": 1.0, "loud_burst": 0.3, "asked_for": 6.0, "housekeeping": 1.5}
WEIGHTS = Path("src/goviral/engine/moments/weights.json")


@dataclass
class Case:
    """A talk ready for fitting: its context columns and what is to be learnt of each piece."""

    talk: LabelledTalk
    table: Table
    columns: np.ndarray
    kind: np.ndarray
    wanted: np.ndarray
    named: bool

    @property
    def name(self) -> str:
        return KINDS[self.talk.collection][0]

    @property
    def target(self) -> str:
        return KINDS[self.talk.collection][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    wishes = parser.parse_args()
    talks = [
        t
        for path in collections_in(wishes.folder)
        for t in read_talks(path, "train")
        if t.collection in KINDS
    ]
    cases = {c: [case_of(talk, c, at) for at, talk in enumerate(talks)] for c in CONDITIONS}
    print(f"{len(talks)} talks read")
    if wishes.folds:
        held_out(cases, wishes.folds)
    if wishes.write:
        write_text(WEIGHTS, json.dumps(fit(cases), separators=(",", ":")) + "\n")


def case_of(talk: LabelledTalk, condition: str, number: int) -> Case:
    """The talk as it would be read in some condition; every other foreign one keeps its speakers."""
    pieces = pieces_of(talk.transcript, 90_000)
    if condition in ("unnamed", "bare") or (condition == "foreign" and number % 2):
        pieces = tuple(replace(piece, speaker=None) for piece in pieces)
    if condition == "bare":
        pieces = tuple(replace(piece, text=_bare(piece.text)) for piece in pieces)
    table = table_of(pieces, "xx" if condition == "foreign" else talk.transcript.language)
    wanted = _picks(talk, table) if KINDS[talk.collection][1] == PICK else _reactions(talk, table)
    known = table.dialogue.known
    return Case(talk, table, in_context(table).astype(np.float16), kind_of(table), wanted, known)


def _bare(text: str) -> str:
    """As automatic captions write it."""
    return re.sub(r"[^\w\s']", "", text).lower()


def _reactions(talk: LabelledTalk, table: Table) -> np.ndarray:
    """The weight of the reaction that the piece before each point drew."""
    wanted = np.zeros(len(table.words))
    for label in talk.labels:
        at = max(0, int(np.searchsorted(table.start_ms, label.start_ms)) - 1)
        wanted[at] = max(wanted[at], label.weight)
    return wanted


def _picks(talk: LabelledTalk, table: Table) -> np.ndarray:
    """Is a passage hit by the 40 s around each piece?"""
    truth = Truth(talk)
    middle = ((table.start_ms + table.end_ms) / 2).astype(int)
    return np.array([truth.mass(Span(m - 20_000, m + 20_000)) > 0 for m in middle], dtype=float)


def fit(cases: Mapping[str, list[Case]], only: Callable[[Case], bool] = lambda _: True) -> dict:
    """The numbers of a model, in the form of `weights.json`."""
    features = cases["named"][0].table.names
    expertise = {}
    for condition in CONDITIONS:
        chosen = [case for case in cases[condition] if only(case)]
        gate = fit_gate(chosen, condition)
        blind = condition == "foreign"
        expertise[condition] = {"gate": gate, "heads": fit_heads(chosen, features, blind)}
    return {"features": list(features), **expertise, "priors": PRIORS}


def fit_gate(cases: Sequence[Case], condition: str) -> dict:
    """A cloud for each kind of talk, and a wide one for talks unlike all of them."""
    named = condition == "named"
    known = [case for case in cases if case.named] if named else cases
    unseen = (*(() if named else SPEAKER_NAMES), *(ENGLISH_KINDS if condition == "foreign" else ()))
    heads = sorted({case.name for case in cases})
    kinds = sorted({case.name for case in known})
    uses = [at for at, name in enumerate(NAMES) if name not in unseen]
    rows = np.array([case.kind[uses] for case in known])
    names = np.array([case.name for case in known])
    total = np.cov(rows.T)
    inner = sum(np.cov(rows[names == kind].T) * (names == kind).mean() for kind in kinds)
    spreads = [(1 - LEAN) * np.cov(rows[names == kind].T) + LEAN * inner for kind in kinds]
    means = [rows[names == kind].mean(axis=0) for kind in kinds]
    clouds = [np.log((1 - UNKNOWN) / len(kinds))] * len(kinds) + [np.log(UNKNOWN)]
    covers = [*spreads, total * UNKNOWN_WIDTH]
    # What never varies (questions of bare captions) must not make a cloud infinitely thin.
    covers = [cover + np.diag(1e-3 * np.diag(total) + 1e-5) for cover in covers]
    offsets = [w - np.linalg.slogdet(c)[1] / 2 for w, c in zip(clouds, covers, strict=True)]
    return {
        "heads": heads,
        "uses": uses,
        "means": _short(np.array([*means, np.mean(means, axis=0)])),
        "roots": _short(np.array([np.linalg.cholesky(np.linalg.inv(c)).T for c in covers])),
        "offsets": _short(np.array(offsets)),
        "lends": _short(np.array([_lends(kind, heads) for kind in (*kinds, "unknown")])),
        "freedom": FREEDOM,
    }


def _lends(kind: str, heads: Sequence[str]) -> list[float]:
    """What heads a talk of `kind` asks: the editors' a fixed share, reactions the rest."""
    picking = PICKING.get(kind, PICKING["other"]) if "interview" in heads else 0.0
    own = kind if kind in heads and kind != "interview" else None
    others = [head for head in heads if head not in ("interview", own)]
    rest = 1.0 - picking
    shares = {"interview": picking}
    if own:
        shares[own] = rest
    else:
        shares |= {head: rest / len(others) for head in others}
    summed = sum(shares.get(head, 0.0) for head in heads)
    return [shares.get(head, 0.0) / summed for head in heads]


def fit_heads(cases: Sequence[Case], features: Sequence[str], blind: bool) -> dict:
    """Weights of each kind; those of reactions lean on what all of them share."""
    heads = {}
    shared = [case for case in cases if case.target == REACTION]
    lean = fit_head(shared, features, None, blind) if shared else None
    for kind in sorted({case.name for case in cases}):
        own = [case for case in cases if case.name == kind]
        target = own[0].target
        found = fit_head(own, features, lean if target == REACTION else None, blind)
        weights = found[:-1].reshape(len(STRETCHES), len(features))
        heads[kind] = {
            "target": target,
            "intercept": round(float(found[-1]), 4),
            "weights": _short(weights),
        }
    return heads


def fit_head(
    cases: Sequence[Case], features: Sequence[str], lean: np.ndarray | None, blind: bool
) -> np.ndarray:
    """Logistic regression, shrunk towards `lean` (or zero); the last number is the intercept."""
    target = cases[0].target
    scale = _scale_of(target, features, blind)
    used = np.flatnonzero(scale)
    columns = np.concatenate([case.columns[:, used] for case in cases]).astype(np.float32)
    columns *= scale[used].astype(np.float32)
    wanted = np.concatenate([case.wanted for case in cases])
    counts = {name: sum(len(c.wanted) for c in cases if c.name == name) for name in _names(cases)}
    share = np.concatenate([np.full(len(c.wanted), ROWS_EACH / counts[c.name]) for c in cases])
    share *= np.where(wanted > 0, wanted, 1) * STRENGTH[target]
    rest = np.zeros(len(used)) if lean is None else lean[:-1][used] / scale[used]
    found = _logistic(columns, wanted > 0, share, rest)
    weights = np.zeros(len(scale) + 1)
    weights[used] = found[:-1] * scale[used]
    weights[-1] = found[-1]
    return weights


def _scale_of(target: str, features: Sequence[str], blind: bool) -> np.ndarray:
    """How freely each column may be used: kinds of words less, wide stretches less; picks look at 40 s only.

    `blind`: nothing that is English.
    """
    words = [WORD_KINDS_SCALE[target] if name.startswith("say_") else 1.0 for name in features]
    if blind:
        english = [name.startswith("say_") or name in ENGLISH for name in features]
        words = np.where(english, 0.0, words).tolist()
    if target == PICK:
        stretches = [float(stretch is AROUND) for stretch in STRETCHES]
    else:
        stretches = [WIDE_SCALE if stretch is WIDE else 1.0 for stretch in STRETCHES]
    return np.outer(stretches, words).ravel()


def _names(cases: Iterable[Case]) -> set[str]:
    return {case.name for case in cases}


def _logistic(
    columns: np.ndarray, positive: np.ndarray, share: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    sign = np.where(positive, 1.0, -1.0)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (columns @ flat[:-1].astype(np.float32) + flat[-1])
        value = (share * np.logaddexp(0, -margin)).sum()
        pull = -sign * share / (1 + np.exp(margin))
        away = flat[:-1] - rest
        slope = columns.T @ pull.astype(np.float32) + away
        return value + (away**2).sum() / 2, np.append(slope, pull.sum())

    start = np.append(rest, np.log(positive.mean() / (1 - positive.mean())))
    options = {"maxiter": 80, "ftol": 1e-6}
    return minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x


def _short(values: np.ndarray) -> list:
    return (
        [_short(row) for row in values] if values.ndim > 1 else [float(f"{v:.4g}") for v in values]
    )


def held_out(cases: Mapping[str, list[Case]], folds: int) -> None:
    """Figures of every collection, each talk ranked by a model that has not seen it."""
    order = np.random.default_rng(1).permutation(len(cases["named"])) % folds
    fold_of = {case.talk.id: int(fold) for case, fold in zip(cases["named"], order, strict=True)}
    models: list[Model] = []
    for fold in range(folds):
        started = time.monotonic()
        chosen = fit(cases, lambda case, left_out=fold: fold_of[case.talk.id] != left_out)
        models.append(model_from(chosen))
        print(f"fold {fold} fitted in {time.monotonic() - started:.0f} s", file=sys.stderr)
    for condition, chosen in cases.items():
        print(f"{condition}:")
        for collection in KINDS:
            mine = [case for case in chosen if case.talk.collection == collection]
            print(f"  {collection}: {_figures(mine, lambda c: models[fold_of[c.talk.id]])}")


def _figures(cases: Sequence[Case], model_of: Callable[[Case], Model]) -> str:
    """lift@5, mlift@10 and AUC of some talks; AUC over windows that do not overlap."""
    rows, areas = [], []
    for case in cases:
        table, truth = case.table, Truth(case.talk)
        windows = windows_of(table.start_ms, table.end_ms, 40_000, 90_000)
        heat = heat_of(table, model=model_of(case))
        value = heat.between(windows.first, windows.last, windows.lasting_ms)
        edges = list(zip(windows.start_ms, windows.end_ms, value, strict=True))
        rows.append(score_talk([edges[at] for at in choose(windows, value, 10)], truth))
        tiles = choose(windows, -windows.start_ms, len(windows))
        hit = [bool(truth.hits(Span(int(edges[at][0]), int(edges[at][1])))) for at in tiles]
        areas.append(area_under_curve(np.array(hit, dtype=bool), value[tiles]))
    figures = aggregate(rows)
    area = np.mean([area for area in areas if area is not None])
    lift, mlift = figures["lift@5"].value, figures["mlift@10"].value
    return f"lift@5 {lift:.2f}, mlift@10 {mlift:.2f}, AUC {area:.3f}"


if __name__ == "__main__":
    main()
