"""What makes the logo, the bumpers or the stills of a plan impossible to draw. Pure."""

from collections.abc import Iterator

from goviral.engine.clips.plans.plan import CORNERS, Bumper, ClipPlan, Logo, ThumbnailVariant
from goviral.engine.clips.plans.word_faults import color_fault, style_fault, title_fault

_LARGEST_FACE = 2.0


def brand_fault(plan: ClipPlan) -> str:
    """The first fault, named by its field; empty where all can be drawn."""
    return next((fault for fault in _faults(plan) if fault), "")


def _faults(plan: ClipPlan) -> Iterator[str]:
    for name, logo in (("logo", plan.logo), ("watermark", plan.watermark)):
        yield _logo_fault(logo, name) if logo else ""
    for name, bumper in (("intro", plan.intro), ("outro", plan.outro)):
        yield _bumper_fault(bumper, name) if bumper else ""
    if plan.thumbnail:
        yield title_fault(plan.thumbnail.title, "thumbnail.title")
    for index, variant in enumerate(plan.thumbnail.variants if plan.thumbnail else ()):
        yield _variant_fault(variant, f"thumbnail.variants[{index}]")


def _logo_fault(logo: Logo, where: str) -> str:
    if logo.corner not in CORNERS:
        return f"{where}.corner {logo.corner!r} is none of {', '.join(CORNERS)}"
    if not 0 < logo.width <= 1:
        return (
            f"{where}.width {logo.width:g} is not a share of the frame's width, above 0 and up to 1"
        )
    if not 0 <= logo.opacity <= 1:
        return f"{where}.opacity {logo.opacity:g} is not between 0 and 1"
    return ""


def _bumper_fault(bumper: Bumper, where: str) -> str:
    source = bumper.source
    if source.video_stream is None or min(source.width, source.height) < 1:
        return f"{where} has no picture"
    return "" if source.duration_ms > 0 else f"{where} has no length"


def _variant_fault(variant: ThumbnailVariant, where: str) -> str:
    style = variant.style
    if variant.name not in ("A", "B"):
        return f"{where}.name {variant.name!r} is neither A nor B"
    for name in ("ground_color", "ring_color", "band_color"):
        fault = color_fault(getattr(style, name), f"{where}.style.{name}", required=False)
        if fault:
            return fault
    if style.cutout and not (style.ground_color and style.face > 0):
        return f"{where}.style cuts out without a ground_color and a face"
    if not 0 <= style.face <= _LARGEST_FACE or not 0 <= style.scrim <= 1:
        return f"{where}.style has a face or a scrim that cannot be drawn"
    if style.ring > 0 and not style.ring_color:
        return f"{where}.style has a ring without a colour"
    fault = title_fault(variant.title, f"{where}.title")
    return fault or style_fault(style.title, f"{where}.style.title")
