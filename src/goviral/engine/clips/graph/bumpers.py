"""Intro and outro: films before and after a clip, joined to it in the same run. Pure.

Each is a small plan of its own, a single still shot of the whole picture, and goes through the same filters
as every clip: its frames are exact, its colours and its loudness those of the clip.
"""

import re
from pathlib import Path

from goviral.engine.clips.graph.colors import even_picture
from goviral.engine.clips.graph.commands import Graph
from goviral.engine.clips.graph.cutting import cut_of, exact, picture_filters, sound_end
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.graph.layers import picture_graph
from goviral.engine.clips.graph.sound_graph import sound_graph
from goviral.engine.clips.plans.plan import Bumper, ClipPlan, Layout, Shot
from goviral.engine.media.ffmpeg import input_arguments
from goviral.kit.timecode import Span, frame_count, frame_start_ms

_DECODER_THREADS = "1"
_SAME_SHAPE = 0.005
_TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
_LABEL = re.compile(r"\[([a-z]\w*)\]")
_INSTANCE = re.compile(r"\b(crop|scale)@(\w+)")
_SOUND = "aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo"


def bumper_frames(plan: ClipPlan, bumper: Bumper | None) -> int:
    """How many frames of the finished file it takes."""
    return frame_count(bumper.source.duration_ms, plan.frame.fps) if bumper else 0


def around_frames(plan: ClipPlan) -> int:
    """Frames of the finished file that are not the clip itself."""
    return bumper_frames(plan, plan.intro) + bumper_frames(plan, plan.outro)


def intro_ms(plan: ClipPlan) -> int:
    """Where in the finished file the clip itself begins."""
    return frame_start_ms(bumper_frames(plan, plan.intro), plan.frame.fps)


def joined(plan: ClipPlan, clip: Graph, folder: Path, inputs: Inputs) -> Graph:
    """The clip's filters, which end in `[picture]` and `[sound]`, with its bumpers around it, under the
    same names. Their files are added to `inputs`."""
    if plan.intro is None and plan.outro is None:
        return clip
    audio = plan.source.audio_stream is not None
    intro = _bumper(plan, plan.intro, "intro", folder, inputs) if plan.intro else Graph(())
    outro = _bumper(plan, plan.outro, "outro", folder, inputs) if plan.outro else Graph(())
    names = ["intro"] * bool(plan.intro) + ["clip"] + ["outro"] * bool(plan.outro)
    ends = "".join(f"[{name}_picture]" + f"[{name}_sound]" * audio for name in names)
    filters = [
        *intro.filters,
        *(_renamed_ends(filter_) for filter_ in clip.filters),
        *outro.filters,
        f"[middle]{_like_others(plan)}[clip_picture]",
        *([f"[spoken]{_SOUND}[clip_sound]"] * audio),
        f"{ends}concat=n={len(names)}:v=1:a={int(audio)}[joined]" + "[sound]" * audio,
        # `concat` counts in microseconds: each frame is put back on its own tick.
        f"[joined]{_on_ticks(plan)},{_TAGS}[picture]",
    ]
    return Graph(tuple(filters), clip.scripts + intro.scripts + outro.scripts)


def _renamed_ends(filter_: str) -> str:
    return filter_.replace("[picture]", "[middle]").replace("[sound]", "[spoken]")


def _like_others(plan: ClipPlan) -> str:
    return f"setsar=1,format=yuv420p,{_on_ticks(plan)}"


def _on_ticks(plan: ClipPlan) -> str:
    rate = plan.frame.fps
    return f"settb={rate.denominator}/{rate.numerator},setpts=N"


def _bumper(plan: ClipPlan, bumper: Bumper, name: str, folder: Path, inputs: Inputs) -> Graph:
    """`[NAME_picture]` and, where the clip has sound, `[NAME_sound]`."""
    small = as_plan(plan, bumper)
    cut = cut_of(small)
    number = inputs.add(
        *("-threads", _DECODER_THREADS),
        *(("-ss", exact(cut.seek)) if cut.seek else ()),
        *("-t", exact(cut.read), "-sn", "-dn"),
        *input_arguments(Path(bumper.source.path)),
    )
    even = even_picture(small.source)
    graph = picture_graph(small, folder / name, "cut", "framed")
    filters = [
        f"[0:{small.source.video_stream}]{picture_filters(cut)},{even}[cut]",
        *graph.filters,
        f"[framed]{_like_others(plan)},{_TAGS}[picture]",
    ]
    if plan.source.audio_stream is not None:
        silence = f"anullsrc=r=48000:cl=stereo,{sound_end(cut)}[sound]"
        heard = sound_graph(small, cut, Inputs(), drawn=False) or (silence,)
        last = heard[-1].removesuffix("[sound]")
        filters += [*heard[:-1], f"{last},{_SOUND}[sound]"]
    scripts = tuple((path, _own_instances(text, name)) for path, text in graph.scripts)
    return Graph(tuple(_own(filter_, name, number) for filter_ in filters), scripts)


def as_plan(plan: ClipPlan, bumper: Bumper) -> ClipPlan:
    """The bumper as a clip: all of it, whole in the clip's frame, over its own blurred copy where it has
    another shape."""
    source = bumper.source
    # Only whole frames count; the clock of the file may begin anywhere.
    frames = bumper_frames(plan, bumper)
    length_ms = frame_start_ms(frames, plan.frame.fps)
    span = Span(source.start_offset_ms, source.start_offset_ms + length_ms)
    across = source.width * plan.frame.height / (source.height * plan.frame.width)
    same = abs(across - 1) <= _SAME_SHAPE
    layout = Layout.FOLLOW if same else Layout.FIT
    shot = Shot(Span(0, length_ms), layout, source.width, source.height)
    return ClipPlan(plan.name, "", source, span, plan.frame, (shot,), loudness=bumper.loudness)


def _own(filter_: str, name: str, number: int) -> str:
    """A filter with labels and instances of its own: commands must never reach another's."""
    labelled = _LABEL.sub(rf"[{name}_\1]", filter_).replace("[0:", f"[{number}:")
    return _own_instances(labelled, name)


def _own_instances(text: str, name: str) -> str:
    return _INSTANCE.sub(rf"\1@{name}_\2", text)
