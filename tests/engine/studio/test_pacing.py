"""Pace over a twin of the machine: what a changed wish makes anew, and what it leaves as it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from engine.studio.test_make_clips import Machine
from goviral.engine.clips.pace.inserts import Stock
from goviral.engine.clips.pace.pace import Bed, PaceWishes
from goviral.engine.clips.pace.stock import StockFolder
from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.media.probe import MediaInfo
from goviral.engine.media.signals import Levels
from goviral.engine.moments.moment import Wishes
from goviral.engine.studio.make_clips import ClipSet, make_clips
from goviral.engine.studio.wishes import StudioWishes
from goviral.engine.studio.workspace import Workspace
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.progress import SilentProgress
from goviral.kit.timecode import Span

SILENCE = Span(8000, 9400)


class Studio(Machine):
    """The twin with ears: every clip has a silence at 8 s, the folder one film about stories."""

    @override
    def levels(self, media: MediaInfo, span: Span) -> Levels:
        self.asked.append("levels")
        db = [-70.0 if SILENCE.contains(at) else -20.0 for at in range(0, span.duration_ms, 10)]
        return Levels(span.start_ms, 10, tuple(db), -40.0)

    @override
    def measure_played(self, plan: ClipPlan) -> Loudness:
        self.asked.append("measure_played")
        return Loudness(-14.0, 5.0, -1.7, -19.0)

    @override
    def stock(self, folder: Path) -> StockFolder:
        self.asked.append("stock")
        return StockFolder((Stock("story.mp4", "f", 9000, ("story",)),), ("B-roll x is left out",))

    @override
    def bed(self, music: Path) -> Bed:
        self.asked.append("bed")
        return Bed(str(music), "f", -10.0)


class Told(SilentProgress):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    @override
    def warn(self, message: str) -> None:
        self.warnings.append(message)


@pytest.fixture
def run(tmp_path):
    source = tmp_path / "talk.mp4"
    source.write_bytes(b"pictures")

    def go(pace: PaceWishes, told: Told | None = None) -> tuple[ClipSet, list[str]]:
        machine = Studio()
        wishes = StudioWishes(moments=Wishes(count=2), clip=ClipWishes(pace=pace))
        with Workspace(tmp_path / "out") as workspace:
            made = make_clips(source, wishes, machine, workspace, told or SilentProgress())
        return made, machine.asked

    return go


def plans(made: ClipSet) -> list[ClipPlan]:
    return [clip.plan for clip in made.clips if clip.plan]


def test_nothing_wished_asks_for_nothing(run):
    made, asked = run(PaceWishes())
    assert {"levels", "measure_played", "stock", "bed"}.isdisjoint(asked)
    for plan in plans(made):
        assert (plan.removals, plan.zooms, plan.inserts, plan.music) == ((), (), (), None)


def test_tightened_clips_have_the_loudness_of_what_plays(run):
    made, asked = run(PaceWishes(tighten=True))
    assert asked.count("levels") == asked.count("measure_played") == 2
    for plan in plans(made):
        assert len(plan.removals) == 1
        assert plan.loudness == Loudness(-14.0, 5.0, -1.7, -19.0)


def test_asking_for_it_later_listens_to_the_clips_and_renders_nothing_else(run):
    run(PaceWishes())
    _, asked = run(PaceWishes(tighten=True))
    assert sorted(asked) == sorted(["levels", "measure_played", "render"] * 2)
    _, asked = run(PaceWishes(tighten=True))
    assert asked == []
    _, asked = run(PaceWishes(tighten=True, punch_in=True))
    assert set(asked) <= {"render"}
    _, asked = run(PaceWishes())
    assert set(asked) == {"render"}


def test_broll_is_read_once_and_what_cannot_be_used_is_told(run, tmp_path):
    folder = tmp_path / "broll"
    folder.mkdir()
    (folder / "story.mp4").write_bytes(b"x")
    told = Told()
    made, asked = run(PaceWishes(broll=folder), told)
    assert asked.count("stock") == 1
    assert "B-roll x is left out" in told.warnings
    assert all(insert.path == "story.mp4" for plan in plans(made) for insert in plan.inserts)
    _, asked = run(PaceWishes(broll=folder))
    assert asked == []
    (folder / "tags.json").write_text("{}")
    _, asked = run(PaceWishes(broll=folder))
    assert asked == ["stock"]


def test_music_is_heard_once_and_the_mix_is_measured(run, tmp_path):
    music = tmp_path / "bed.mp3"
    music.write_bytes(b"x")
    made, asked = run(PaceWishes(music=music))
    assert asked.count("bed") == 1
    assert asked.count("measure_played") == 2
    for plan in plans(made):
        assert plan.music is not None
        assert plan.music.gain_db == -17.0 - 10 + 10
        assert plan.music.speech


@pytest.mark.parametrize("wish", ["music", "broll"])
def test_a_file_or_folder_there_is_not_is_said_before_any_work(run, tmp_path, wish):
    class Strict(Studio):
        @override
        def stock(self, folder: Path) -> StockFolder:
            raise NotFoundError("There is no B-roll folder.")

    source = tmp_path / "talk.mp4"
    machine = Strict()
    pace = replace(PaceWishes(), **{wish: tmp_path / "none"})
    wishes = StudioWishes(clip=ClipWishes(pace=pace))
    with Workspace(tmp_path / "o") as workspace, pytest.raises((NotFoundError, InputError)):
        make_clips(source, wishes, machine, workspace, SilentProgress())
    assert machine.asked == []


@pytest.mark.parametrize("side", ["left", ""])
def test_a_silent_side_is_noted_in_the_plan_and_told(tmp_path: Path, side: str) -> None:
    class OneSided(Studio):
        @override
        def measure(self, media: MediaInfo, span: Span) -> Loudness:
            return Loudness(-14.0, 5.0, -1.7, -19.0, side)

    source, told = tmp_path / "talk.mp4", Told()
    source.write_bytes(b"pictures")
    wishes = StudioWishes(moments=Wishes(count=2), clip=ClipWishes())
    with Workspace(tmp_path / "out") as workspace:
        made = make_clips(source, wishes, OneSided(), workspace, told)
    note = "There is sound on the left side only: it is heard on both."
    assert [note in plan.notes for plan in plans(made)] == [side == "left"] * 2
    assert any(note in warning for warning in told.warnings) is (side == "left")
