"""Half pictures: told by the probe, made whole in clips and stills. Measured by their combs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from e2e.films import ffmpeg
from engine.media.faces import PaintedFaces
from goviral.engine.clips.graph.cutting import cut_of, picture_filters
from goviral.engine.clips.graph.filtergraph import render_command
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.media.frames import frame_at
from goviral.engine.media.look import look
from goviral.engine.media.probe import probe
from goviral.kit.timecode import Span

MOVING = "color=gray:s=320x180:r=50,drawgrid=w=40:h=400:t=8:c=white,scroll=h=0.012"


@pytest.fixture(scope="module", params=["tff", "bff"])
def half(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bars that move sideways, taken fifty times a second, woven to 25 frames."""
    path = tmp_path_factory.mktemp("half") / f"{request.param}.mp4"
    mode, order = (
        ("interleave_top", "tff=1") if request.param == "tff" else ("interleave_bottom", "bff=1")
    )
    ffmpeg(
        "-f", "lavfi", "-i", f"{MOVING},tinterlace={mode}", "-t", 2, "-c:v", "libx264", "-preset", "ultrafast",
        "-qp", "8", "-flags", "+ildct+ilme", "-x264-params", order, path,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "whole.mp4"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        f"{MOVING},fps=25",
        "-t",
        2,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-qp",
        "8",
        path,
    )
    return path


def comb(pictures: np.ndarray) -> float:
    """How much lines differ from what lies between their neighbours: nothing where bars stand upright."""
    lines = pictures.astype(np.int16)
    between = (lines[..., :-2, 4:-4] + lines[..., 2:, 4:-4]) // 2
    return float(np.abs(lines[..., 1:-1, 4:-4] - between)[..., 4:-4, :].mean())


def plan_of(path: Path) -> ClipPlan:
    frame = Frame(320, 180, probe(path).video.fps)
    shot = Shot(Span(0, 1000), Layout.FOLLOW, 320, 180)
    return ClipPlan("01-x", "", source_of(probe(path)), Span(400, 1400), frame, (shot,))


def cut_pictures(path: Path, plan: ClipPlan, out: Path) -> np.ndarray:
    cut = cut_of(plan)
    ffmpeg(
        "-ss", f"{float(cut.seek):.6f}", "-i", path, "-vf", f"{picture_filters(cut)},format=gray",
        "-f", "rawvideo", out,
    )  # fmt: skip
    return np.frombuffer(out.read_bytes(), np.uint8).reshape(-1, 180, 320)


def test_the_probe_tells_half_pictures_from_whole_ones(half, whole):
    assert probe(half).video.interlaced
    assert not probe(whole).video.interlaced


def test_a_clip_has_no_combs_and_as_many_frames(half, whole, tmp_path):
    plan = plan_of(half)
    left = replace(plan, source=replace(plan.source, interlaced=False))
    combed = cut_pictures(half, left, tmp_path / "combed.raw")
    clean = cut_pictures(half, plan, tmp_path / "clean.raw")
    smooth = comb(cut_pictures(whole, plan_of(whole), tmp_path / "whole.raw"))
    assert len(clean) == len(combed) == 25
    assert comb(combed) > 5
    assert comb(clean) < max(0.15 * comb(combed), smooth + 0.5)


@pytest.fixture(scope="module")
def mixed(half: Path, whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of whole pictures, then two of half ones, as where a film follows its title."""
    folder = tmp_path_factory.mktemp("mixed")
    for number, part in enumerate((whole, half)):
        ffmpeg("-i", part, "-c", "copy", folder / f"{number}.ts")
    (folder / "list.txt").write_text("file 0.ts\nfile 1.ts\n")
    ffmpeg("-f", "concat", "-i", folder / "list.txt", "-c", "copy", folder / "mixed.ts")
    return folder / "mixed.ts"


def test_half_pictures_after_whole_ones_are_seen_where_the_clip_is(mixed):
    assert not probe(mixed).video.interlaced
    assert not look(probe(mixed), Span(0, 1500), PaintedFaces()).interlaced
    assert look(probe(mixed), Span(1000, 3500), PaintedFaces()).interlaced


def test_a_clip_of_them_has_no_combs(mixed, tmp_path):
    plan = replace(plan_of(mixed), span=Span(2400, 3400))
    told = replace(plan, source=replace(plan.source, interlaced=True))
    combed = comb(cut_pictures(mixed, plan, tmp_path / "combed.raw"))
    assert comb(cut_pictures(mixed, told, tmp_path / "clean.raw")) < 0.3 * combed


def test_whole_pictures_cost_no_filter(whole, tmp_path):
    command = render_command(plan_of(whole), None, tmp_path, tmp_path / "x.mp4", threads=1)
    assert "bwdif" not in " ".join(command.arguments)


def test_a_still_has_no_combs(half):
    assert comb(frame_at(half, 800)[..., 1]) < 1


def test_a_picture_that_is_over_is_held_to_the_end_of_the_clip(whole):
    plan = plan_of(whole)
    ends = replace(plan, source=replace(plan.source, picture_end_ms=900))
    assert float(cut_of(ends).hold) == 1.5
    assert float(cut_of(replace(plan, source=replace(plan.source, picture_end_ms=0))).hold) == 1
