"""The words of a finished clip as a transcript: what its subtitle file says. Pure."""

from dataclasses import replace

from goviral.engine.clips.captions.captions import spoken_words
from goviral.engine.clips.graph.bumpers import intro_ms
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import dump


def clip_transcript(plan: ClipPlan, *, after_ms: int = 0) -> Transcript:
    """What is said in the clip, masked as it is drawn, corrected as the plan was, times of the clip as
    it is played, `after_ms` later. Without captions in the plan nothing is known to be said."""
    captions = played(plan).captions
    words = spoken_words(captions.pages) if captions else []
    if captions is None or not words:
        return Transcript(())
    words = [
        replace(word, start_ms=word.start_ms + after_ms, end_ms=word.end_ms + after_ms)
        for word in words
    ]
    return build_transcript(words=words, language=captions.language, engine="plan")


def clip_srt(plan: ClipPlan) -> str:
    """The subtitle file of the finished clip, its intro included; empty where nothing is known to be said."""
    return dump(clip_transcript(plan, after_ms=intro_ms(plan)), "srt")
