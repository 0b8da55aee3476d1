"""A talk of sixteen seconds, in words we know."""

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript

SECONDS = 16
SAID = (
    "Nobody tells you this about money.",
    "I lost ten thousand dollars in one day!",
    "So why did I smile?",
    "By the way, the weather was fine.",
    "Because the lesson was worth more.",
    "The secret is to start before you are ready.",
    "Most people wait for years.",
    "Do not be most people.",
)


def spoken() -> Transcript:
    """Eight sentences of two seconds each."""
    cues = [Cue(text, i * 2000 + 100, i * 2000 + 1900) for i, text in enumerate(SAID)]
    return build_transcript(sentences=cues, language="en", engine="test", keep_sentences=True)
