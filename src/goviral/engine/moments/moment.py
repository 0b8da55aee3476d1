"""The moment: a span worth clipping, its score, and why."""

from dataclasses import dataclass, field
from typing import Literal

from goviral.kit.timecode import Span

Category = Literal[
    "insight", "story", "humor", "emotion", "debate", "how_to", "question", "fact", "quote"
]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Five judgements and their total, each 0-100, comparable within one talk."""

    hook: int
    retention: int
    emotion: int
    clarity: int
    shareability: int
    total: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: the feature, how much it moved the score, and where it was heard."""

    feature: str
    text: str
    weight: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A span worth clipping. `score` is `scorecard.total`; `platforms` maps platform to its copy.

    `mends` says in words what of a model's proposal was corrected; `chunk` is where it was found.
    """

    span: Span
    score: int
    scorecard: Scorecard
    title: str
    hook: str
    quote: str
    category: Category
    reasons: tuple[Reason, ...] = ()
    speaker: str | None = None
    origin: str = "ranking"
    platforms: dict[str, dict[str, object]] = field(default_factory=dict)
    mends: tuple[str, ...] = ()
    chunk: int | None = None

    @property
    def average_score(self) -> float:
        """Mean of the five judgements, the total left aside."""
        card = self.scorecard
        judged = (card.hook, card.retention, card.emotion, card.clarity, card.shareability)
        return sum(judged) / len(judged)

    @property
    def richness(self) -> int:
        """How much is known about it: filled texts, reasons, platforms."""
        texts = (self.title, self.hook, self.quote, self.speaker)
        return sum(bool(text) for text in texts) + len(self.reasons) + len(self.platforms)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants of the moments.

    `count` None: 4 to 10 by length and richness. Another `seed` than 0 chooses otherwise among near equals.
    """

    count: int | None = None
    min_ms: int = 40_000
    max_ms: int = 90_000
    about: str = ""
    seed: int = 0
    language: str | None = None
