"""What is drawn over the framed picture: captions and their emoji. Pure."""

from collections.abc import Sequence

from goviral.engine.clips.captions.ass import CaptionAssets, Overlay
from goviral.engine.clips.graph.commands import quoted
from goviral.engine.clips.graph.inputs import Inputs
from goviral.kit.timecode import seconds

_TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def drawn_over(assets: CaptionAssets | None, inputs: Inputs) -> tuple[str, ...]:
    """Filters from `[framed]` to `[picture]`; the pictures they show are added to `inputs`."""
    if assets is None:
        return (f"[framed]{_TAGS}[picture]",)
    words = f"ass=filename={quoted(str(assets.ass_path))}:fontsdir={quoted(str(assets.fonts_dir))}"
    if not assets.overlays:
        return (f"[framed]{words},{_TAGS}[picture]",)
    return (f"[framed]{words}[over0]", *_emoji(assets.overlays, inputs))


def _emoji(overlays: Sequence[Overlay], inputs: Inputs) -> list[str]:
    filters = []
    for index, overlay in enumerate(overlays, 1):
        number = inputs.add("-i", f"file:{overlay.png_path}")
        shown = f"gte(t,{seconds(overlay.start_ms)})*lt(t,{seconds(overlay.end_ms)})"
        drawn = f"overlay={overlay.x}:{overlay.y}:format=yuv420:enable='{shown}'"
        end = f",{_TAGS}[picture]" if index == len(overlays) else f"[over{index}]"
        filters += [
            f"[{number}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[emoji{index}]",
            f"[over{index - 1}][emoji{index}]{drawn}{end}",
        ]
    return filters
