"""The gain for what is really played: after cuts and music, where those are. Measured on the very graph."""

from pathlib import Path

from goviral.engine.clips.graph.cutting import cut_of, exact, sound_end
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.graph.sound_graph import played_sound
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.media.ffmpeg import Ffmpeg, input_arguments, run_ffmpeg
from goviral.engine.media.loudness import (
    TARGET_LUFS,
    LoudnessReading,
    gain_for,
    reading_of,
)


def played_loudness(ffmpeg: Ffmpeg, plan: ClipPlan) -> Loudness:
    """What brings the plan's sound, as played, to the target. The plan's own `loudness` is not asked."""
    found = gain_for(lambda filters: _measured(ffmpeg, plan, filters), target_lufs=TARGET_LUFS)
    return Loudness(
        target_lufs=TARGET_LUFS,
        gain_db=found.gain_db,
        limit_dbfs=found.limit_dbfs,
        measured_lufs=found.measured.integrated_lufs,
    )


def _measured(ffmpeg: Ffmpeg, plan: ClipPlan, filters: str) -> LoudnessReading:
    cut, inputs = cut_of(plan), Inputs()
    before, chain = played_sound(played(plan), cut, inputs)
    last = f"{chain},{filters},{sound_end(cut)},ebur128=peak=true:framelog=quiet[heard]"
    output = run_ffmpeg(
        ffmpeg,
        [
            *("-vn", "-sn", "-dn"),
            *(("-ss", exact(cut.seek)) if cut.seek else ()),
            *("-t", exact(cut.read)),
            *input_arguments(Path(plan.source.path)),
            *inputs.arguments,
            *("-filter_complex", ";".join([*before, last])),
            *("-map", "[heard]", "-f", "null", "-"),
        ],
        timeout_s=120 + plan.span.duration_ms / 1000,
        loglevel="info",
    )
    return reading_of(output.log)
