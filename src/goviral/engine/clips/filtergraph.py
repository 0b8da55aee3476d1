"""A plan as one ffmpeg run: seek, crop, scale, captions, loudness, encode. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.ass import CaptionAssets, Overlay
from goviral.engine.clips.cutting import (
    Cut,
    cut_of,
    exact,
    picture_filters,
    sound_end,
    sound_filters,
)
from goviral.engine.clips.drawn import drawn_graph
from goviral.engine.clips.layers import even_picture, picture_graph, quoted
from goviral.engine.clips.plan import ClipPlan, Layout
from goviral.engine.media.ffmpeg import input_arguments
from goviral.engine.media.loudness import loudness_filters
from goviral.kit.timecode import seconds

CRF = 20
"""With `veryfast`: SSIM 0.989 at a third of the CPU of `medium`; better than two encodes at CRF 16 + 19."""
PRESET = "veryfast"
AUDIO_KBPS = 160
_KEY_FRAME_S = 2
_DECODER_THREADS = 2
_LARGE_PICTURE = 2560 * 1440
"""Beyond this a decoder thread a frame holds too much memory (50 MB more at 4K): threads share a frame."""
_TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


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
    overlays = assets.overlays if assets else ()
    graph, scripts = _graph(plan, cut, assets, folder)
    arguments = (
        *_source_arguments(plan, cut),
        *(argument for overlay in overlays for argument in ("-i", f"file:{overlay.png_path}")),
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
        *("-ss", exact(cut.seek), "-t", exact(cut.read)),
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
    plan: ClipPlan, cut: Cut, assets: CaptionAssets | None, folder: Path
) -> tuple[str, tuple[tuple[Path, str], ...]]:
    drawn = any(shot.layout is Layout.CANVAS for shot in plan.shots)
    filters = list(_sound(plan, cut, drawn))
    scripts: tuple[tuple[Path, str], ...] = ()
    if drawn:
        filters += drawn_graph(plan, cut, "heard", "framed")
    else:
        even = even_picture(plan.source)
        filters.append(f"[0:{plan.source.video_stream}]{picture_filters(cut)},{even}[cut]")
        picture = picture_graph(plan, folder, "cut", "framed")
        filters += picture.filters
        scripts = picture.scripts
    filters += _captioned(assets)
    return ";".join(filters), scripts


def _sound(plan: ClipPlan, cut: Cut, drawn: bool) -> tuple[str, ...]:
    """The clip's sound at its loudness; `[heard]` besides, where the picture is drawn from it."""
    stream = plan.source.audio_stream
    if stream is None:
        return (f"anullsrc=r=48000:cl=mono,{sound_end(cut)}[heard]",) if drawn else ()
    gain = plan.loudness
    leveled = loudness_filters(gain.gain_db, gain.limit_dbfs) if gain else "aformat=cl=stereo"
    chain = f"[0:{stream}]{sound_filters(cut)},{leveled},{sound_end(cut)}"
    return (f"{chain},asplit[sound][heard]",) if drawn else (f"{chain}[sound]",)


def _captioned(assets: CaptionAssets | None) -> list[str]:
    if assets is None:
        return [f"[framed]{_TAGS}[picture]"]
    words = f"ass=filename={quoted(str(assets.ass_path))}:fontsdir={quoted(str(assets.fonts_dir))}"
    if not assets.overlays:
        return [f"[framed]{words},{_TAGS}[picture]"]
    return [f"[framed]{words}[over0]", *_emoji(assets.overlays)]


def _emoji(overlays: Sequence[Overlay]) -> list[str]:
    filters = []
    for index, overlay in enumerate(overlays, 1):
        shown = f"gte(t,{seconds(overlay.start_ms)})*lt(t,{seconds(overlay.end_ms)})"
        drawn = f"overlay={overlay.x}:{overlay.y}:format=yuv420:enable='{shown}'"
        end = f",{_TAGS}[picture]" if index == len(overlays) else f"[over{index}]"
        filters += [
            f"[{index}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[emoji{index}]",
            f"[over{index - 1}][emoji{index}]{drawn}{end}",
        ]
    return filters
