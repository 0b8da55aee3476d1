"""The words of a finished clip as a transcript: what its subtitle file says. Pure."""

from goviral.engine.clips.captions import spoken_words
from goviral.engine.clips.plan import ClipPlan
from goviral.engine.clips.played_plan import played
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import dump


def clip_transcript(plan: ClipPlan) -> Transcript:
    """What is said in the clip, masked as it is drawn, corrected as the plan was, times of the clip as
    it is played. Without captions in the plan nothing is known to be said."""
    captions = played(plan).captions
    words = spoken_words(captions.pages) if captions else []
    if captions is None or not words:
        return Transcript(())
    return build_transcript(words=words, language=captions.language, engine="plan")


def clip_srt(plan: ClipPlan) -> str:
    """The subtitle file of the clip; empty where nothing is known to be said."""
    return dump(clip_transcript(plan), "srt")
