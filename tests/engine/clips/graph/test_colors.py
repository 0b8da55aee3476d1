"""A film in HDR keeps its colours wherever it is cut."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clips.slates import colors_of, ffmpeg
from engine.media.reels import Encoding, write_film
from goviral.engine.clips.graph.fine_crop import fine_follow
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import Bumper, Cell, ClipPlan, CropKey, Frame, Layout, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.timecode import Span

FPS = Fraction(25)
FRAMES = 25
LENGTH = Span(0, FRAMES * 40)
CLOSE = 4
"""What rounding, the encoder and a column more or less may change of 255."""
TRANSFERS = {"smpte2084": 16, "arib-std-b67": 18}


@pytest.fixture(scope="module", params=TRANSFERS)
def media(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> MediaInfo:
    """The same in every column: wherever it is cut between left and right, it is the same picture."""
    brightness = np.linspace(0.6, 1.2, 180)[:, None, None]
    picture = np.tile(brightness * (112, 104, 98), (1, 320, 1)).astype(np.uint8)
    color = {"color_trc": TRANSFERS[request.param], "color_primaries": 9, "colorspace": 9}
    encoding = Encoding(FPS, pix_fmt="yuv420p10le", options={"crf": "4"}, color=color)
    path = tmp_path_factory.mktemp("hdr") / "hdr.mp4"
    media = probe(write_film(path, [picture] * FRAMES, None, encoding))
    assert media.video is not None
    assert media.video.color_transfer == request.param
    return media


def plan_of(media: MediaInfo, *shots: Shot) -> ClipPlan:
    return ClipPlan("c", "", source_of(media), LENGTH, Frame(360, 640, FPS), shots)


def moved(x: float, to_x: float | None = None) -> tuple[CropKey, ...]:
    way = (CropKey(0, x, 0),)
    return way if to_x is None else (*way, CropKey(LENGTH.end_ms, to_x, 0))


def follow(*path: CropKey, span: Span = LENGTH) -> Shot:
    return Shot(span, Layout.FOLLOW, 100, 178, path)


def divided(*path: CropKey, span: Span = LENGTH) -> Shot:
    upper = Cell(0, 0, 360, 202, 320, 180, (CropKey(0, 0, 0),))
    lower = Cell(0, 202, 360, 438, 98, 120, path)
    return Shot(span, Layout.SCREEN, cells=(upper, lower))


def fit(*path: CropKey) -> Shot:
    return Shot(LENGTH, Layout.FIT, 240, 160, path)


def shots_of(kind: str, path: tuple[CropKey, ...]) -> tuple[Shot, ...]:
    first, last = Span(0, 480), Span(480, LENGTH.end_ms)
    if kind == "a cell now and then":
        return (follow(*moved(20), span=first), divided(*path, span=last))
    return ({"follow": follow, "cell": divided, "fit": fit}[kind](*path),)


def pictures(plan: ClipPlan, folder: Path) -> NDArray[np.int64]:
    """Every frame in a few pixels, the colours of each."""
    folder.mkdir()
    clip = render_clip(plan, folder / "c.mp4", ffmpeg=ffmpeg(), threads=1)
    return np.array([frame[20::120, 20::80].astype(int) for frame in colors_of(clip.path)])


@pytest.mark.parametrize("kind", ["follow", "cell", "a cell now and then", "fit"])
def test_a_picture_cut_at_an_odd_column_has_the_colours_of_one_cut_at_an_even_one(
    media: MediaInfo, tmp_path: Path, kind: str
) -> None:
    even = pictures(plan_of(media, *shots_of(kind, moved(40))), tmp_path / "even")
    odd = pictures(plan_of(media, *shots_of(kind, moved(41))), tmp_path / "odd")
    assert np.abs(even - odd).max() <= CLOSE


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", ["follow", "cell", "a cell now and then"])
def test_a_crop_that_moves_keeps_the_colours_of_one_at_rest(
    media: MediaInfo, tmp_path: Path, kind: str, version: int
) -> None:
    rests = pictures(plan_of(media, *shots_of(kind, moved(40))), tmp_path / "rests")
    plan = replace(plan_of(media, *shots_of(kind, moved(40, 75))), version=version)
    moves = pictures(plan, tmp_path / "moves")
    assert np.abs(rests - moves).max() <= CLOSE


def test_an_intro_in_hdr_of_another_shape_keeps_its_colours(
    media: MediaInfo, tmp_path: Path
) -> None:
    """The ground behind it is cut from its middle, here at column 109."""
    plan = replace(plan_of(media, follow(*moved(40))), intro=Bumper(source_of(media)))
    seen = pictures(plan, tmp_path / "intro")
    assert len(seen) == 2 * FRAMES
    red, green, blue = np.moveaxis(seen, -1, 0)
    assert (red - green).min() >= -CLOSE
    assert (green - blue).min() >= -CLOSE
    assert (red - blue).max() < 60


def test_the_source_is_cut_at_even_columns_and_the_rest_in_pixels_of_the_frame(
    media: MediaInfo, tmp_path: Path
) -> None:
    path = moved(40, 75)
    graph = fine_follow(plan_of(media, follow(*path)), tmp_path)
    assert graph is not None
    coarse, fine = (list(map(int, re.findall(r"x (\d+)", text))) for _, text in graph.scripts)
    assert {x % 2 for x in coarse} == {0}
    crop, scale = graph.filters[1:3]
    enlarged = int(scale.removeprefix("scale=").split(":")[0])
    wide = int(crop.removeprefix("crop@camera=").split(":")[0])
    places = [x + rest * wide / enlarged for x, rest in zip(coarse, fine, strict=True)]
    for number, x in enumerate(places, start=1):
        assert x == pytest.approx(corner_at(path, number * 40)[0], abs=0.51 * wide / enlarged)
