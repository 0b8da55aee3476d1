"""Background music under a clip's own sound: looped, ducked while somebody speaks, faded at the ends. Pure.

The ducking follows the plan's `speech`, not the sound itself: it comes down before the first word instead of
after it, does not pump, is the same every time, and can be edited.
"""

from fractions import Fraction
from pathlib import Path

from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.plans.plan import Music
from goviral.engine.media.ffmpeg import input_arguments
from goviral.kit.timecode import Span

RAMP_MS = 250
"""How long the music takes to go down before a word and to come back after it."""
_FADE_IN_S, _FADE_OUT_S = 0.2, 1.0
_STEP_SAMPLES = 240
"""The gain changes every 5 ms: steps of 0.3 dB at most, which nobody hears."""


def music_graph(
    music: Music, duration: Fraction, into: str, out: str, inputs: Inputs
) -> tuple[str, ...]:
    """Filters that lay the music under `[into]`, as `[out]`; its file is added to `inputs`."""
    number = inputs.add("-stream_loop", "-1", *input_arguments(Path(music.path)))
    length_s = float(duration)
    fade_s = min(_FADE_OUT_S, length_s / 2)
    chain = (
        "aformat=sample_rates=48000:channel_layouts=stereo:sample_fmts=fltp",
        f"atrim=end={length_s:.6f}",
        f"asetnsamples=n={_STEP_SAMPLES}:p=0",
        f"volume='{gain_expression(music)}':eval=frame",
        f"afade=t=in:d={_FADE_IN_S},afade=t=out:st={length_s - fade_s:.6f}:d={fade_s:.6f}",
    )
    stereo = "aformat=sample_rates=48000:channel_layouts=stereo:sample_fmts=fltp"
    return (
        f"[{number}:{music.stream}]{','.join(chain)}[music]",
        f"[{into}]{stereo}[voice]",
        f"[voice][music]amix=inputs=2:duration=first:normalize=0[{out}]",
    )


def gain_expression(music: Music) -> str:
    """The music's gain over time `t`: `gain_db`, less `duck_db` in speech, straight lines in dB between."""
    ramps = [_ramp(span) for span in _apart(music.speech)]
    ducked = _either(ramps) if ramps else "0"
    return f"pow(10,({music.gain_db:.2f}-{music.duck_db:.2f}*{ducked})/20)"


def _apart(spans: tuple[Span, ...]) -> list[Span]:
    """In order, and joined where the music would not have come back before the next word."""
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.start_ms - apart[-1].end_ms < 2 * RAMP_MS:
            last = apart.pop()
            span = Span(last.start_ms, max(last.end_ms, span.end_ms))  # noqa: PLW2901  both as one
        apart.append(span)
    return apart


def _ramp(span: Span) -> tuple[int, str]:
    """From when on it matters, and 0 to 1 as the music goes down."""
    down = f"(t-{(span.start_ms - RAMP_MS) / 1000:.3f})/{RAMP_MS / 1000}"
    up = f"({(span.end_ms + RAMP_MS) / 1000:.3f}-t)/{RAMP_MS / 1000}"
    return span.start_ms - RAMP_MS, f"clip(min({down},{up}),0,1)"


def _either(ramps: list[tuple[int, str]]) -> str:
    """Halved again and again: a clip with many pauses costs little, and ffmpeg bounds the depth."""
    if len(ramps) == 1:
        return ramps[0][1]
    middle = len(ramps) // 2
    at_s = ramps[middle][0] / 1000
    return f"if(lt(t,{at_s:.3f}),{_either(ramps[:middle])},{_either(ramps[middle:])})"
