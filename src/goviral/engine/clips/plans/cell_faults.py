"""What makes the cells of a divided shot impossible to render. Pure."""

from itertools import combinations, pairwise

from goviral.engine.clips.plans.plan import Cell, ClipPlan, Frame, Layout, Shot, Source

_MOST = 4


def cells_fault(shot: Shot, plan: ClipPlan) -> str:
    """What is wrong with its cells, after the shot's name; empty where nothing is."""
    divided = shot.layout in (Layout.SPLIT, Layout.SCREEN)
    if divided != bool(shot.cells):
        return "needs cells and has none" if divided else f"has cells, which {shot.layout} has not"
    if len(shot.cells) > _MOST:
        return f"has {len(shot.cells)} cells, more than {_MOST}"
    faults = (_cell_fault(cell, plan.frame, plan.source) for cell in shot.cells)
    fault = next((fault for fault in faults if fault), "")
    return fault or _cover_fault(shot.cells, plan.frame)


def _cell_fault(cell: Cell, frame: Frame, source: Source) -> str:
    values = (cell.x, cell.y, cell.width, cell.height)
    if any(value % 2 or value < 0 for value in values) or min(cell.width, cell.height) < 2:
        return f"has a cell at {values}, which are not even numbers"
    if cell.x + cell.width > frame.width or cell.y + cell.height > frame.height:
        return "has a cell that reaches out of the frame"
    if min(cell.crop_width, cell.crop_height) < 2:
        return "has a cell without a crop"
    if cell.crop_width > source.width or cell.crop_height > source.height:
        return "has a cell whose crop is larger than the source"
    rising = all(one.at_ms < other.at_ms for one, other in pairwise(cell.path))
    return "" if rising else "has a cell whose path is not in order of time"


def _cover_fault(cells: tuple[Cell, ...], frame: Frame) -> str:
    overlapping = any(
        min(one.x + one.width, other.x + other.width) > max(one.x, other.x)
        and min(one.y + one.height, other.y + other.height) > max(one.y, other.y)
        for one, other in combinations(cells, 2)
    )
    covered = sum(cell.width * cell.height for cell in cells)
    if cells and (overlapping or covered != frame.width * frame.height):
        return "has cells that do not cover the frame, each part once"
    return ""
