"""`goviral edit`: what the command line changes, refuses and leaves alone; one clip made and made again."""

import json
from pathlib import Path

import pytest

from e2e.films import film, said
from engine.clips.worded import transcript, worded
from goviral.engine.clips.plans.plan import Removal
from goviral.engine.clips.plans.plan_json import dump_plan, read_plan
from goviral.engine.transcripts.formats import dump
from goviral.kit.timecode import Span

pytestmark = pytest.mark.e2e


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    removals = (Removal(Span(5_000, 5_800), "silence"), Removal(Span(7_000, 7_300), "filler", "um"))
    path = tmp_path / "01-nobody.plan.json"
    path.write_text(dump_plan(worded(removals=removals)), "utf-8")
    (tmp_path / "transcript.json").write_text(dump(transcript(), "json"), "utf-8")
    return path


def test_without_an_edit_the_pages_are_listed(goviral, plan_file):
    before = plan_file.read_bytes()
    ran = goviral("edit", plan_file)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[:3] == [
        "title  Nobody told me about the shit",
        "hook   Nobody told me / about the shit",
        "style  punch",
    ]
    assert lines[3].split(maxsplit=2) == ["1", "0:00", "Nobody told me."]
    assert lines[-1].split(maxsplit=2) == ["2", "0:07", "removed filler um (0.3 s)"]
    assert plan_file.read_bytes() == before


def test_every_edit_is_in_the_plan_and_the_subtitles(goviral, plan_file):
    ran = goviral(
        *("edit", plan_file, "--text", "1=Nobody warned us.", "--replace", "three=thirty"),
        *("--style", "clean", "--title", "By hand", "--hook", "none", "--restore", "1"),
        *("--crop", "600,0,608,1080@4-6", "--start", "-1", "--end", "-0.52"),
    )
    assert ran.code == 0, ran.err
    plan = read_plan(plan_file)
    assert plan.title == "By hand"
    assert plan.hook is None
    assert plan.captions.style.name == "clean"
    assert plan.span == Span(9_000, 19_480)
    assert [removal.text for removal in plan.removals] == ["um"]
    assert any(shot.path and shot.path[0].x == 600 for shot in plan.shots)
    written = plan_file.with_name("01-nobody.srt").read_text("utf-8")
    assert "there was." in written  # heard in the second that the clip gained
    assert "Nobody warned us." in written
    assert "thirty million" in written


def test_words_that_come_in_are_masked_as_those_there_are(goviral, plan_file):
    ours = plan_file.with_name("ours.txt")
    ours.write_text("there\nwarned\n", "utf-8")
    ran = goviral(
        *("edit", plan_file, "--text", "1=Nobody warned us.", "--start", "-1"),
        *("--mask", "--mask-words", ours),
    )
    assert ran.code == 0, ran.err
    written = plan_file.with_name("01-nobody.srt").read_text("utf-8")
    assert "t***e was." in written
    assert "Nobody w****d us." in written
    assert "shit" not in plan_file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--text", "99=x"), "no page 99"),
        (("--text", "one"), "12=new words"),
        (("--text", "x=y"), "number of a page"),
        (("--text", "1=a", "--text", "1=b"), "page 1 twice"),
        (("--text", "9" * 5000 + "=a"), "number of a page"),
        (("--title", " "), "--title is empty"),
        (("--hook", ""), "hook title is empty"),
        (("--start", "nan"), "--start wants seconds"),
        (("--end=-inf",), "--end wants seconds"),
        (("--start", "1e308"), "--start wants seconds"),
        (("--crop", f"0,0,{'9' * 5000},9"), "X,Y,W,H@FROM-TO"),
        (("--replace", "=x"), "old=new"),
        (("--replace", "xylophone=x"), "xylophone"),
        (("--style", "sparkles"), "no caption style"),
        (("--crop", "1,2,3"), "X,Y,W,H"),
        (("--crop", "1,2,3,4@1.2.3-4"), "is no time"),
        (("--crop", "9000,0,100,100"), "crop"),
        (("--restore", "9"), "no removal 9"),
        (("--restore", "some"), "or all"),
        (("--end", "100"), "beyond its source"),
        (("--start", "9.5"), "Less than a second"),
        (("--hook", "much too long " * 20), "three lines"),
        (("--hook", "x" * 301), "301 characters, more than 300"),
        (("--title", "x" * 301), "--title has 301 characters, more than 300"),
        (("--text", "1=" + "x" * 1001), "1001 characters is more than the 1000"),
        (("--mask-words", "none.txt"), "no list none.txt"),
    ],
)
def test_a_wrong_edit_is_refused_and_changes_nothing(goviral, plan_file, arguments, complaint):
    before = plan_file.read_bytes()
    ran = goviral("edit", plan_file, *arguments)
    assert ran.code == 2
    assert complaint in " ".join(ran.err.split())
    assert plan_file.read_bytes() == before


def test_an_edited_clip_is_rendered_and_kept(goviral, tmp_path):
    source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
    short = ("--min", "5", "--max", "9", "--count", "1")
    arguments = ("clip", source, "--transcript", words, *short, "--out", tmp_path / "out")
    goviral(*arguments)
    (plan_file,) = (tmp_path / "out" / "talk").glob("01-*.plan.json")
    video = plan_file.with_name(plan_file.name.replace(".plan.json", ".mp4"))
    made = video.read_bytes()
    ran = goviral("edit", plan_file, "--text", "1=Something else entirely", "--render", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out.splitlines()[-1])["event"] == "run.finished"
    assert video.read_bytes() != made
    assert "Something else" in video.with_suffix(".srt").read_text("utf-8")
    edited = video.read_bytes()
    again = goviral(*arguments, "--captions", "clean")
    assert "was edited" in again.err
    assert video.read_bytes() == edited
