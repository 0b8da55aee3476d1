"""Which files an export leaves, and what they are made from."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.clips.exports.plans import clip_plan
from engine.clips.slates import slate_film
from engine.media.reels import ffmpeg as run_tool
from goviral.engine.clips.exports.cut_list import SourceFacts
from goviral.engine.clips.exports.export import export_clips, plans_in, source_facts
from goviral.engine.clips.exports.formats import EXPORTS
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import dump_plan
from goviral.kit.errors import InputError, NotFoundError


def folder_of(folder: Path, *plans: ClipPlan) -> Path:
    for plan in plans:
        (folder / f"{plan.name}.plan.json").write_text(dump_plan(plan))
    return folder


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_is_a_file_that_names_the_clip_and_its_source(
    tmp_path: Path, name: str
) -> None:
    made = export_clips([clip_plan()], tmp_path, [name])
    assert [path.name for path in made] == [f"clips.{name}", "clips.srt"]
    text = made[0].read_text("utf-8")
    assert "Why?" in text or "01-why" in text
    assert "my%20talk" in text or "my talk" in text


def test_words_run_on_over_the_clips(tmp_path: Path) -> None:
    plans = [clip_plan(), clip_plan(name="02-how")]
    srt = export_clips(plans, tmp_path, ["edl"])[-1].read_text("utf-8")
    assert "00:00:00,100 --> 00:00:01,400\nThat is why." in srt
    assert "00:00:04,100 --> 00:00:05,400\nThat is why." in srt
    assert "<this> & that." in srt


def test_clips_without_words_leave_an_empty_subtitle_file(tmp_path: Path) -> None:
    assert export_clips([clip_plan(captions=None)], tmp_path, ["edl"])[-1].read_text() == ""


def test_each_shape_has_its_own_files(tmp_path: Path) -> None:
    plans = [
        clip_plan(name=f"{rank}.{shape}") for rank in ("01-a", "02-b") for shape in ("9x16", "1x1")
    ]
    made = export_clips(plans, tmp_path, ["edl"])
    assert sorted(path.name for path in made) == [
        "clips.1x1.edl", "clips.1x1.srt", "clips.9x16.edl", "clips.9x16.srt",
    ]  # fmt: skip
    text = (tmp_path / "clips.9x16.edl").read_text()
    assert text.index("01-a.9x16") < text.index("02-b.9x16")
    assert "1x1" not in text


def test_a_folder_gives_its_finished_clips_in_order(tmp_path: Path) -> None:
    seen = replace(clip_plan(name="03-c.preview"), preview=True)
    folder_of(tmp_path, clip_plan(name="02-b"), clip_plan(name="01-a"), seen)
    assert [plan.name for plan in plans_in(tmp_path)] == ["01-a", "02-b"]


def test_a_folder_without_clips_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no clips"):
        plans_in(tmp_path)
    with pytest.raises(InputError, match="no clips to export"):
        export_clips([], tmp_path, ["edl"])


def test_a_format_there_is_not_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="premiere"):
        export_clips([clip_plan()], tmp_path, ["edl", "premiere"])
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_asked_for_its_timecode_and_its_sound(tmp_path: Path) -> None:
    slate_film(tmp_path / "film.mp4", frames=25)
    stamped = tmp_path / "stamped.mov"
    run_tool("-i", tmp_path / "film.mp4", "-c", "copy", "-timecode", "01:00:00:00", stamped)
    assert source_facts(stamped) == SourceFacts(Fraction(3600), 2, 48_000)
    assert source_facts(tmp_path / "film.mp4") == SourceFacts(Fraction(0), 2, 48_000)


def test_a_source_that_is_gone_is_exported_as_usual(tmp_path: Path) -> None:
    assert source_facts(tmp_path / "gone.mp4") == SourceFacts()
