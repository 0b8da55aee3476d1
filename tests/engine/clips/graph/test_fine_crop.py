"""A moving crop goes in steps of the frame's pixels."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clips.slates import ffmpeg, frames_of
from engine.media.reels import Encoding, write_film
from goviral.engine.clips.graph.fine_crop import fine_follow
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import Cell, ClipPlan, CropKey, Frame, Layout, Shot, Source
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.timecode import Span

FPS = Fraction(25)
FRAME = Frame(360, 640, FPS)
EDGE = 160
PATH = (CropKey(200, 80, 0), CropKey(2600, 110, 0))


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    """White from column 160 on."""
    picture = np.full((180, 320, 3), 30, np.uint8)
    picture[:, EDGE:] = 220
    path = tmp_path_factory.mktemp("fine") / "edge.mp4"
    return probe(write_film(path, [picture] * 75, None, Encoding(FPS, options={"crf": "10"})))


def plan_of(media: MediaInfo, *shots: Shot) -> ClipPlan:
    return ClipPlan("c", "", source_of(media), Span(0, shots[-1].span.end_ms), FRAME, shots)


def glide(first_ms: int = 0, end_ms: int = 3000, path: tuple[CropKey, ...] = PATH) -> Shot:
    return Shot(Span(first_ms, end_ms), Layout.FOLLOW, 101 // 2 * 2, 178, path)


def edges(plan: ClipPlan, folder: Path) -> list[float]:
    """Where the edge stands in each frame, to parts of a pixel: by the share of white in a row."""
    clip = render_clip(plan, folder / "c.mp4", ffmpeg=ffmpeg(), threads=1)
    rows = [frame[240:440].astype(float).mean(axis=0) for frame in frames_of(clip.path)]
    return [FRAME.width - float(((row - row[0]) / (row[-1] - row[0])).sum()) for row in rows]


def test_a_slow_glide_goes_in_steps_of_one_pixel(media: MediaInfo, tmp_path: Path) -> None:
    plan = plan_of(media, glide())
    seen = edges(plan, tmp_path)
    scale = FRAME.width / 100
    for number, at in enumerate(seen):
        x, _ = corner_at(PATH, number * 40)
        assert at == pytest.approx((EDGE - x) * scale, abs=1.3)
    coarse = edges(replace(plan, version=1), tmp_path)

    def roughness(places: list[float]) -> float:
        return float(np.abs(np.diff(places, 2)).mean())

    assert roughness(seen) < 0.5 * roughness(coarse)


def in_a_cell(*shots: Shot) -> tuple[Shot, ...]:
    """The same, each below a cell that shows the whole picture at rest."""
    upper = Cell(0, 0, 360, 202, 320, 180, (CropKey(0, 0, 0),))

    def divided(shot: Shot) -> Shot:
        lower = Cell(0, 202, 360, 438, shot.crop_width, 120, shot.path)
        return Shot(shot.span, Layout.SCREEN, cells=(upper, lower))

    return tuple(divided(shot) for shot in shots)


def test_so_does_a_cell_that_is_shown_all_the_time(media: MediaInfo, tmp_path: Path) -> None:
    plan = plan_of(media, *in_a_cell(glide()))
    seen = edges(plan, tmp_path)
    for number, at in enumerate(seen):
        x, _ = corner_at(PATH, number * 40)
        assert at == pytest.approx((EDGE - x) * FRAME.width / 100, abs=1.6)
    coarse = edges(replace(plan, version=1), tmp_path)
    assert np.abs(np.diff(seen, 2)).mean() < 0.5 * np.abs(np.diff(coarse, 2)).mean()


def test_a_cell_of_one_shot_among_others_moves_as_its_path_says(
    media: MediaInfo, tmp_path: Path
) -> None:
    (cell,) = in_a_cell(glide(0, 2000))
    whole = Shot(Span(2000, 3000), Layout.FIT, 320, 180, (CropKey(2000, 0, 0),))
    seen = edges(plan_of(media, cell, whole), tmp_path)[:50]
    for number, at in enumerate(seen):
        x, _ = corner_at(PATH, number * 40)
        assert at == pytest.approx((EDGE - x) * FRAME.width / 100, abs=3)


def test_a_shot_that_rests_beside_one_that_moves_stays_where_it_is(
    media: MediaInfo, tmp_path: Path
) -> None:
    rest = glide(3000, 3000, (CropKey(1000, 120, 1),))
    plan = plan_of(media, glide(0, 1000), replace(rest, span=Span(1000, 2000)), glide(2000, 3000))
    seen = edges(plan, tmp_path)[25:50]
    assert max(seen) - min(seen) < 0.2
    assert seen[0] == pytest.approx((EDGE - 120) * 3.6, abs=1.3)


def test_an_older_plan_and_one_at_rest_are_cropped_as_ever(
    media: MediaInfo, tmp_path: Path
) -> None:
    assert fine_follow(replace(plan_of(media, glide()), version=1), tmp_path) is None
    assert fine_follow(plan_of(media, glide(path=PATH[:1])), tmp_path) is None


@given(st.integers(100, 1900), st.integers(0, 10_000), st.integers(200, 1920))
def test_nothing_outside_the_source_is_ever_cut(width: int, place: int, frame: int) -> None:
    source = Source("/a", "f", 9000, 1920, 1080, FPS, 0)
    x = (1920 - width) * place / 10_000
    path = (CropKey(0, 0, 0), CropKey(1000, x, 0), CropKey(2000, 1920 - width, 0))
    shot = Shot(Span(0, 3000), Layout.FOLLOW, width, 1080, path)
    plan = ClipPlan("c", "", source, Span(0, 3000), Frame(frame // 2 * 2, 1920, FPS), (shot,))
    graph = fine_follow(plan, Path("/tmp"))
    if graph is None:
        return
    wide, extra = _sizes(graph.filters, plan.frame.width)
    for line in graph.scripts[0][1].splitlines():
        assert 0 <= _value(line, "x") <= 1920 - wide
    for line in graph.scripts[1][1].splitlines():
        assert 0 <= _value(line, "x") <= extra


def _sizes(filters: tuple[str, ...], width: int) -> tuple[int, int]:
    camera = next(each for each in filters if each.startswith("crop@camera"))
    scale = next(each for each in filters if each.startswith("scale="))
    enlarged = int(scale.removeprefix("scale=").split(":")[0])
    return int(camera.removeprefix("crop@camera=").split(":")[0]), enlarged - width


def _value(line: str, name: str) -> int:
    words = line.replace(",", " ").replace(";", " ").split()
    return int(words[words.index(name) + 1])
