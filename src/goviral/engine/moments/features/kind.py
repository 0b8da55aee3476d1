"""What a talk is like as a whole: what decides which signals count in it."""

import numpy as np

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.tokens import Floats

NAMES = [
    "speakers",
    "turn_words",
    "top_share",
    "questions",
    "you",
    "first_person",
    "formal",
    "informal",
    "filler",
    "agreement",
    "short",
    "sentence_words",
    "long_words",
]
SPEAKER_NAMES = ("speakers", "turn_words", "top_share")
_SHORT_WORDS = 3


def kind_of(table: Table) -> Floats:
    """One number for each of `NAMES`: logarithms of counts, square roots of shares.

    `speakers` is the effective number (exp of the entropy of their shares). Those in `SPEAKER_NAMES` mean
    nothing where no speakers are told apart.
    """
    words = max(1.0, float(table.words.sum()))
    shares = table.dialogue.shares
    entropy = -float((shares * np.log(shares + 1e-9)).sum())
    turns = max(1, table.dialogue.turns)

    def rate(name: str) -> float:
        return float(np.sqrt(table.column(name).sum() / words))

    return np.array(
        [
            entropy,
            np.log(words / turns),
            float(shares.max()),
            float(np.sqrt(table.column("question").mean())),
            rate("say_you"),
            rate("say_i"),
            rate("say_formal"),
            rate("say_informal"),
            rate("say_filler"),
            rate("say_agreement"),
            float((table.words <= _SHORT_WORDS).mean()),
            np.log1p(words / len(table.words)),
            rate("long_words"),
        ]
    )
