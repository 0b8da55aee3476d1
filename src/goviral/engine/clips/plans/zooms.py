"""Punch-ins: for a stretch the crop is tighter about its own middle. Shots in, shots out. Pure.

The graph needs nothing for them: a punch-in is a shot of its own, as a camera cut is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from goviral.engine.clips.plans.plan import Cell, CropKey, Layout, Shot, Source, Zoom
from goviral.engine.clips.plans.shot_pieces import piece_of
from goviral.kit.timecode import frame_at

_ZOOMED = frozenset({Layout.FOLLOW, Layout.FIT, Layout.SPLIT})
"""A drawn background has no crop, and of a shared screen nothing may be cut off."""
_SMALLEST = 16


def zoomed(
    shots: tuple[Shot, ...], zooms: Sequence[Zoom], source: Source, fps: Fraction
) -> tuple[Shot, ...]:
    """The shots with every zoom applied, on whole frames; times as in `zooms`."""
    if not zooms:
        return shots
    return tuple(piece for shot in shots for piece in _pieces(shot, zooms, source, fps))


def _pieces(shot: Shot, zooms: Sequence[Zoom], source: Source, fps: Fraction) -> Iterator[Shot]:
    first, end = frame_at(shot.span.start_ms, fps), frame_at(shot.span.end_ms - 1, fps) + 1
    stretches = [
        (max(first, _frame(zoom.span.start_ms, fps)), min(end, _frame(zoom.span.end_ms, fps)), zoom)
        for zoom in zooms
    ]
    touching = sorted((each for each in stretches if each[0] < each[1]), key=lambda each: each[:2])
    if not touching or shot.layout not in _ZOOMED:
        yield shot
        return
    at = first
    for start, stop, zoom in touching:
        if start > at:
            yield piece_of(shot, at, start, at, fps)
        begin = max(start, at)
        if begin < stop:
            yield tighter(piece_of(shot, begin, stop, begin, fps), zoom.factor, source)
        at = max(at, stop)
    if at < end:
        yield piece_of(shot, at, end, at, fps)


def _frame(at_ms: int, fps: Fraction) -> int:
    return round(at_ms * fps / 1000)


def tighter(shot: Shot, factor: float, source: Source) -> Shot:
    """A shot whose crop, or the crop of each cell, is `factor` times tighter about its middle."""
    if shot.layout is Layout.FIT and not shot.crop_width:
        shot = replace(shot, crop_width=source.width, crop_height=source.height, path=())
    width, height = _smaller(shot.crop_width, factor), _smaller(shot.crop_height, factor)
    move = (shot.crop_width - width) / 2, (shot.crop_height - height) / 2
    return replace(
        shot,
        crop_width=width,
        crop_height=height,
        path=_moved(shot.path, move, shot.span.start_ms) if shot.crop_width else shot.path,
        cells=tuple(_tighter_cell(cell, factor, shot.span.start_ms) for cell in shot.cells),
    )


def _tighter_cell(cell: Cell, factor: float, start_ms: int) -> Cell:
    width, height = _smaller(cell.crop_width, factor), _smaller(cell.crop_height, factor)
    move = (cell.crop_width - width) / 2, (cell.crop_height - height) / 2
    return replace(
        cell, crop_width=width, crop_height=height, path=_moved(cell.path, move, start_ms)
    )


def _smaller(size: int, factor: float) -> int:
    """Even, so that the middle stays where it is to half a pixel."""
    return min(size, max(_SMALLEST, round(size / factor / 2) * 2))


def _moved(
    path: tuple[CropKey, ...], move: tuple[float, float], start_ms: int
) -> tuple[CropKey, ...]:
    keys = path or (CropKey(start_ms, 0.0, 0.0),)
    return tuple(replace(key, x=key.x + move[0], y=key.y + move[1]) for key in keys)
