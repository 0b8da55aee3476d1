"""Raw pieces of text with times, as somebody else wrote them."""

from dataclasses import dataclass

from goviral.engine.transcripts.document import Sentence, Word


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of text with the times its source claims; nothing about it can be trusted.

    Times are milliseconds and may be missing (None), NaN, negative, unsorted or overlapping.
    `turn` says that a new speaker begins here though nobody wrote the name (`>>` in captions).
    """

    text: str
    start_ms: float | None
    end_ms: float | None
    speaker: str | None = None
    probability: float | None = None
    turn: bool = False


def as_cue(raw: Cue | Sentence | Word) -> Cue:
    """The same piece as a `Cue`, white space collapsed to single spaces."""
    text = " ".join(raw.text.split())
    if isinstance(raw, Cue):
        return Cue(text, raw.start_ms, raw.end_ms, raw.speaker, raw.probability, raw.turn)
    probability = raw.probability if isinstance(raw, Word) else None
    return Cue(text, raw.start_ms, raw.end_ms, raw.speaker, probability)
