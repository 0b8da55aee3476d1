"""Logo and watermark: pictures over the whole clip, in a corner that no platform covers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.hook import hook_band
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Logo
from goviral.engine.clips.plans.screen import ScreenBox
from goviral.kit.timecode import frame_count

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 0.05
"""From the frame's side, above: the buttons of the platforms begin half-way down."""


def logos_of(plan: ClipPlan) -> Iterator[tuple[str, Logo]]:
    """What is laid over the clip, with the name of its prepared file; the watermark first, beneath."""
    for name, logo in (("watermark", plan.watermark), ("logo", plan.logo)):
        if logo is not None:
            yield f"{name}.png", logo


def prepare_logos(plan: ClipPlan, folder: Path) -> None:
    """Write each as a PNG of the very size and opacity it is drawn in. `folder` has to exist.

    ffmpeg never reads a picture from outside itself, whatever its name says it is.
    """
    for name, logo in logos_of(plan):
        _prepared(logo, plan.frame).save(folder / name)


def _prepared(logo: Logo, frame: Frame) -> "Image":
    from PIL import Image, ImageOps

    with Image.open(logo.path) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGBA")
    width = max(1, round(logo.width * frame.width))
    height = max(1, round(width * picture.height / picture.width))
    if height > frame.height:
        width, height = max(1, round(width * frame.height / height)), frame.height
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    small.putalpha(small.getchannel("A").point(lambda value: round(value * logo.opacity)))
    return small


def logo_graph(
    plan: ClipPlan, folder: Path, into: str, out: str, inputs: Inputs
) -> tuple[str, ...]:
    """Filters from `[into]` to `[out]`; the prepared pictures are added to `inputs`."""
    filters: list[str] = []
    logos = list(logos_of(plan))
    under = into
    for index, (name, logo) in enumerate(logos):
        number = inputs.add("-i", f"file:{folder / name}")
        over = out if index == len(logos) - 1 else f"marked{index}"
        x, y = logo_place(logo, plan.frame)
        first = first_frame(logo, plan)
        when = f":enable='gte(n,{first})'" if first else ""
        filters += [
            f"[{number}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[mark{index}]",
            f"[{under}][mark{index}]overlay={x}:{y}:format=yuv420{when}[{over}]",
        ]
        under = over
    return tuple(filters)


def first_frame(logo: Logo, plan: ClipPlan) -> int:
    """From which frame of the played clip it is shown: from the first, or, where the hook title had to be
    put over its place, from when that is gone."""
    if plan.hook is None or not plan.hook.lines:
        return 0
    top, bottom = hook_band(plan.hook, plan.frame)
    box = _box(logo, plan.frame)
    if box.y >= bottom or box.y + box.height <= top:
        return 0
    return frame_count(plan.hook.span.end_ms, plan.frame.fps)


def logo_boxes(logos: Iterable[Logo], frame: Frame) -> tuple[ScreenBox, ...]:
    """Where they lie in the frame, for words to keep clear of."""
    return tuple(_box(logo, frame) for logo in logos)


def _box(logo: Logo, frame: Frame) -> ScreenBox:
    width = logo.width * frame.width
    height = min(frame.height, width / max(0.01, logo.aspect))
    if logo.corner == "center":
        return ScreenBox((frame.width - width) / 2, (frame.height - height) / 2, width, height)
    margin_x, margin_y = _margins(logo, frame)
    left, top = logo.corner.endswith("left"), logo.corner.startswith("top")
    return ScreenBox(
        margin_x if left else frame.width - margin_x - width,
        margin_y if top else frame.height - margin_y - height,
        width,
        height,
    )


def _margins(logo: Logo, frame: Frame) -> tuple[int, int]:
    """From the sides of the frame that its corner is made of."""
    area = safe_area(frame)
    if logo.corner.startswith("top"):
        return _even(_SIDE * frame.width), _even(area.top)
    return _even(area.left), _even(frame.height - area.bottom)


def logo_place(logo: Logo, frame: Frame) -> tuple[str, str]:
    """Where its top left corner goes, as expressions of `overlay`, on even pixels."""
    if logo.corner == "center":
        return "2*floor((W-w)/4)", "2*floor((H-h)/4)"
    x, y = _margins(logo, frame)
    return (
        str(x) if logo.corner.endswith("left") else f"2*floor((W-w-{x})/2)",
        str(y) if logo.corner.startswith("top") else f"2*floor((H-h-{y})/2)",
    )


def _even(pixels: float) -> int:
    return int(pixels) // 2 * 2
