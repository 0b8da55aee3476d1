"""The gain for what is really played: after cuts and music, where those are. Measured on the very graph."""

from dataclasses import replace
from pathlib import Path

from goviral.engine.clips.graph.cutting import cut_of, exact, sound_end
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.graph.sound_graph import played_sound
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.clips.plans.source import loudness_of
from goviral.engine.media.ffmpeg import Ffmpeg, input_arguments, run_ffmpeg
from goviral.engine.media.loudness import (
    TRUE_PEAK_DBTP,
    LoudnessReading,
    gain_for,
    reading_of,
)

_SAME_DB = 0.3
_SPARE_DB = 0.2


def played_loudness(ffmpeg: Ffmpeg, plan: ClipPlan) -> Loudness:
    """What brings the plan's sound, as played, to the target. Of the plan's own `loudness` only the side
    that has sound is asked."""
    found = gain_for(lambda filters: _measured(ffmpeg, plan, filters))
    return replace(loudness_of(found), side=plan.loudness.side if plan.loudness else "")


def leveled_anew(
    ffmpeg: Ffmpeg, plan: ClipPlan, gain: Loudness, heard: LoudnessReading
) -> Loudness:
    """What meets the loudness and peak of a clip that missed them with `gain`, being heard as `heard`.

    Either the plan was edited since it was measured, or the encoder changed the sound: AAC takes up to
    2 LU off applause and rain, and may lift their peaks. To encode every sound beforehand, only to know,
    would cost each clip 3 %.
    """
    target_lufs = gain.target_lufs
    played = gain_for(lambda filters: _measured(ffmpeg, plan, filters), target_lufs=target_lufs)
    if gain is not plan.loudness or abs(played.gain_db - gain.gain_db) <= _SAME_DB:
        return _made_up_for(gain, heard)
    return replace(gain, gain_db=played.gain_db, limit_dbfs=played.limit_dbfs)


def _made_up_for(gain: Loudness, heard: LoudnessReading) -> Loudness:
    over = heard.true_peak_dbtp - TRUE_PEAK_DBTP
    return replace(
        gain,
        gain_db=round(gain.gain_db + gain.target_lufs - heard.integrated_lufs, 2),
        limit_dbfs=round(gain.limit_dbfs - (over + _SPARE_DB if over > 0 else 0), 2),
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
