"""An interview that a test makes up: long dull answers, and a few stretches where the room laughs."""

import random
from dataclasses import dataclass

from goviral.engine.transcripts.document import Sentence, Transcript

_DULL = (
    "The committee considered the regional framework in the second quarter of the period.",
    "Implementation of the procedure follows the documentation of the administrative department.",
    "Several measurements were collected and the distribution of the parameters was determined.",
    "The infrastructure requires maintenance according to the specification of the manufacturer.",
    "Consequently the allocation of resources remains within the established boundaries.",
    "The evaluation covers the application of the standard to the relevant configurations.",
)
_FUNNY = (
    ("Ben", "So I walked in, and I had no shirt on."),
    ("Ann", "No!"),
    ("Ben", 'My mother looked at me and said, "Is that my dog?"'),
    ("Ann", "Oh my God."),
    ("Ben", 'I was like, "Mom, I\'m the boss here!"'),
    ("Ann", "You didn't."),
    ("Ben", "I never felt so stupid in my whole life."),
    ("Ann", "That's funny."),
)
_ASKED = (
    "How is the procedure documented in your department?",
    "What does the framework require of a region?",
    "Which of the parameters did you determine first?",
)
_MS_PER_WORD = 330


@dataclass(frozen=True)
class Interview:
    """The talk, and when people laughed (the ends of funny stretches)."""

    transcript: Transcript
    laughs: tuple[int, ...]


def interview(seed: int = 0, minutes: int = 30, every_min: int = 6) -> Interview:
    """About `minutes` of talk; every `every_min` minutes something funny happens."""
    dice = random.Random(seed)
    sentences: list[Sentence] = []
    laughs: list[int] = []
    next_laugh = every_min * 30_000

    def say(speaker: str, text: str) -> int:
        at = sentences[-1].end_ms + dice.choice((40, 120, 300)) if sentences else 0
        end = at + _MS_PER_WORD * len(text.split())
        sentences.append(Sentence(len(sentences), text, at, end, speaker))
        return end

    while not sentences or sentences[-1].end_ms < minutes * 60_000:
        say("Ann", dice.choice(_ASKED))
        for _ in range(dice.randrange(6, 14)):
            end = say("Ben", dice.choice(_DULL))
        if end > next_laugh:
            for speaker, text in _FUNNY:
                end = say(speaker, text)
                laughs.append(end)
            next_laugh += every_min * 60_000
    return Interview(Transcript(tuple(sentences), (), "en", "made"), tuple(laughs))
