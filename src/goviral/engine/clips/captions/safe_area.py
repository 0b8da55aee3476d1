"""The part of a frame that a platform does not cover with its own buttons and texts."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from goviral.engine.clips.plans.plan import Frame, Platform

_REFERENCE = 1080


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


# Feeds and players cover little of wider pictures: title-safe 90 % is the broadcasters' habit.
_TITLE_SAFE = 0.05
_TALL = 1.6


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels to keep free at 1080x1920. `side` is that of the column of buttons, right, and the same left,
    so that centred text is centred."""

    side: int
    top: int
    bottom: int


@cache
def margins(platform: Platform) -> Margins:
    """What a platform covers; what any of them does for `Platform.ANY`. docs/captions.md says where the
    numbers are from."""
    text = files("goviral.engine.clips.captions").joinpath("safe_areas.json").read_text("utf-8")
    known = {name: Margins(**numbers) for name, numbers in json.loads(text).items()}
    if platform is not Platform.ANY:
        return known[platform]
    return Margins(
        side=max(each.side for each in known.values()),
        top=max(each.top for each in known.values()),
        bottom=max(each.bottom for each in known.values()),
    )


def is_tall(width: int, height: int) -> bool:
    """Whether a frame fills a phone, so that a platform's buttons lie over it."""
    return height >= _TALL * width


def unit(frame: Frame) -> float:
    """Pixels of this frame for one pixel of a style, which is made for a shorter side of 1080."""
    return min(frame.width, frame.height) / _REFERENCE


def safe_area(frame: Frame) -> Area:
    """Where text may stand."""
    if not is_tall(frame.width, frame.height):
        dx, dy = frame.width * _TITLE_SAFE, frame.height * _TITLE_SAFE
        return Area(dx, dy, frame.width - dx, frame.height - dy)
    free = margins(frame.platform)
    side = free.side * frame.width / _REFERENCE
    down = frame.height / 1920
    return Area(
        left=side,
        top=free.top * down,
        right=frame.width - side,
        bottom=frame.height - free.bottom * down,
    )
