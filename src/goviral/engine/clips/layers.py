"""The picture of a clip as layers of one filter graph: one decode whatever the shots are. Pure.

Every shot is a state of the same few filters, switched on the very frame by commands that `sendcmd`
gives to the filter after it. A layer that is not shown is scaled to a few pixels, so it costs nothing.
Rejected, measured on 30 s at 1080x1920: a branch a shot joined by concat (18 MB a shot: 890 MB for 30 shots,
here 345 MB for any number), and crop expressions (exact, but ffmpeg limits their depth).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from goviral.engine.clips.framing import corner_at, fit_center
from goviral.engine.clips.plan import ClipPlan, Frame, Layout, Shot, Source
from goviral.engine.clips.screen import cover_part, picture_place
from goviral.kit.timecode import frame_at

_OFF = "16"
_GROUND_WIDTH = 90
_GROUND_BLUR = 6
_GROUND_DIM = 0.6
_HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}
_HD_HEIGHT = 720


@dataclass(frozen=True, slots=True)
class Graph:
    """A piece of a filter graph, and the command files it reads (path and text)."""

    filters: tuple[str, ...]
    scripts: tuple[tuple[Path, str], ...] = field(default=())


def picture_graph(plan: ClipPlan, folder: Path, into: str, out: str) -> Graph:
    """Filters from the cut, even source `[into]` to the clip's picture `[out]`, in 8-bit BT.709."""
    plan = replace(plan, shots=tuple(_whole(shot, plan.source) for shot in plan.shots))
    kinds = {shot.layout for shot in plan.shots}
    finish = _tone_map(plan.source)
    if kinds == {Layout.FOLLOW}:
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
    shown = _shown(plan, Layout.FIT)
    mode = "yuv420p10" if is_hdr(plan.source) else "yuv420"
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
    shots = [shot for shot in plan.shots if shot.layout is Layout.FOLLOW]
    first, frame = shots[0], plan.frame
    x, y = _corner(first, 0.0)
    lines = [line for shot in shots for line in _camera_lines(shot, frame.fps)]
    crop = f"crop@camera={first.crop_width}:{first.crop_height}:{x}:{y}:exact=1"
    scale = f"scale={frame.width}:{frame.height}:flags=bicubic"
    return _scripted(lines[1:], folder / "camera.txt", [crop, scale, "setsar=1"])


def _camera_lines(shot: Shot, fps: Fraction) -> Iterator[str]:
    """Commands for the crop: its size and corner on the shot's first frame, then each step of a move."""
    first, end = frame_at(shot.span.start_ms, fps), frame_at(shot.span.end_ms - 1, fps) + 1
    shown = _corner(shot, first * 1000 / fps)
    size = [("w", shot.crop_width), ("h", shot.crop_height)]
    yield _line(first, fps, "crop@camera", [*size, ("x", shown[0]), ("y", shown[1])])
    for frame in _moving_frames(shot, fps, first, end):
        corner = _corner(shot, frame * 1000 / fps)
        if corner != shown:
            shown = corner
            yield _line(frame, fps, "crop@camera", [("x", corner[0]), ("y", corner[1])])


def _moving_frames(shot: Shot, fps: Fraction, first: int, end: int) -> Iterator[int]:
    if len(shot.path) < 2:
        return
    start = floor(shot.path[0].at_ms * fps / 1000)
    stop = ceil(shot.path[-1].at_ms * fps / 1000)
    yield from range(max(first, start) + 1, min(end, stop + 1))


def _corner(shot: Shot, at_ms: "float | Fraction") -> tuple[int, int]:
    x, y = corner_at(shot.path, at_ms)
    return round(x), round(y)


