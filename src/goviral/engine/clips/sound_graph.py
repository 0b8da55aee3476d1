"""The sound of a clip as filters: cut to the sample, brought to its loudness. Pure."""

from goviral.engine.clips.cutting import Cut, sound_end, sound_filters
from goviral.engine.clips.plan import ClipPlan
from goviral.engine.media.loudness import loudness_filters


def sound_graph(plan: ClipPlan, cut: Cut, *, drawn: bool) -> tuple[str, ...]:
    """The clip's sound as `[sound]`; `[heard]` besides, where the picture is drawn from it."""
    stream = plan.source.audio_stream
    if stream is None:
        return (f"anullsrc=r=48000:cl=mono,{sound_end(cut)}[heard]",) if drawn else ()
    gain = plan.loudness
    leveled = loudness_filters(gain.gain_db, gain.limit_dbfs) if gain else "aformat=cl=stereo"
    chain = f"[0:{stream}]{sound_filters(cut)},{leveled},{sound_end(cut)}"
    return (f"{chain},asplit[sound][heard]",) if drawn else (f"{chain}[sound]",)
