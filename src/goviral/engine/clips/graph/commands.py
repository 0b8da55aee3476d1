"""Commands that change a filter on an exact frame, as ffmpeg's `sendcmd` reads them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import CropKey
from goviral.kit.timecode import Span, frame_at


@dataclass(frozen=True, slots=True)
class Graph:
    """A piece of a filter graph, and the command files it reads (path and text)."""

    filters: tuple[str, ...]
    scripts: tuple[tuple[Path, str], ...] = field(default=())


def scripted(lines: Sequence[str], script: Path, filters: Sequence[str]) -> Graph:
    """`filters` with the commands in front of them, where there are any."""
    if not lines:
        return Graph(tuple(filters))
    return Graph(
        (f"sendcmd=f={quoted(str(script))}", *filters), ((script, "\n".join(lines) + "\n"),)
    )


def command(
    frame: int, fps: Fraction, target: str, settings: "Sequence[tuple[str, object]]"
) -> str:
    """A command that comes into force with `frame`: half a frame early, so that rounding is harmless."""
    at_s = max(0.0, float((frame - Fraction(1, 2)) / fps))
    return f"{at_s:.5f} {','.join(f'{target} {name} {value}' for name, value in settings)};"


def crop_commands(
    target: str,
    span: Span,
    size: tuple[int, int],
    path: tuple[CropKey, ...],
    fps: Fraction,
    step: int = 1,
) -> Iterator[str]:
    """A crop's size and corner on the first frame of `span`, then each step of its moves, at columns that
    are multiples of `step`."""
    first, end = frame_at(span.start_ms, fps), frame_at(span.end_ms - 1, fps) + 1
    shown = whole_corner(path, first * 1000 / fps, step)
    corner = [("x", shown[0]), ("y", shown[1])]
    yield command(first, fps, target, [("w", size[0]), ("h", size[1]), *corner])
    for frame in moving_frames(path, fps, first, end):
        at = whole_corner(path, frame * 1000 / fps, step)
        if at != shown:
            shown = at
            yield command(frame, fps, target, [("x", at[0]), ("y", at[1])])


def whole_corner(
    path: tuple[CropKey, ...], at_ms: "float | Fraction", step: int = 1
) -> tuple[int, int]:
    """The crop's corner in whole pixels, which is all that ffmpeg's crop knows; its column a multiple of
    `step`."""
    x, y = corner_at(path, at_ms)
    return round(x) // step * step, round(y)


def moving_frames(path: tuple[CropKey, ...], fps: Fraction, first: int, end: int) -> Iterator[int]:
    """Frames after `first` and before `end` on which the corner may be another than the one before."""
    if len(path) < 2:
        return
    start = floor(path[0].at_ms * fps / 1000)
    stop = ceil(path[-1].at_ms * fps / 1000)
    yield from range(max(first, start) + 1, min(end, stop + 1))


def enabled(spans: Sequence[Span], fps: Fraction) -> str:
    """The frames of all these spans, as an `enable` expression."""
    frames = [(frame_at(span.start_ms, fps), frame_at(span.end_ms - 1, fps)) for span in spans]
    return "+".join(f"between(n,{first},{last})" for first, last in frames)


def quoted(text: str) -> str:
    """A value as a filter graph reads it back: escaped for the option, then for the graph."""
    option = "".join(f"\\{c}" if c in "\\':" else c for c in text)
    return "".join(f"\\{c}" if c in "\\'[],;" else c for c in option)
