"""The picture of a clip as layers of one filter graph: one decode whatever the shots are. Pure.

Every shot is a state of the same few filters, switched on the very frame by commands that `sendcmd`
gives to the filter after it. A layer that is not shown is scaled to a few pixels, so it costs nothing.
Rejected, measured on 30 s at 1080x1920: a branch a shot joined by concat (18 MB a shot: 890 MB for 30 shots,
here 345 MB for any number), and crop expressions (exact, but ffmpeg limits their depth).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from goviral.engine.clips.graph.cell_layers import cell_graph, layers_of, undivided
from goviral.engine.clips.graph.colors import column_step, overlay_format, tone_map
from goviral.engine.clips.graph.commands import (
    Graph,
    command,
    crop_commands,
    enabled,
    scripted,
    whole_corner,
)
from goviral.engine.clips.graph.fine_crop import fine_follow
from goviral.engine.clips.plans.crop import fit_center
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout, Shot, Source
from goviral.engine.clips.plans.screen import cover_part, picture_place
from goviral.kit.timecode import frame_at

_OFF = "16"
_GROUND_WIDTH = 90
_GROUND_BLUR = 6
_GROUND_DIM = 0.6


def picture_graph(plan: ClipPlan, folder: Path, into: str, out: str) -> Graph:
    """Filters from the cut, even source `[into]` to the clip's picture `[out]`, in 8-bit BT.709."""
    plan = replace(plan, shots=tuple(_whole(shot, plan.source) for shot in plan.shots))
    finish = tone_map(plan.source)
    layers = layers_of(plan)
    if not layers:
        return _undivided(plan, folder, into, out, finish)
    names = [f"c{layer.number}" for layer in layers]
    below = _undivided(undivided(plan), folder, "c", "below", [])
    cells = cell_graph(
        plan, layers, folder, names, "below", overlay_format(plan.source), finish, out
    )
    split = f"[{into}]split={len(names) + 1}[c]{''.join(f'[{name}]' for name in names)}"
    return Graph((split, *below.filters, *cells.filters), below.scripts + cells.scripts)


def _undivided(plan: ClipPlan, folder: Path, into: str, out: str, finish: list[str]) -> Graph:
    """A picture without cells."""
    if {shot.layout for shot in plan.shots} == {Layout.FOLLOW}:
        follow = _follow(plan, folder)
        chain = ",".join([*follow.filters, *finish])
        return Graph((f"[{into}]{chain}[{out}]",), follow.scripts)
    return _with_fit(plan, folder, into, out, finish)


def _whole(shot: Shot, source: Source) -> Shot:
    """A FIT shot that names no part of the picture means all of it."""
    if shot.layout is not Layout.FIT or shot.crop_width:
        return shot
    return replace(shot, crop_width=source.width, crop_height=source.height, path=())


def _with_fit(plan: ClipPlan, folder: Path, into: str, out: str, finish: list[str]) -> Graph:
    """FIT shots: the picture whole (`part`) over its blurred copy (`ground`), over what is followed."""
    ground, part = _ground(plan, folder), _part(plan, folder)
    fits = [shot.span for shot in plan.shots if shot.layout is Layout.FIT]
    shown, mode = enabled(fits, plan.frame.fps), overlay_format(plan.source)
    center = fit_center(plan.frame.width, plan.frame.height)
    middle = f"x=(W-w)/2:y='2*floor(clip(H*{center}-h/2,0,H-h)/2)'"
    end = ",".join([f"[ground][part]overlay={middle}:format={mode}", *finish])
    if all(shot.layout is Layout.FIT for shot in plan.shots):
        whole = (
            f"[{into}]split[g][p]",
            f"[g]{','.join(ground.filters)}[ground]",
            f"[p]{','.join(part.filters)}[part]",
            f"{end}[{out}]",
        )
        return Graph(whole, ground.scripts + part.scripts)
    follow = _follow(plan, folder)
    joined = [f"overlay={middle}:format={mode}:enable='{shown}'"]
    filters = (
        f"[{into}]split=3[f][g][p]",
        f"[f]{','.join(follow.filters)}[follow]",
        f"[g]{','.join(ground.filters)}[ground]",
        f"[p]{','.join(part.filters)}[part]",
        f"[follow][ground]{joined[0]}[under]",
        f"[under][part]{','.join([*joined, *finish])}[{out}]",
    )
    return Graph(filters, follow.scripts + ground.scripts + part.scripts)


