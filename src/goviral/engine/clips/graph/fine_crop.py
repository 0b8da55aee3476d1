"""A moving crop in steps of the frame's pixels, not the source's. Pure.

ffmpeg's crop knows whole pixels only, and each is enlarged: a slow move would go in steps of 1.8 pixels from
1080p, 2.7 from 720p. So a little more than the crop is cut and enlarged, and the rest of the way is cut off
afterwards, which costs nothing. Rejected: enlarging the whole picture before the crop (12 % more CPU).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from goviral.engine.clips.graph.colors import any_column, column_step
from goviral.engine.clips.graph.commands import Graph, command, moving_frames, scripted
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import ClipPlan, Layout, Shot
from goviral.kit.timecode import frame_at

_SINCE_VERSION = 2
"""Plans made before were rendered in whole pixels of the source, and still are."""
_SHOWN = 64
"""A smaller crop only lies below cells."""

_Axis = tuple[int, int, int]
"""Along one side: where the source is cut, how much of it, where the enlarged cut is cut again."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the picture: its length, the frame's, by how much more is enlarged, and of what the
    source's pixel that is cut at has to be a multiple."""

    source: int
    frame: int
    extra: int
    step: int = 1

    def cut(self, at: float, length: int) -> _Axis:
        """How a crop of that length at a broken position is made of whole ones."""
        wide = self.widened(length)
        first = min(floor(at), self.source - wide) // self.step * self.step
        rest = round((at - first) * (self.frame + self.extra) / wide)
        return first, wide, min(max(rest, 0), self.extra)

    def widened(self, length: int) -> int:
        return min(self.source, length + ceil(self.extra * length / self.frame))


def fine_follow(plan: ClipPlan, folder: Path, name: str = "camera") -> Graph | None:
    """Crop, scale and crop of the FOLLOW shots; None where nothing moves or there is no room for it.

    `name` is what its filters are commanded by.
    """
    shots = [shot for shot in plan.shots if shot.layout is Layout.FOLLOW]
    sides = _sides(plan, shots) if plan.version >= _SINCE_VERSION else None
    if sides is None:
        return None
    across, down = sides
    fps = plan.frame.fps
    coarse: list[str] = []
    fine: list[str] = []
    for shot in shots:
        for frame, x, y, is_first in _steps(shot, sides, fps):
            size = [("w", x[1]), ("h", y[1])] if is_first else []
            coarse.append(command(frame, fps, f"crop@{name}", [*size, ("x", x[0]), ("y", y[0])]))
            fine.append(command(frame, fps, f"crop@{name}fine", [("x", x[2]), ("y", y[2])]))
    _, x, y, _ = next(_steps(shots[0], sides, fps))
    camera = f"crop@{name}={x[1]}:{y[1]}:{x[0]}:{y[0]}:exact=1"
    scale = f"scale={across.frame + across.extra}:{down.frame + down.extra}:flags=bicubic"
    scaled = [scale, *any_column(plan.source)]
    rest = f"crop@{name}fine={across.frame}:{down.frame}:{x[2]}:{y[2]}:exact=1"
    first = scripted(coarse[1:], folder / f"{name}.txt", [camera, *scaled])
    second = scripted(fine[1:], folder / f"{name}-fine.txt", [rest, "setsar=1"])
    return Graph(first.filters + second.filters, first.scripts + second.scripts)


def _sides(plan: ClipPlan, shots: Sequence[Shot]) -> tuple[_Side, _Side] | None:
    shown = [shot for shot in shots if min(shot.crop_width, shot.crop_height) >= _SHOWN]
    source, frame = plan.source, plan.frame
    across = _side(
        source.width,
        frame.width,
        [shot.crop_width for shot in shown],
        moves=any(len({key.x for key in shot.path}) > 1 for shot in shown),
        step=column_step(source),
    )
    down = _side(
        source.height,
        frame.height,
        [shot.crop_height for shot in shown],
        moves=any(len({key.y for key in shot.path}) > 1 for shot in shown),
    )
    return (across, down) if across.extra or down.extra else None


def _side(source: int, frame: int, lengths: Sequence[int], *, moves: bool, step: int = 1) -> _Side:
    still = _Side(source, frame, 0, step)
    if not moves:
        return still
    # Room for one step in the source, as it is enlarged; even, for the colours' sake.
    extra = 2 * ceil(step * max(frame / length for length in lengths) / 2) + 2
    fits = all(length + ceil(extra * length / frame) <= source for length in lengths)
    return replace(still, extra=extra) if fits else still


def _steps(
    shot: Shot, sides: tuple[_Side, _Side], fps: Fraction
) -> Iterator[tuple[int, _Axis, _Axis, bool]]:
    """Each frame on which the crop changes, with its two axes; the shot's first frame is always one."""
    first, end = frame_at(shot.span.start_ms, fps), frame_at(shot.span.end_ms - 1, fps) + 1
    shown: tuple[_Axis, _Axis] | None = None
    for frame in (first, *moving_frames(shot.path, fps, first, end)):
        x, y = corner_at(shot.path, frame * 1000 / fps)
        here = sides[0].cut(float(x), shot.crop_width), sides[1].cut(float(y), shot.crop_height)
        if here != shown:
            yield frame, *here, shown is None
            shown = here
