"""`goviral thumbnail`: one still of a plan, where it was asked for."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.media.reels import texture, write_film
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Frame, Layout, Shot, Source
from goviral.engine.clips.plans.plan_json import dump_plan
from goviral.entrypoints.cli.main import app
from goviral.kit.files import content_fingerprint
from goviral.kit.timecode import Span


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    film = write_film(tmp_path / "film.mp4", [texture(at // 25, 320, 180) for at in range(50)])
    source = Source(str(film), content_fingerprint(film), 2000, 320, 180, Fraction(25), 0)
    shot = Shot(Span(0, 2000), Layout.FOLLOW, 100, 180, (CropKey(0, 100, 0),))
    made = ClipPlan("01-x", "Why", source, Span(0, 2000), Frame(1080, 1920, Fraction(25)), (shot,))
    path = tmp_path / "01-x.plan.json"
    path.write_text(dump_plan(made))
    return path


def test_it_lies_beside_the_plan_under_its_style(plan: Path) -> None:
    done = CliRunner().invoke(app, ["thumbnail", str(plan), "--style", "s2"])
    assert done.exit_code == 0, done.output
    out = plan.with_name("01-x.S2.jpg")
    assert done.stdout.strip() == str(out)
    with Image.open(out) as still:
        assert still.size == (1080, 1920)


def test_another_title_shape_frame_and_place(plan: Path, tmp_path: Path) -> None:
    def made(*options: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        out = tmp_path / "far" / "away.jpg"
        command = ["thumbnail", str(plan), "--aspect", "16:9", "--out", str(out), *options]
        assert CliRunner().invoke(app, command).exit_code == 0
        with Image.open(out) as still:
            return np.asarray(still.convert("RGB"), np.int16)

    plain, titled, later = (
        made("--title", ""),
        made("--title", "Hm"),
        made("--title", "", "--at", "1.5"),
    )
    assert plain.shape == (720, 1280, 3)
    assert np.abs(plain - titled).max() > 100
    assert np.abs(plain - later).mean() > 5
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["away.jpg"]


def test_programs_are_told_in_json(plan: Path) -> None:
    done = CliRunner().invoke(app, ["thumbnail", str(plan), "--json"])
    event = json.loads(done.stdout.splitlines()[-1])
    assert event["event"] == "run.finished"
    assert event["thumbnail"].endswith("01-x.S1.jpg")


def test_a_style_there_is_not_is_bad_use(plan: Path) -> None:
    assert CliRunner().invoke(app, ["thumbnail", str(plan), "--style", "S9"]).exit_code == 2
