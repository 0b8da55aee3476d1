"""A plan as one ffmpeg run: seek, crop, scale, captions, loudness, encode. Pure."""

from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.ass import CaptionAssets
from goviral.engine.clips.cutting import Cut, cut_of, exact, picture_filters
from goviral.engine.clips.drawn import drawn_graph
from goviral.engine.clips.drawn_over import drawn_over
from goviral.engine.clips.inputs import Inputs
from goviral.engine.clips.layers import even_picture, picture_graph
from goviral.engine.clips.plan import ClipPlan, Layout
from goviral.engine.clips.played_plan import played
from goviral.engine.clips.sound_graph import sound_graph
from goviral.engine.media.ffmpeg import input_arguments

CRF = 20
"""With `veryfast`: SSIM 0.989 at a third of the CPU of `medium`; better than two encodes at CRF 16 + 19."""
PRESET = "veryfast"
AUDIO_KBPS = 160
_KEY_FRAME_S = 2
_DECODER_THREADS = 2
_LARGE_PICTURE = 2560 * 1440
"""Beyond this a decoder thread a frame holds too much memory (50 MB more at 4K): threads share a frame."""


@dataclass(frozen=True, slots=True)
class RenderCommand:
    """What to run: ffmpeg's arguments, the files to write first, the environment it needs."""

    arguments: tuple[str, ...]
    scripts: tuple[tuple[Path, str], ...]
    environment: tuple[tuple[str, str], ...] = ()


def render_command(
    plan: ClipPlan, assets: CaptionAssets | None, folder: Path, out: Path, *, threads: int
) -> RenderCommand:
    """The one run that makes `out`. `folder` holds the command files; `threads` bounds the encoder."""
    cut = cut_of(plan)
    inputs = Inputs()
    graph, scripts = _graph(played(plan), cut, assets, folder, inputs)
    arguments = (
        *_source_arguments(plan, cut),
        *inputs.arguments,
        *("-filter_complex_threads", str(threads), "-filter_complex", graph),
        *_video_arguments(plan, threads),
        *_audio_arguments(plan),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn"),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{out.absolute()}"),
    )
    environment = tuple(assets.environment.items()) if assets else ()
    return RenderCommand(arguments, scripts, environment)


def _source_arguments(plan: ClipPlan, cut: Cut) -> tuple[str, ...]:
    large = plan.source.width * plan.source.height > _LARGE_PICTURE
    return (
        *("-threads", str(_DECODER_THREADS)),
        *(("-thread_type", "slice") if large else ()),
        # Even a seek to 0 costs an AAC track its first 21 ms: the decoder throws away what primes it.
        *(("-ss", exact(cut.seek)) if cut.seek else ()),
        *("-t", exact(cut.read)),
        *input_arguments(Path(plan.source.path)),
    )


def _video_arguments(plan: ClipPlan, threads: int) -> tuple[str, ...]:
    rate = plan.frame.fps
    return (
        *("-map", "[picture]", "-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF)),
        *("-profile:v", "high", "-pix_fmt", "yuv420p", "-threads", str(threads)),
        *("-g", str(round(rate * _KEY_FRAME_S)), "-fps_mode", "passthrough"),
    )


def _audio_arguments(plan: ClipPlan) -> tuple[str, ...]:
    if plan.source.audio_stream is None:
        return ("-an",)
    return (
        *("-map", "[sound]", "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k"),
        *("-ar", "48000", "-ac", "2"),
    )


def _graph(
    plan: ClipPlan, cut: Cut, assets: CaptionAssets | None, folder: Path, inputs: Inputs
) -> tuple[str, tuple[tuple[Path, str], ...]]:
    """`plan` as it is played; `cut` tells where in the source that lies."""
    drawn = any(shot.layout is Layout.CANVAS for shot in plan.shots)
    filters = list(sound_graph(plan, cut, inputs, drawn=drawn))
    scripts: tuple[tuple[Path, str], ...] = ()
    if drawn:
        filters += drawn_graph(plan, cut, "heard", "framed")
    else:
        even = even_picture(plan.source)
        filters.append(f"[0:{plan.source.video_stream}]{picture_filters(cut)},{even}[cut]")
        picture = picture_graph(plan, folder, "cut", "framed")
        filters += picture.filters
        scripts = picture.scripts
    filters += drawn_over(assets, inputs)
    return ";".join(filters), scripts
