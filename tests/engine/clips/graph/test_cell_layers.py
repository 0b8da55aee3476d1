"""Divided frames as they are rendered: every cell shows its part, from its first frame to its last."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.clips.slates import colors_of, ffmpeg
from engine.media.reels import Encoding, write_film
from goviral.engine.clips.framing.divided import places
from goviral.engine.clips.plans.plan import Cell, ClipPlan, CropKey, Frame, Layout, Shot
from goviral.engine.clips.plans.plan_json import fault_of
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.clips.thumbnails.still import frame_picture
from goviral.engine.media.frames import frame_at
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.timecode import Span

FPS = Fraction(25)
FRAME = Frame(108, 192, FPS)
COLORS = {
    "red": (210, 40, 40),
    "green": (40, 190, 60),
    "blue": (50, 60, 200),
    "yellow": (220, 200, 40),
}
CORNERS = {"red": (0, 0), "green": (160, 0), "blue": (0, 90), "yellow": (160, 90)}


def quarters() -> NDArray[np.uint8]:
    """A picture of 320 x 180 whose quarters have a colour each."""
    picture = np.zeros((180, 320, 3), np.uint8)
    for name, (x, y) in CORNERS.items():
        picture[y : y + 90, x : x + 160] = COLORS[name]
    return picture


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    path = tmp_path_factory.mktemp("cells") / "quarters.mp4"
    return probe(write_film(path, [quarters()] * 60, None, Encoding(FPS)))


def cells(*names: str) -> tuple[Cell, ...]:
    """A cell a name, each on the middle of the quarter of that colour."""
    found = []
    for name, (x, y, width, height) in zip(names, places(len(names), FRAME), strict=True):
        tall = 60 * height // max(width, height) // 2 * 2
        wide = 60 * width // max(width, height) // 2 * 2
        left, top = CORNERS[name]
        key = CropKey(0, left + 80 - wide // 2, top + 45 - tall // 2)
        found.append(Cell(x, y, width, height, wide, tall, (key,)))
    return tuple(found)


def split(first: int, end: int, *names: str) -> Shot:
    return Shot(Span(first * 40, end * 40), Layout.SPLIT, cells=cells(*names))


def screen(first: int, end: int, below: str) -> Shot:
    """The whole picture above, one quarter below."""
    left, top = CORNERS[below]
    upper = Cell(0, 0, 108, 60, 320, 180, (CropKey(0, 0, 0),))
    lower = Cell(0, 60, 108, 132, 54, 66, (CropKey(0, left + 20, top + 10),))
    return Shot(Span(first * 40, end * 40), Layout.SCREEN, cells=(upper, lower))


def follow(first: int, end: int, name: str) -> Shot:
    left, top = CORNERS[name]
    return Shot(
        Span(first * 40, end * 40), Layout.FOLLOW, 36, 64, (CropKey(0, left + 62, top + 13),)
    )


def fit(first: int, end: int) -> Shot:
    return Shot(Span(first * 40, end * 40), Layout.FIT, 320, 180, (CropKey(0, 0, 0),))


def plan_of(media: MediaInfo, *shots: Shot) -> ClipPlan:
    span = Span(0, shots[-1].span.end_ms)
    return ClipPlan("clip", "", source_of(media), span, FRAME, shots)


def rendered(plan: ClipPlan, folder: Path) -> list[NDArray[np.uint8]]:
    assert fault_of(plan) == ""
    clip = render_clip(plan, folder / "clip.mp4", ffmpeg=ffmpeg(), threads=1)
    assert clip.findings == ()
    return list(colors_of(clip.path))


def color_at(picture: NDArray[np.uint8], x: float, y: float) -> str:
    seen = picture[round(y), round(x)].astype(int)
    return min(COLORS, key=lambda name: int(np.abs(seen - COLORS[name]).sum()))


def middles(picture: NDArray[np.uint8], shot: Shot) -> list[str]:
    """The colour in the middle of each cell."""
    return [
        color_at(picture, cell.x + cell.width / 2, cell.y + cell.height / 2) for cell in shot.cells
    ]


@pytest.mark.parametrize("names", [("red", "green"), ("blue", "red", "yellow"), tuple(COLORS)])
def test_every_cell_shows_its_part_to_its_edges(
    media: MediaInfo, tmp_path: Path, names: tuple[str, ...]
) -> None:
    shot = split(0, 8, *names)
    for picture in rendered(plan_of(media, shot), tmp_path):
        for name, cell in zip(names, shot.cells, strict=True):
            for x in (cell.x + 3, cell.x + cell.width - 4):
                for y in (cell.y + 3, cell.y + cell.height - 4):
                    assert color_at(picture, x, y) == name


def test_layouts_change_on_the_very_frame(media: MediaInfo, tmp_path: Path) -> None:
    shots = (
        follow(0, 7, "red"),
        split(7, 13, "green", "blue"),
        fit(13, 18),
        split(18, 19, "yellow", "red"),
        screen(19, 25, "blue"),
        split(25, 31, "red", "green", "blue", "yellow"),
        follow(31, 36, "green"),
        split(36, 42, "blue", "green", "yellow"),
    )
    pictures = rendered(plan_of(media, *shots), tmp_path)
    assert len(pictures) == 42
    for number, picture in enumerate(pictures):
        at_ms = number * 40
        if at_ms < 280:
            assert color_at(picture, 54, 96) == "red"
        elif at_ms < 520:
            assert middles(picture, shots[1]) == ["green", "blue"]
        elif at_ms < 720:
            whole = [color_at(picture, x, y) for y in (70, 92) for x in (20, 90)]
            assert whole == ["red", "green", "blue", "yellow"]
        elif at_ms < 760:
            assert middles(picture, shots[3]) == ["yellow", "red"]
        elif at_ms < 1000:
            above = [color_at(picture, x, y) for y in (10, 50) for x in (20, 90)]
            assert above == ["red", "green", "blue", "yellow"]
            assert color_at(picture, 54, 126) == "blue"
        elif at_ms < 1240:
            assert middles(picture, shots[5]) == ["red", "green", "blue", "yellow"]
        elif at_ms < 1440:
            assert color_at(picture, 54, 96) == "green"
        else:
            assert middles(picture, shots[7]) == ["blue", "green", "yellow"]


def test_a_cell_moves_as_its_path_says(media: MediaInfo, tmp_path: Path) -> None:
    shot = split(0, 30, "red", "green")
    still, moving = shot.cells
    path = (CropKey(400, 200, 15), CropKey(800, 20, 15))
    shot = replace(shot, cells=(still, replace(moving, path=path)))
    pictures = rendered(plan_of(media, shot), tmp_path)
    seen = [middles(picture, shot) for picture in pictures]
    assert all(colors[0] == "red" for colors in seen)
    assert [colors[1] for colors in seen] == ["green"] * 15 + ["red"] * 15


def test_the_still_is_the_rendered_frame(media: MediaInfo, tmp_path: Path) -> None:
    source = Image.fromarray(frame_at(media.path, 80))
    for shot in (split(0, 5, "red", "green"), split(0, 5, *COLORS), screen(0, 5, "yellow")):
        picture = rendered(plan_of(media, shot), tmp_path)[2]
        still = np.asarray(frame_picture(source, shot, 80, FRAME))
        assert np.abs(picture.astype(int) - still.astype(int)).mean() < 4
        large = frame_picture(source, shot, 80, Frame(1080, 1920, FPS))
        small = np.asarray(large.resize((108, 192), Image.Resampling.BOX))
        assert np.abs(small.astype(int) - still.astype(int)).mean() < 4


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(split(0, 5, "red", "green"), cells=()), "none"),
        (replace(follow(0, 5, "red"), cells=cells("red", "green")), "has cells"),
        (replace(split(0, 5, "red", "green"), cells=cells("red", "green")[:1]), "cover"),
        (replace(split(0, 5, "red", "green"), cells=cells("red", "green")[:1] * 2), "cover"),
    ],
)
def test_a_plan_whose_cells_are_wrong_is_refused(
    media: MediaInfo, broken: Shot, words: str
) -> None:
    fault = fault_of(plan_of(media, broken))
    assert "shots[0]" in fault
    assert words in fault


@pytest.mark.parametrize(
    "change",
    [
        {"x": 1}, {"width": 500}, {"crop_width": 0}, {"crop_height": 999},
        {"path": (CropKey(5, 0, 0), CropKey(5, 1, 1))},
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_refused(media: MediaInfo, change: dict[str, Any]) -> None:
    first, second = cells("red", "green")
    shot = replace(split(0, 5, "red", "green"), cells=(replace(first, **change), second))
    assert "has a cell" in fault_of(plan_of(media, shot))
