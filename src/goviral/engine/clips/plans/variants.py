"""The shapes one clip is made in. Pure.

Platforms are no shapes of their own: TikTok, Reels and Shorts all take 1080x1920 up to three minutes, and
words stand where none of the three covers them, so one file fits all. Who posts to one alone says so
(`Frame.platform`). Rejected: a file a platform in one run, which would differ in nothing but where words may
stand, for another encode each.
"""

from collections.abc import Sequence
from dataclasses import replace

from goviral.engine.clips.plans.plan import Frame

PREVIEW = "preview"
_FULL_SIZE = 1080
_PREVIEW_SIZE = 540


def variant_names(name: str, aspects: Sequence[str], *, preview: bool = False) -> tuple[str, ...]:
    """The name of each shape: `01-why` alone; `01-why.9x16`, `01-why.1x1` where there are several."""
    marks = [aspect.replace(":", "x") if len(aspects) > 1 else "" for aspect in aspects]
    end = PREVIEW if preview else ""
    return tuple(".".join(filter(None, (name, mark, end))) for mark in marks)


def variant_of(name: str) -> str:
    """The shape in a name, empty where it has none."""
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