def _ground(plan: ClipPlan, folder: Path) -> Graph:
    """The blurred copy that fills the frame: made very small, so that blurring costs nothing."""
    frame = plan.frame
    small = (_GROUND_WIDTH, max(2, round(_GROUND_WIDTH * frame.height / frame.width / 2) * 2))
    first = next(shot for shot in plan.shots if shot.layout is Layout.FIT)
    crops = [_crop_line(shot, "crop@ground", frame) for shot in plan.shots]
    crop = _scripted(
        [line for line in crops if line],
        folder / "ground.txt",
        [
            f"crop@ground={':'.join(map(str, cover_part(first, frame)))}:exact=1",
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
    return _scripted(lines, folder / "ground-size.txt", [scale, "setsar=1"])


def _part(plan: ClipPlan, folder: Path) -> Graph:
    """The picture, whole, as large as the frame allows."""
    frame = plan.frame
    first = next(shot for shot in plan.shots if shot.layout is Layout.FIT)
    x, y = _corner(first, 0.0)
    crops = [_part_line(shot, frame) for shot in plan.shots if shot.layout is Layout.FIT]
    sizes = [
        _size_line(shot, "scale@part", picture_place(shot, frame)[2:], frame)
        if shot.layout is Layout.FIT
        else _size_line(shot, "scale@part", (0, 0), frame)
        for shot in plan.shots
    ]
    crop = _scripted(
        crops,
        folder / "part.txt",
        [f"crop@part={first.crop_width}:{first.crop_height}:{x}:{y}:exact=1"],
    )
    size = _scripted(
        sizes,
        folder / "part-size.txt",
        [
            f"scale@part={_OFF}:{_OFF}:flags=bicubic",
            "setsar=1",
        ],
    )
    return Graph(crop.filters + size.filters, crop.scripts + size.scripts)


def _crop_line(shot: Shot, target: str, frame: Frame) -> str:
    if shot.layout is not Layout.FIT:
        return ""
    width, height, x, y = cover_part(shot, frame)
    settings: list[tuple[str, object]] = [("w", width), ("h", height), ("x", x), ("y", y)]
    return _line(frame_at(shot.span.start_ms, frame.fps), frame.fps, target, settings)


def _part_line(shot: Shot, frame: Frame) -> str:
    x, y = _corner(shot, 0.0)
    settings: list[tuple[str, object]] = [
        ("w", shot.crop_width),
        ("h", shot.crop_height),
        ("x", x),
        ("y", y),
    ]
    return _line(frame_at(shot.span.start_ms, frame.fps), frame.fps, "crop@part", settings)


def _size_line(shot: Shot, target: str, size: tuple[int, int], frame: Frame) -> str:
    width, height = size if shot.layout is Layout.FIT else (_OFF, _OFF)
    at = frame_at(shot.span.start_ms, frame.fps)
    return _line(at, frame.fps, target, [("w", width), ("h", height)])


def _line(frame: int, fps: Fraction, target: str, settings: "list[tuple[str, object]]") -> str:
    """A command that comes into force with `frame`: half a frame early, so that rounding is harmless."""
    at_s = max(0.0, float((frame - Fraction(1, 2)) / fps))
    return f"{at_s:.5f} {','.join(f'{target} {name} {value}' for name, value in settings)};"


def _scripted(lines: list[str], script: Path, filters: list[str]) -> Graph:
    """`filters` with the commands in front of them, where there are any."""
    if not lines:
        return Graph(tuple(filters))
    return Graph(
        (f"sendcmd=f={quoted(str(script))}", *filters), ((script, "\n".join(lines) + "\n"),)
    )


def _shown(plan: ClipPlan, layout: Layout) -> str:
    """The frames of all shots of a layout, as an `enable` expression."""
    fps = plan.frame.fps
    spans = [
        (frame_at(shot.span.start_ms, fps), frame_at(shot.span.end_ms - 1, fps))
        for shot in plan.shots
        if shot.layout is layout
    ]
    return "+".join(f"between(n,{first},{last})" for first, last in spans)


def even_picture(source: Source) -> str:
    """Square pixels, BT.709 in limited range, 4:2:0: whatever the source is, the layers see only this.

    Costs nothing where the source is so already. HDR keeps its ten bits until it is tone mapped.
    Done here because `overlay` asks for a format with alpha, and swscale (n9.0) refuses to convert
    matrix, size and alpha in one step.
    """
    scale = f"scale={source.width}:{source.height}:flags=bicubic"
    if is_hdr(source):
        return f"{scale},setsar=1,format=yuv420p10le"
    untold = f":in_color_matrix={_guessed_matrix(source)}" if not source.color_space else ""
    return f"{scale}{untold}:out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p"


def is_hdr(source: Source) -> bool:
    return source.color_transfer in _HDR_TRANSFERS


def _guessed_matrix(source: Source) -> str:
    """What players assume of a file that does not tell: HD is BT.709, anything smaller BT.601."""
    return "bt709" if min(source.width, source.height) >= _HD_HEIGHT else "smpte170m"


def _tone_map(source: Source) -> list[str]:
    if not is_hdr(source):
        return ["format=yuv420p"]
    return [
        f"setparams=color_primaries=bt2020:color_trc={source.color_transfer}:colorspace=bt2020nc",
        "zscale=t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=hable:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv420p",
    ]


def quoted(text: str) -> str:
    """A value as a filter graph reads it back: escaped for the option, then for the graph."""
    option = "".join(f"\\{c}" if c in "\\':" else c for c in text)
    return "".join(f"\\{c}" if c in "\\'[],;" else c for c in option)