def _follow(plan: ClipPlan, folder: Path) -> Graph:
    """Crop and scale of the FOLLOW shots."""
    fine = fine_follow(plan, folder)
    if fine is not None:
        return fine
    shots = [shot for shot in plan.shots if shot.layout is Layout.FOLLOW]
    first, frame, step = shots[0], plan.frame, column_step(plan.source)
    x, y = whole_corner(first.path, 0.0, step)
    lines = [line for shot in shots for line in _camera_lines(shot, frame, step)]
    crop = f"crop@camera={first.crop_width}:{first.crop_height}:{x}:{y}:exact=1"
    scale = f"scale={frame.width}:{frame.height}:flags=bicubic"
    return scripted(lines[1:], folder / "camera.txt", [crop, scale, "setsar=1"])


def _camera_lines(shot: Shot, frame: Frame, step: int) -> Iterator[str]:
    size = (shot.crop_width, shot.crop_height)
    return crop_commands("crop@camera", shot.span, size, shot.path, frame.fps, step)


def _ground(plan: ClipPlan, folder: Path) -> Graph:
    """The blurred copy that fills the frame: made very small, so that blurring costs nothing."""
    frame = plan.frame
    small = (_GROUND_WIDTH, max(2, round(_GROUND_WIDTH * frame.height / frame.width / 2) * 2))
    first = next(shot for shot in plan.shots if shot.layout is Layout.FIT)
    step = column_step(plan.source)
    crops = [_crop_line(shot, "crop@ground", frame, step) for shot in plan.shots]
    crop = scripted(
        [line for line in crops if line],
        folder / "ground.txt",
        [
            f"crop@ground={':'.join(map(str, _cover(first, frame, step)))}:exact=1",
            f"scale={small[0]}:{small[1]}:flags=area",
            f"gblur={_GROUND_BLUR}",
            f"lutyuv=y=(val-minval)*{_GROUND_DIM}+minval",
        ],
    )
    grow = _grown(plan, folder)
    return Graph(crop.filters + grow.filters, crop.scripts + grow.scripts)


def _grown(plan: ClipPlan, folder: Path) -> Graph:
    """The ground at the frame's size. Where nothing lies under it, its size must never change."""
    size = (plan.frame.width, plan.frame.height)
    if all(shot.layout is Layout.FIT for shot in plan.shots):
        return Graph((f"scale={size[0]}:{size[1]}:flags=bicubic", "setsar=1"))
    lines = [_size_line(shot, "scale@ground", size, plan.frame) for shot in plan.shots]
    scale = f"scale@ground={_OFF}:{_OFF}:flags=bicubic"
    return scripted(lines, folder / "ground-size.txt", [scale, "setsar=1"])


def _part(plan: ClipPlan, folder: Path) -> Graph:
    """The picture, whole, as large as the frame allows."""
    frame, step = plan.frame, column_step(plan.source)
    first = next(shot for shot in plan.shots if shot.layout is Layout.FIT)
    x, y = whole_corner(first.path, 0.0, step)
    crops = [_part_line(shot, frame, step) for shot in plan.shots if shot.layout is Layout.FIT]
    sizes = [
        _size_line(shot, "scale@part", picture_place(shot, frame)[2:], frame)
        if shot.layout is Layout.FIT
        else _size_line(shot, "scale@part", (0, 0), frame)
        for shot in plan.shots
    ]
    crop = scripted(
        crops,
        folder / "part.txt",
        [f"crop@part={first.crop_width}:{first.crop_height}:{x}:{y}:exact=1"],
    )
    size = scripted(
        sizes,
        folder / "part-size.txt",
        [
            f"scale@part={_OFF}:{_OFF}:flags=bicubic",
            "setsar=1",
        ],
    )
    return Graph(crop.filters + size.filters, crop.scripts + size.scripts)


def _cover(shot: Shot, frame: Frame, step: int) -> tuple[int, int, int, int]:
    width, height, x, y = cover_part(shot, frame)
    return width, height, x - x % step, y


def _crop_line(shot: Shot, target: str, frame: Frame, step: int) -> str:
    if shot.layout is not Layout.FIT:
        return ""
    width, height, x, y = _cover(shot, frame, step)
    settings: list[tuple[str, object]] = [("w", width), ("h", height), ("x", x), ("y", y)]
    return command(frame_at(shot.span.start_ms, frame.fps), frame.fps, target, settings)


def _part_line(shot: Shot, frame: Frame, step: int) -> str:
    x, y = whole_corner(shot.path, 0.0, step)
    settings: list[tuple[str, object]] = [
        ("w", shot.crop_width),
        ("h", shot.crop_height),
        ("x", x),
        ("y", y),
    ]
    return command(frame_at(shot.span.start_ms, frame.fps), frame.fps, "crop@part", settings)


def _size_line(shot: Shot, target: str, size: tuple[int, int], frame: Frame) -> str:
    width, height = size if shot.layout is Layout.FIT else (_OFF, _OFF)
    at = frame_at(shot.span.start_ms, frame.fps)
    return command(at, frame.fps, target, [("w", width), ("h", height)])
