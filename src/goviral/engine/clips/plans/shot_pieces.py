"""A stretch of a shot as a shot of its own, elsewhere in time: its crop is on every frame where it was. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import CropKey, Shot
from goviral.kit.timecode import Span, frame_start_ms

Path = tuple[CropKey, ...]


def piece_of(shot: Shot, first: int, end: int, to: int, fps: Fraction) -> Shot:
    """Frames `first` up to `end` of `shot`, shown from frame `to` on."""
    span = Span(frame_start_ms(to, fps), frame_start_ms(to + end - first, fps))

    def moved(path: Path) -> Path:
        return _path(path, first, end, to, fps)

    return replace(
        shot,
        span=span,
        path=moved(shot.path),
        cells=tuple(replace(cell, path=moved(cell.path)) for cell in shot.cells),
    )


def joined(one: Shot, other: Shot) -> Shot | None:
    """Both as one shot, where nothing moves and nothing differs between them."""
    if not (_rests(one) and _rests(other)) or _still(one) != _still(other):
        return None
    return replace(one, span=Span(one.span.start_ms, other.span.end_ms))


def _path(path: Path, first: int, end: int, to: int, fps: Fraction) -> Path:
    """The keys of the stretch. A move that is cut into gets a key on each of its frames: a part of an
    eased move is no eased move itself."""
    if not path:
        return ()
    start, stop = first * 1000 / fps, end * 1000 / fps
    by = frame_start_ms(to, fps) - frame_start_ms(first, fps)
    inner = [key for key in path if start <= key.at_ms < stop]
    cut = [
        frame
        for one, other in pairwise(path)
        if (one.x, one.y) != (other.x, other.y)
        and (one.at_ms < start < other.at_ms or one.at_ms < stop < other.at_ms)
        for frame in _frames(one.at_ms, other.at_ms, first, end, fps)
    ]
    keys = {key.at_ms + by: replace(key, at_ms=key.at_ms + by) for key in inner}
    keys |= {key.at_ms: key for key in _dense(path, cut, first - to, fps)}
    if not keys:
        x, y = corner_at(path, start)
        return (CropKey(frame_start_ms(to, fps), x, y),)
    return tuple(keys[at] for at in sorted(keys))


def _frames(start_ms: int, end_ms: int, first: int, end: int, fps: Fraction) -> range:
    return range(max(first, int(start_ms * fps / 1000)), min(end, int(end_ms * fps / 1000) + 2))


def _dense(path: Path, frames: list[int], by: int, fps: Fraction) -> Iterator[CropKey]:
    for frame in frames:
        x, y = corner_at(path, frame * 1000 / fps)
        yield CropKey(frame_start_ms(frame - by, fps), x, y)


def _rests(shot: Shot) -> bool:
    return all(
        len({(key.x, key.y) for key in path}) <= 1
        for path in (shot.path, *(cell.path for cell in shot.cells))
    )


def _still(shot: Shot) -> tuple[object, ...]:
    """All that a resting shot shows, without its times."""
    cells = tuple((replace(cell, path=()), _corner(cell.path)) for cell in shot.cells)
    bare = replace(shot, span=Span(0, 0), path=(), cells=())
    return bare, _corner(shot.path), cells


def _corner(path: Path) -> tuple[float, float]:
    return corner_at(path, 0)
