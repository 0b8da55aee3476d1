"""The part of a frame that no platform covers with its own buttons and texts."""

from dataclasses import dataclass

from goviral.engine.clips.plans.plan import Frame

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


# Pixels to keep free at 1080x1920: the column of buttons (right), tabs and search (top), account, caption
# and sound (bottom) of TikTok, Reels and Shorts as viewers see them. Left equals right, so that centred
# text is centred. Stricter numbers are published for ads only: Google asks 288 above, 672 below, 192
# right (Shorts); Meta 14 % above, 35 % below, 6 % at the sides (Reels). The built-in styles stand above
# that lower line (y < 1248) wherever the picture allows.
_VERTICAL = {"side": 150, "top": 240, "bottom": 420}
# Feeds and players cover little of wider pictures: title-safe 90 % is the broadcasters' habit.
_TITLE_SAFE = 0.05


def unit(frame: Frame) -> float:
    """Pixels of this frame for one pixel of a style, which is made for a shorter side of 1080."""
    return min(frame.width, frame.height) / _REFERENCE


def safe_area(frame: Frame) -> Area:
    """Where text may stand."""
    if frame.height < 1.6 * frame.width:
        dx, dy = frame.width * _TITLE_SAFE, frame.height * _TITLE_SAFE
        return Area(dx, dy, frame.width - dx, frame.height - dy)
    side = _VERTICAL["side"] * frame.width / _REFERENCE
    down = frame.height / 1920
    return Area(
        left=side,
        top=_VERTICAL["top"] * down,
        right=frame.width - side,
        bottom=frame.height - _VERTICAL["bottom"] * down,
    )
