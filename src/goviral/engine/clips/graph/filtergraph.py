"""Plans as one ffmpeg run: seek, crop, scale, captions, loudness, encode. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.captions.ass import CaptionAssets
from goviral.engine.clips.graph.bumpers import joined
from goviral.engine.clips.graph.colors import even_picture
from goviral.engine.clips.graph.commands import Graph
from goviral.engine.clips.graph.cutting import Cut, cut_of, exact, picture_filters
from goviral.engine.clips.graph.drawn import drawn_graph
from goviral.engine.clips.graph.drawn_over import drawn_over
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.graph.insert_graph import insert_graph
from goviral.engine.clips.graph.layers import picture_graph
from goviral.engine.clips.graph.logo import logo_graph, logos_of
from goviral.engine.clips.graph.sound_graph import sound_graph
from goviral.engine.clips.plans.plan import ClipPlan, Layout, Loudness
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.media.encoders import ENCODER_THREADS, X264, Encoder, video_arguments
from goviral.engine.media.ffmpeg import input_arguments

AUDIO_KBPS = 160
_DECODER_THREADS = 2
_LARGE_PICTURE = 2560 * 1440
"""Beyond this a decoder thread a frame holds too much memory (50 MB more at 4K): threads share a frame."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a run: its plan, the words drawn for it, the folder of its command files; what levels
    its sound in place of the plan's loudness, if anything."""

    plan: ClipPlan
    assets: CaptionAssets | None
    folder: Path
    out: Path
    anew: Loudness | None = None


@dataclass(frozen=True, slots=True)
class RenderCommand:
    """What to run: ffmpeg's arguments, the files to write first, the environment it needs."""

    arguments: tuple[str, ...]
    scripts: tuple[tuple[Path, str], ...]
    environment: tuple[tuple[str, str], ...] = ()


def render_command(
    plan: ClipPlan,
    assets: CaptionAssets | None,
    folder: Path,
    out: Path,
    *,
    threads: int,
    encoder: Encoder = X264,
) -> RenderCommand:
    """The one run that makes `out`. `folder` holds the command files; `threads` bounds the filters."""
    return shared_command([Output(plan, assets, folder, out)], threads=threads, encoder=encoder)


def shared_command(
    outputs: Sequence[Output],
    *,
    threads: int,
    encoder: Encoder = X264,
    encoder_threads: int = ENCODER_THREADS,
) -> RenderCommand:
    """One run, one decode, a file an output. The plans show the same frames of the same source.

    `threads` bounds the filters and changes nothing that is seen; `encoder_threads` does.
    Every output has a graph of its own, as if it were made alone: the pictures are the very same.
    Measured against one graph that splits the decoded picture: same CPU, same memory.
    """
    cut, inputs = cut_of(outputs[0].plan), Inputs()
    graphs: list[str] = []
    ends: list[str] = []
    scripts: list[tuple[Path, str]] = []
    for number, output in enumerate(outputs):
        graph, written = _graph(output, cut, inputs, encoder)
        mark = str(number) if number else ""
        graphs += ["-filter_complex", _marked(graph, mark)]
        ends += _file_arguments(output, encoder, encoder_threads, mark)
        scripts += written
    arguments = (
        *encoder.device,
        *_source_arguments(outputs[0].plan, cut),
        *inputs.arguments,
        *("-filter_complex_threads", str(threads), *graphs),
        *ends,
    )
    return RenderCommand(arguments, tuple(scripts), _environment(outputs))


def _environment(outputs: Sequence[Output]) -> tuple[tuple[str, str], ...]:
    """Of the first output with words: outputs drawn in several folders need a configuration of all."""
    drawn = next((output.assets for output in outputs if output.assets), None)
    return tuple(drawn.environment.items()) if drawn else ()


def _marked(graph: str, mark: str) -> str:
    """The graph with its ends renamed: ffmpeg knows the open ends of all graphs by name."""
    return graph.replace("[picture]", f"[picture{mark}]").replace("[sound]", f"[sound{mark}]")


def _source_arguments(plan: ClipPlan, cut: Cut) -> tuple[str, ...]:
    large = plan.source.width * plan.source.height > _LARGE_PICTURE
    return (
        *("-threads", str(_DECODER_THREADS)),
        *(("-thread_type", "slice") if large else ()),
        # Even a seek to 0 costs an AAC track its first 21 ms: the decoder throws away what primes it.
        *(("-ss", exact(cut.seek)) if cut.seek else ()),
        *("-t", exact(cut.read)),
        *_one_graph(plan),
        *input_arguments(Path(plan.source.path)),
    )


def _one_graph(plan: ClipPlan) -> tuple[str, ...]:
    """A picture that changes its size midway (calls, phones) must not start the graph anew, frames counted
    from 0 again: `scale` in it takes any size. `transpose` and `bwdif` before it do not."""
    source = plan.source
    bare = source.video_stream is not None and not source.turned and not source.interlaced
    return ("-reinit_filter:v", "0") if bare else ()


def _file_arguments(output: Output, encoder: Encoder, threads: int, mark: str) -> tuple[str, ...]:
    plan = output.plan
    return (
        *("-map", f"[picture{mark}]"),
        *video_arguments(encoder, plan.frame.fps, threads=threads, preview=plan.preview),
        *_audio_arguments(plan, mark),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn"),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{output.out.absolute()}"),
    )


def _audio_arguments(plan: ClipPlan, mark: str) -> tuple[str, ...]:
    if plan.source.audio_stream is None:
        return ("-an",)
    return (
        *("-map", f"[sound{mark}]", "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k"),
        *("-ar", "48000", "-ac", "2"),
    )


def _graph(
    output: Output, cut: Cut, inputs: Inputs, encoder: Encoder
) -> tuple[str, tuple[tuple[Path, str], ...]]:
    """The plan as it is played; `cut` tells where in the source that lies."""
    plan = played(output.plan)
    drawn = any(shot.layout is Layout.CANVAS for shot in plan.shots)
    filters = list(sound_graph(plan, cut, inputs, drawn=drawn, anew=output.anew))
    scripts: tuple[tuple[Path, str], ...] = ()
    marked = "clear" if any(logos_of(plan)) else "framed"
    framed = "bare" if plan.inserts else marked
    if drawn:
        filters += drawn_graph(plan, cut, "heard", framed)
    else:
        even = even_picture(plan.source)
        filters.append(f"[0:{plan.source.video_stream}]{picture_filters(cut)},{even}[cut]")
        picture = picture_graph(plan, output.folder, "cut", framed)
        filters += picture.filters
        scripts = picture.scripts
    filters += insert_graph(plan, output.folder, framed, marked, inputs)
    filters += logo_graph(plan, output.folder, marked, "framed", inputs)
    filters += drawn_over(output.assets, inputs)
    graph = joined(plan, Graph(tuple(filters), scripts), output.folder, inputs)
    *others, last = graph.filters
    if encoder.upload:
        last = last.removesuffix("[picture]") + f",{encoder.upload}[picture]"
    return ";".join([*others, last]), graph.scripts
