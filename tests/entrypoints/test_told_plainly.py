"""What a newcomer gets wrong on a finished clip: one line that says what to do."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.clips.slates import middle_shot, slate_film, small_frame
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import dump_plan, read_plan
from goviral.engine.clips.plans.source import source_of
from goviral.entrypoints.cli.main import app
from goviral.kit.errors import AppError
from goviral.kit.timecode import Span


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """What `goviral clip` leaves, without the clip: a plan of a film that lies beside the folder."""
    media = slate_film(tmp_path / "film.mp4", frames=75)
    plan = ClipPlan(
        "01-why", "Why", source_of(media), Span(400, 2400), small_frame(Fraction(25)),
        (middle_shot(media, Span(0, 2000)),),
    )  # fmt: skip
    folder = tmp_path / "clips" / "talk"
    folder.mkdir(parents=True)
    (folder / "01-why.plan.json").write_text(dump_plan(plan))
    (folder / "01-why.A.wide.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "01-why.mp4").write_bytes(b"\x00\xff\xfe")
    (folder / "transcript.json").write_text('{"language": "en"}')
    return folder


def said(*words: object) -> str:
    """The one line a command leaves with."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, AppError):
        assert result.exception.remedy
        return str(result.exception)
    assert result.exit_code == 2, result.output
    return result.output.splitlines()[-1]


@pytest.mark.parametrize("command", ["edit", "render", "thumbnail"])
class TestThePlan:
    def test_a_clip_or_a_still_is_answered_with_its_plan(
        self, run_folder: Path, command: str
    ) -> None:
        for name in ("01-why.mp4", "01-why.A.wide.jpg"):
            line = said(command, run_folder / name)
            assert line.endswith(f"is not a plan. Its plan is {run_folder / '01-why.plan.json'}.")

    def test_a_folder_is_answered_with_a_plan_in_it(self, run_folder: Path, command: str) -> None:
        assert "01-why.plan.json" in said(command, run_folder)
        assert "NN-slug.plan.json" in said(command, run_folder.parent)

    def test_nobody_is_told_to_delete_a_transcript(self, run_folder: Path, command: str) -> None:
        line = said(command, run_folder / "transcript.json")
        assert "delete" not in line
        assert "NN-slug.plan.json" in line

    def test_broken_json_says_where(self, run_folder: Path, command: str) -> None:
        plan = run_folder / "01-why.plan.json"
        plan.write_text(plan.read_text()[:-20])
        assert "line" in said(command, plan)


@pytest.mark.parametrize("command", ["render", "thumbnail"])
class TestTheSource:
    def test_one_that_was_moved(self, run_folder: Path, command: str, tmp_path: Path) -> None:
        (tmp_path / "film.mp4").rename(tmp_path / "elsewhere.mp4")
        line = said(command, run_folder / "01-why.plan.json")
        assert f"is gone: {tmp_path / 'film.mp4'}" in line
        assert "goviral edit PLAN.json --source FILE" in line

    def test_one_that_was_changed(self, run_folder: Path, command: str, tmp_path: Path) -> None:
        with (tmp_path / "film.mp4").open("ab") as film:
            film.write(b"more")
        line = said(command, run_folder / "01-why.plan.json")
        assert "film.mp4 is not the file 01-why was planned from" in line

    def test_a_folder_or_another_kind_of_file_to_write(
        self, run_folder: Path, command: str
    ) -> None:
        plan = run_folder / "01-why.plan.json"
        assert f"Name a file: {run_folder}" in said(command, plan, "--out", run_folder)
        assert "Name it x." in said(command, plan, "--out", run_folder / "x.png")


class TestSaysWhereTheSourceIs:
    def test_and_the_plan_names_it_from_then_on(self, run_folder: Path, tmp_path: Path) -> None:
        (tmp_path / "film.mp4").rename(tmp_path / "elsewhere.mp4")
        plan = run_folder / "01-why.plan.json"
        done = CliRunner().invoke(
            app, ["edit", str(plan), "--source", str(tmp_path / "elsewhere.mp4")]
        )
        assert done.exit_code == 0, done.output
        assert f"`goviral render {plan}`" in done.output
        assert read_plan(plan).source.path == str(tmp_path / "elsewhere.mp4")

    def test_another_file_is_refused_and_nothing_is_written(
        self, run_folder: Path, tmp_path: Path
    ) -> None:
        other = slate_film(tmp_path / "other.mp4", frames=50).path
        plan = run_folder / "01-why.plan.json"
        before = plan.read_text()
        assert "is not the file" in said("edit", plan, "--source", other)
        assert "There is no file" in said("edit", plan, "--source", tmp_path / "none.mp4")
        assert plan.read_text() == before


class TestExport:
    def test_the_folder_above_names_a_run(self, run_folder: Path) -> None:
        assert f"such as {run_folder}." in said("export", run_folder.parent)

    def test_a_plan_names_its_folder(self, run_folder: Path) -> None:
        assert f"Name its folder: {run_folder}." in said("export", run_folder / "01-why.plan.json")

    def test_a_file_to_write_into_is_refused(self, run_folder: Path) -> None:
        assert "Name a folder" in said("export", run_folder, "--out", run_folder / "01-why.mp4")

    @pytest.mark.parametrize("formats", ["", "premiere"])
    def test_a_format_there_is_not_is_told_by_the_option_s_own_name(
        self, run_folder: Path, formats: str
    ) -> None:
        assert "--format" in said("export", run_folder, "--format", formats)


class TestOthers:
    def test_a_moment_after_the_end(self, run_folder: Path) -> None:
        line = said("thumbnail", run_folder / "01-why.plan.json", "--at", "2")
        assert line == "--at 2 is after the end of the clip. 01-why lasts 2.0 s."

    def test_a_folder_to_check(self, run_folder: Path) -> None:
        assert "is a folder" in said("check", run_folder)

    def test_a_clip_without_a_plan_is_told_so(self, run_folder: Path, tmp_path: Path) -> None:
        result = CliRunner().invoke(app, ["check", str(tmp_path / "film.mp4"), "--quick"])
        assert "size and length were not checked" in result.output
        json.loads(
            CliRunner()
            .invoke(app, ["check", str(tmp_path / "film.mp4"), "--quick", "--json"])
            .output
        )
