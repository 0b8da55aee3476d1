"""The cells of divided shots as layers over the picture: one layer a place in the frame. Pure.

Each lies still and is switched on for its frames; only what it shows is changed by commands. Rejected: a
layer a shot (memory grows with the shots), and layers whose place is commanded (`overlay` waits for two
inputs, so a command may come a frame early).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from goviral.engine.clips.graph.colors import column_step
from goviral.engine.clips.graph.commands import Graph, command, crop_commands, enabled, scripted
from goviral.engine.clips.graph.fine_crop import fine_follow
from goviral.engine.clips.plans.plan import Cell, ClipPlan, CropKey, Layout, Shot
from goviral.kit.timecode import frame_at

DIVIDED = frozenset({Layout.SPLIT, Layout.SCREEN})
_OFF = 16

_Place = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A place in the frame with the shots that use it, and what each shows there."""

    number: int
    place: _Place
    shown: tuple[tuple[Shot, Cell], ...]


def undivided(plan: ClipPlan) -> ClipPlan:
    """The plan below the cells: as few pixels as possible where cells cover it."""
    source = plan.source
    tiny = (min(_OFF, source.width), min(_OFF, source.height))

    def below(shot: Shot) -> Shot:
        if shot.layout not in DIVIDED:
            return shot
        key = CropKey(shot.span.start_ms, 0, 0)
        return replace(
            shot,
            layout=Layout.FOLLOW,
            crop_width=tiny[0],
            crop_height=tiny[1],
            path=(key,),
            cells=(),
        )

    return replace(plan, shots=tuple(below(shot) for shot in plan.shots))


def layers_of(plan: ClipPlan) -> tuple[_Layer, ...]:
    """One layer for each place any cell has; none without divided shots."""
    by_place: dict[_Place, list[tuple[Shot, Cell]]] = {}
    for shot in plan.shots:
        for cell in shot.cells if shot.layout in DIVIDED else ():
            place = (cell.x, cell.y, cell.width, cell.height)
            by_place.setdefault(place, []).append((shot, cell))
    return tuple(
        _Layer(number, place, tuple(shown))
        for number, (place, shown) in enumerate(by_place.items())
    )


def cell_graph(
    plan: ClipPlan,
    layers: Sequence[_Layer],
    folder: Path,
    inputs: Sequence[str],
    under: str,
    pixels: str,
    end: Sequence[str],
    out: str,
) -> Graph:
    """The layers over `[under]`, each from its own `[input]`, the source's picture; `pixels` is overlay's
    format, `end` what follows the last of them."""
    filters: list[str] = []
    scripts: tuple[tuple[Path, str], ...] = ()
    for layer, source in zip(layers, inputs, strict=True):
        chain = _chain(plan, layer, folder)
        last = layer is layers[-1]
        on = enabled([shot.span for shot, _ in layer.shown], plan.frame.fps)
        x, y, _, _ = layer.place
        over = f"overlay=x={x}:y={y}:format={pixels}:enable='{on}'"
        name, result = f"cell{layer.number}", out if last else f"cells{layer.number}"
        finish = ",".join([over, *(end if last else ())])
        filters += [
            f"[{source}]{','.join(chain.filters)}[{name}]",
            f"[{under}][{name}]{finish}[{result}]",
        ]
        scripts += chain.scripts
        under = result
    return Graph(tuple(filters), scripts)


def _chain(plan: ClipPlan, layer: _Layer, folder: Path) -> Graph:
    """Crop and scale of one place. Where it is not shown it is cut and scaled to almost nothing.

    A place that is shown all the time moves in steps of the frame's pixels. Others do not: ffmpeg's crop
    does not learn that the size before it changes, and a cell scaled to its full size while it is not shown
    costs as much as one that is.
    """
    name = f"cell{layer.number}"
    if len(layer.shown) == len(plan.shots):
        fine = fine_follow(_alone(plan, layer), folder, name)
        if fine is not None:
            return fine
    shown = {id(shot): cell for shot, cell in layer.shown}
    fps, step = plan.frame.fps, column_step(plan.source)
    crops: list[str] = []
    sizes: list[str] = []
    for shot in plan.shots:
        cell = shown.get(id(shot))
        first = frame_at(shot.span.start_ms, fps)
        size = layer.place[2:] if cell else (_OFF, _OFF)
        sizes.append(command(first, fps, f"scale@{name}", [("w", size[0]), ("h", size[1])]))
        crop = (cell.crop_width, cell.crop_height) if cell else _tiny(plan)
        crops += crop_commands(
            f"crop@{name}", shot.span, crop, cell.path if cell else (), fps, step
        )
    width, height = _tiny(plan)
    crop_part = scripted(
        crops, folder / f"{name}.txt", [f"crop@{name}={width}:{height}:0:0:exact=1"]
    )
    size_part = scripted(
        sizes,
        folder / f"{name}-size.txt",
        [f"scale@{name}={_OFF}:{_OFF}:flags=bicubic", "setsar=1"],
    )
    return Graph(crop_part.filters + size_part.filters, crop_part.scripts + size_part.scripts)


def _alone(plan: ClipPlan, layer: _Layer) -> ClipPlan:
    """The plan of a frame that is only this place."""
    _, _, width, height = layer.place
    shots = tuple(
        Shot(shot.span, Layout.FOLLOW, cell.crop_width, cell.crop_height, cell.path)
        for shot, cell in layer.shown
    )
    return replace(plan, frame=replace(plan.frame, width=width, height=height), shots=shots)


def _tiny(plan: ClipPlan) -> tuple[int, int]:
    return min(_OFF, plan.source.width), min(_OFF, plan.source.height)
