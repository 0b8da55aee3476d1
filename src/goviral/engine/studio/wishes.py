"""What the user wants, in one frozen value; every stage gets only its part."""

from dataclasses import dataclass, field
from pathlib import Path

from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.moments.moment import Wishes as MomentWishes
from goviral.engine.transcripts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TranscriptWishes:
    """Where the words come from: a given file, or a recogniser (`auto` chooses); what corrects them."""

    file: Path | None = None
    engine: str = "auto"
    model: str | None = None
    language: str | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)


@dataclass(frozen=True, slots=True)
class StudioWishes:
    """Everything `goviral clip` can be asked for. `exports` names formats of editing programs."""

    transcript: TranscriptWishes = field(default_factory=TranscriptWishes)
    moments: MomentWishes = field(default_factory=MomentWishes)
    clip: ClipWishes = field(default_factory=ClipWishes)
    exports: tuple[str, ...] = ()
