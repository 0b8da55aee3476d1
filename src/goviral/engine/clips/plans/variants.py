"""The variants one clip is made in: its shapes, and tall ones for several platforms. Pure.

One tall file fits TikTok, Reels and Shorts: all take 1080x1920 up to three minutes, and words stand where none
of the three covers them. A file a platform differs in nothing but where words may stand, for another encode
each: it is made where it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goviral.engine.clips.plans.plan import Frame, Platform

PREVIEW = "preview"
TALL = "9:16"
_FULL_SIZE = 1080
_PREVIEW_SIZE = 540


@dataclass(frozen=True, slots=True)
class Variant:
    """A shape, and for a tall one whose buttons words keep clear of."""

    aspect: str
    platform: Platform = Platform.ANY


def variants(aspects: Sequence[str], platforms: Sequence[Platform]) -> tuple[Variant, ...]:
    """Every shape once, a tall one for each platform: in others a platform changes nothing."""
    wanted = (
        Variant(aspect, platform if aspect == TALL else Platform.ANY)
        for aspect in aspects
        for platform in platforms
    )
    return tuple(dict.fromkeys(wanted))


def variant_names(
    name: str, wanted: Sequence[Variant], *, preview: bool = False
) -> tuple[str, ...]:
    """The name of each: `01-why` alone; `01-why.9x16`, `01-why.1x1`, `01-why.tiktok`, `01-why.9x16.tiktok`
    where there are several."""
    shaped = len({each.aspect for each in wanted}) > 1
    placed = sum(each.aspect == TALL for each in wanted) > 1

    def named(one: Variant) -> str:
        shape = one.aspect.replace(":", "x") if shaped else ""
        place = one.platform.value if placed and one.aspect == TALL else ""
        return ".".join(filter(None, (name, shape, place, PREVIEW if preview else "")))

    return tuple(map(named, wanted))


def variant_of(name: str) -> str:
    """The shape and platform in a name, empty where it has none."""
    return name.partition(".")[2]


def is_preview(name: str) -> bool:
    """Whether a clip of this name is only to look at."""
    return name.endswith(f".{PREVIEW}")


def preview_frame(frame: Frame) -> Frame:
    """The frame of a preview: half as wide and high, even."""
    width, height = (
        round(side * _PREVIEW_SIZE / _FULL_SIZE / 2) * 2 for side in (frame.width, frame.height)
    )
    return replace(frame, width=width, height=height)
