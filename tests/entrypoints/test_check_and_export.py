"""`goviral check` and `goviral export`: what they print, and what they leave with."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from engine.clips.slates import ffmpeg, middle_shot, slate_film, small_frame
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import dump_plan
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.main import app
from goviral.kit.errors import NotFoundError
from goviral.kit.timecode import Span


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished clip and its plan."""
    folder = tmp_path_factory.mktemp("run")
    media = slate_film(folder / "film.mp4", frames=75)
    span = Span(400, 2400)
    plan = ClipPlan(
        "01-why", "Why", source_of(media), span, small_frame(Fraction(25)),
        (middle_shot(media, Span(0, 2000)),),
    )  # fmt: skip
    render_clip(plan, folder / "01-why.mp4", ffmpeg=ffmpeg(), threads=1)
    (folder / "01-why.plan.json").write_text(dump_plan(plan))
    (folder / "longer.plan.json").write_text(dump_plan(replace(plan, span=Span(0, 2400))))
    return folder


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


class TestCheck:
    def test_a_clip_as_planned_leaves_with_0(self, made: Path) -> None:
        code, output = run("check", made / "01-why.mp4", "--json", "--quick")
        told = json.loads(output)
        assert (code, told["passed"]) == (0, True)
        assert told["plan"].endswith("01-why.plan.json")
        assert told["facts"]["frames"] == 50

    def test_a_clip_that_is_not_leaves_with_1_and_says_why(self, made: Path) -> None:
        code, output = run("check", made / "01-why.mp4", "--plan", made / "longer.plan.json")
        assert code == 1
        assert "FAIL  duration   it has 50 frames instead of 60" in output
        assert output.splitlines()[-1].startswith("bad ")

    def test_a_clip_cut_off_behind_its_index_can_be_checked_and_fails(self, made: Path) -> None:
        whole = (made / "01-why.mp4").read_bytes()
        (made / "cut.mp4").write_bytes(whole[: len(whole) * 3 // 4])
        code, output = run("check", made / "cut.mp4", "--plan", made / "01-why.plan.json")
        assert code == 1
        assert "FAIL" in output

    def test_a_file_that_is_not_there_is_bad_use(self, made: Path) -> None:
        with pytest.raises(NotFoundError):
            run("check", made / "gone.mp4")
        with pytest.raises(NotFoundError):
            run("check", made / "01-why.mp4", "--plan", made / "gone.json")


class TestExport:
    def test_a_run_is_exported_beside_its_clips(self, made: Path) -> None:
        code, output = run("export", made)
        assert code == 0
        assert [Path(line).name for line in output.splitlines()] == [
            "clips.otio", "clips.fcpxml", "clips.edl", "clips.srt",
        ]  # fmt: skip
        assert (made / "clips.fcpxml").exists()

    def test_one_format_and_another_folder(self, made: Path, tmp_path: Path) -> None:
        run("export", made, "--format", "edl", "--out", tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["clips.edl", "clips.srt"]

    def test_a_format_there_is_not_is_bad_use(self, made: Path) -> None:
        code, output = run("export", made, "--format", "premiere")
        assert code == 2
        assert "premiere" in output


class TestLists:
    def test_shapes_are_taken_once_each_in_order(self) -> None:
        assert options.aspects_of("1:1, 9:16,1:1") == ("1:1", "9:16")

    @pytest.mark.parametrize("text", ["", ",", "9x16", "9:16,2:3"])
    def test_other_shapes_are_bad_use(self, text: str) -> None:
        with pytest.raises(typer.BadParameter, match="9:16, 1:1, 4:5, 16:9"):
            options.aspects_of(text)

    def test_nothing_is_exported_where_nothing_is_asked(self) -> None:
        assert options.exports_of("") == ()
        assert options.exports_of("edl,otio") == ("edl", "otio")
