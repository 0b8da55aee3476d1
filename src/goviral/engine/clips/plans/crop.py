"""Where a shot's crop is at a moment, and where a fitted picture stands. Pure."""

from bisect import bisect_right
from fractions import Fraction

from goviral.engine.clips.plans.plan import Cell, CropKey, Shot

_TALL_FIT_CENTER = 0.42


def shot_at(shots: tuple[Shot, ...], at_ms: int) -> Shot | None:
    """The shot on screen; the nearest one where rounding leaves a gap, None without any."""
    if not shots:
        return None
    starts = [shot.span.start_ms for shot in shots]
    return shots[max(0, bisect_right(starts, at_ms) - 1)]


def corner_at(path: tuple[CropKey, ...], at_ms: float | Fraction) -> tuple[float, float]:
    """Top left corner of the crop: smoothstep between keys, at rest outside them."""
    if not path:
        return 0.0, 0.0
    later = next((index for index, key in enumerate(path) if key.at_ms > at_ms), len(path))
    if later in (0, len(path)):
        key = path[0] if later == 0 else path[-1]
        return key.x, key.y
    before, after = path[later - 1], path[later]
    share = (at_ms - before.at_ms) / (after.at_ms - before.at_ms)
    eased = share * share * (3 - 2 * share)
    return before.x + (after.x - before.x) * eased, before.y + (after.y - before.y) * eased


def crop_box(shot: Shot | Cell, at_ms: int) -> tuple[float, float, float, float]:
    """The crop in source pixels: left, top, right, bottom."""
    x, y = corner_at(shot.path, at_ms)
    return x, y, x + shot.crop_width, y + shot.crop_height


def fit_center(frame_width: int, frame_height: int) -> float:
    """The middle of a FIT shot's picture as a share of the frame's height."""
    return _TALL_FIT_CENTER if frame_height > 1.2 * frame_width else 0.5


def fit_top(height: int, frame_width: int, frame_height: int) -> int:
    """Where a FIT shot's picture begins: in the middle, a little higher in a tall frame, so that the
    captions stand below it."""
    center = fit_center(frame_width, frame_height)
    top = min(max(0.0, center * frame_height - height / 2), frame_height - height)
    return int(top) // 2 * 2
