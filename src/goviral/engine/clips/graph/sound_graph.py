"""The sound of a clip as filters: cut to the sample, music laid under it, brought to its loudness. Pure."""

from goviral.engine.clips.graph.cutting import Cut, sound_cuts, sound_end, sound_filters
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.graph.music_graph import music_graph
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.media.channels import on_both_sides
from goviral.engine.media.loudness import loudness_filters


def sound_graph(
    plan: ClipPlan, cut: Cut, inputs: Inputs, *, drawn: bool, anew: Loudness | None = None
) -> tuple[str, ...]:
    """The clip's sound as `[sound]`; `[heard]` besides, where the picture is drawn from it.

    `plan` is the plan as played, `cut` that of the plan itself. `anew` levels the sound in place of the
    plan's loudness, but not what the picture is drawn from: that stays the same.
    """
    stream = plan.source.audio_stream
    if stream is None:
        return (f"anullsrc=r=48000:cl=mono,{sound_end(cut)}[heard]",) if drawn else ()
    before, chain = played_sound(plan, cut, inputs)
    leveled = f"{_leveled(anew or plan.loudness)},{sound_end(cut)}"
    if not drawn:
        return (*before, f"{chain},{leveled}[sound]")
    if anew is None:
        return (*before, f"{chain},{leveled},asplit[sound][heard]")
    return (
        *before,
        f"{chain},asplit[anew][planned]",
        f"[anew]{leveled}[sound]",
        f"[planned]{_leveled(plan.loudness)},{sound_end(cut)}[heard]",
    )


def _leveled(gain: Loudness | None) -> str:
    return loudness_filters(gain.gain_db, gain.limit_dbfs) if gain else "aformat=cl=stereo"


def played_sound(plan: ClipPlan, cut: Cut, inputs: Inputs) -> tuple[tuple[str, ...], str]:
    """What is heard before its loudness is set: finished filters, and the chain that is to be gone on with."""
    start = f"[0:{plan.source.audio_stream}]{sound_filters(cut)}"
    if plan.loudness and plan.loudness.side:
        start += f",{on_both_sides(plan.loudness.side)}"
    if not cut.kept and plan.music is None:
        return (), start
    filters = [f"{start}[whole]"]
    name = "whole"
    if cut.kept:
        filters += sound_cuts(cut, name, "tight")
        name = "tight"
    if plan.music is not None:
        filters += [f"[{name}]{sound_end(cut)}[ended]"]
        filters += music_graph(plan.music, cut.duration, "ended", "mixed", inputs)
        name = "mixed"
    return tuple(filters), f"[{name}]anull"
