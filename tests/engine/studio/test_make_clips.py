"""The main job over a twin of the machine: what is made, kept, made again, and told."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from goviral.engine.clips.brand.brand import Brand, BrandColors
from goviral.engine.clips.captions.wording import WordWishes
from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.clips.plans.plan import ClipPlan, Logo, Loudness, Platform
from goviral.engine.clips.plans.plan_json import dump_plan, read_plan
from goviral.engine.clips.render.render import RenderedClip
from goviral.engine.clips.thumbnails.thumbnails import thumbnail_paths
from goviral.engine.llm.errors import ServerFailedError
from goviral.engine.media.look import Look
from goviral.engine.media.probe import AudioStream, MediaInfo, VideoStream
from goviral.engine.media.signals import Signals
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.studio.make_clips import ClipSet, make_clips
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.wishes import StudioWishes, TranscriptWishes
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.engine.transcripts.vocabulary import Vocabulary
from goviral.kit.errors import CancelledError, InputError, ProcessError, ResourceError
from goviral.kit.files import content_fingerprint
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.timecode import Span

MINUTES = 5


class Machine(Tools):
    """A twin that works at once and remembers what it was asked."""

    def __init__(self) -> None:
        self.finder = "ranking"
        self.asked: list[str] = []
        self.failing: dict[int, Exception] = {}
        self.audio: AudioStream | None = AudioStream(1, 2, 48_000, 0)
        self.model_fails = False
        self.stills = 0

    @override
    def probe(self, path: Path) -> MediaInfo:
        video = VideoStream(index=0, width=1280, height=720, fps=Fraction(25))
        return MediaInfo(path, content_fingerprint(path), MINUTES * 60_000, video, self.audio)

    @override
    def transcribe(self, path: Path, wishes: TranscriptWishes, progress: Progress) -> Transcript:
        self.asked.append("transcribe")
        said = [
            Sentence(
                i,
                f"Sentence number {i} tells a story about topic {i // 9}.",
                i * 6000,
                i * 6000 + 5600,
            )
            for i in range(MINUTES * 10)
        ]
        return build_transcript(sentences=said, language="en", engine="twin")

    @override
    def listen(self, media: MediaInfo, progress: Progress) -> Signals:
        self.asked.append("listen")
        return Signals(loudness_db=(-20.0,) * (media.duration_ms // 100))

    @override
    def find(
        self, transcript: Transcript, signals: Signals, wishes: Wishes, *, alone: bool = False
    ) -> tuple[Moment, ...]:
        self.asked.append("find")
        if self.model_fails and not alone:
            raise ServerFailedError("The model's endpoint failed (500).")
        return find_moments(transcript, signals, wishes)

    @override
    def look(self, media: MediaInfo, span: Span) -> Look:
        self.asked.append("look")
        return Look(span, 333)

    @override
    def measure(self, media: MediaInfo, span: Span) -> Loudness:
        self.asked.append("measure")
        return Loudness(-14.0, 3.0, -1.7, -17.0)

    @override
    def render(
        self, plan: ClipPlan, out: Path, on_progress: Callable[[float], None]
    ) -> RenderedClip:
        self.asked.append("render")
        error = self.failing.get(int(plan.name[:2]))
        if error:
            raise error
        on_progress(plan.span.duration_ms / 2)
        out.write_bytes(b"film")
        return RenderedClip(out, notes=("no font for one letter",))

    @override
    def thumbnail(self, plan: ClipPlan, out: Path) -> None:
        self.stills += 1
        for path in (out, *thumbnail_paths(plan, out)):
            Image.new("RGB", (108, 192)).save(path)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"pictures")
    return path


@pytest.fixture
def run(tmp_path, source):
    def go(
        machine: Machine, *, fresh: bool = False, progress: Progress | None = None, **wished: object
    ) -> ClipSet:
        wishes = StudioWishes(**{"moments": Wishes(count=3), **wished})
        with Workspace(tmp_path / "out", fresh=fresh) as workspace:
            return make_clips(source, wishes, machine, workspace, progress or SilentProgress())

    return go


def test_a_run_leaves_every_file_it_promises(run):
    made = run(Machine())
    for clip in made.clips:
        for suffix in ("mp4", "jpg", "srt", "plan.json"):
            assert (made.folder / f"{clip.name}.{suffix}").exists()
    for name in ("transcript.json", "transcript.srt", "transcript.vtt", "moments.json"):
        assert (made.folder / name).stat().st_size > 0
    assert "<html" in made.report.read_text()
    assert len(json.loads((made.folder / "moments.json").read_text())["moments"]) == 3


def test_a_second_run_makes_nothing(run):
    run(Machine())
    again = Machine()
    made = run(again)
    assert again.asked == []
    assert again.stills == 0
    assert all(clip.reused for clip in made.clips)


def test_other_stills_cost_no_rendering(run):
    first = run(Machine())
    again = Machine()
    made = run(again, clip=ClipWishes(thumbnails=("S2",)))
    assert (again.asked, again.stills) == ([], 3)
    plan = read_plan(first.folder / f"{made.clips[0].name}.plan.json")
    assert plan.thumbnail is not None
    assert {variant.style.name for variant in plan.thumbnail.variants} == {"S2"}
    (first.folder / f"{made.clips[0].name}.A.jpg").unlink()
    once = Machine()
    run(once, clip=ClipWishes(thumbnails=("S2",)))
    assert (once.asked, once.stills) == ([], 1)


def test_only_the_first_shape_has_stills_with_words(run):
    made = run(Machine(), clip=ClipWishes(aspect="9:16", more_aspects=("1:1",)))
    shapes = {clip.plan.frame.width == clip.plan.frame.height for clip in made.clips if clip.plan}
    assert shapes == {True, False}
    for clip in made.clips:
        assert clip.plan is not None
        assert clip.plan.thumbnail is not None
        square = clip.plan.frame.width == clip.plan.frame.height
        assert bool(clip.plan.thumbnail.variants) != square


def test_a_tall_clip_is_made_for_each_platform_and_looked_at_once(run):
    machine, both = Machine(), (Platform.TIKTOK, Platform.SHORTS)
    wishes = ClipWishes(more_aspects=("1:1",), platform=both[0], more_platforms=both[1:])
    made = run(machine, clip=wishes)
    first = [clip.plan for clip in made.clips if clip.name.startswith("01-") and clip.plan]
    assert [plan.frame.platform for plan in first] == [*both, Platform.ANY]
    assert [bool(plan.thumbnail and plan.thumbnail.variants) for plan in first] == [
        True,
        False,
        False,
    ]
    assert machine.asked.count("look") == len(made.clips) / 3


def test_a_failed_clip_leaves_no_stills(run):
    run(Machine())
    machine = Machine()
    machine.failing[1] = ProcessError("ffmpeg failed.")
    made = run(machine, clip=ClipWishes(captions="clean"))
    assert [path.name for path in made.folder.glob("01-*")] == []


def test_a_misspelt_thumbnail_style_is_said_before_any_work(run):
    machine = Machine()
    with pytest.raises(InputError, match="thumbnail style 'S7'"):
        run(machine, clip=ClipWishes(thumbnails=("S7",)))
    assert machine.asked == []


def test_a_brand_goes_into_every_plan(run):
    brand = Brand(colors=BrandColors(active="#123456"), logo=Logo("/logo.png", "f"))
    made = run(Machine(), clip=ClipWishes(brand=brand))
    for clip in made.clips:
        assert clip.plan is not None
        assert clip.plan.logo == brand.logo
        assert clip.plan.captions is not None
        assert clip.plan.captions.style.active_color == "#123456"
    again = Machine()
    run(again, clip=ClipWishes())
    assert set(again.asked) == {"render"}


def test_a_masked_word_is_in_no_name_and_no_page_of_a_run(run):
    wishes = ClipWishes(words=WordWishes(mask_words=("number", "talk")))
    made = run(Machine(), clip=wishes)
    shown = [path for path in made.folder.glob("[!.]*") if not path.name.startswith("transcript.")]
    assert {path.suffix for path in shown} == {".mp4", ".jpg", ".srt", ".json", ".html"}
    for path in (*shown, *made.folder.glob(".goviral/*.made")):
        assert not re.search(r"number|\btalk(?!\.mp4)", path.name)
        said = path.read_bytes().decode("utf-8", "replace")
        assert not re.search(r"number|\btalk(?!\.mp4)", said, re.IGNORECASE), path
    assert "n****r" in made.report.read_text()
    assert "number" in (made.folder / "transcript.srt").read_text()


def test_a_mask_that_covers_nothing_changes_no_name_and_makes_nothing_anew(run):
    first = run(Machine())
    again = Machine()
    made = run(again, clip=ClipWishes(words=WordWishes(mask=True)))
    assert again.asked == []
    assert [clip.name for clip in made.clips] == [clip.name for clip in first.clips]


def test_fresh_makes_everything(run):
    run(Machine())
    again = Machine()
    run(again, fresh=True)
    assert sorted(set(again.asked)) == ["find", "listen", "look", "measure", "render", "transcribe"]
    assert again.asked.count("render") == 3


def test_a_model_that_fails_costs_its_proposals_and_is_asked_again(run):
    machine, told = Machine(), SilentProgress()
    machine.finder, machine.model_fails = "gpt", True
    made = run(machine, progress=told)
    assert made.clips
    assert any("endpoint failed" in warning for warning in told.warnings)
    again = Machine()
    again.finder = "gpt"
    run(again)
    assert "find" in again.asked


def test_another_caption_style_renders_only(run):
    run(Machine())
    again = Machine()
    run(again, clip=ClipWishes(captions=None))
    assert set(again.asked) == {"render"}


def test_one_more_clip_makes_one_more_clip(run):
    first = run(Machine())
    again = Machine()
    made = run(again, moments=Wishes(count=4))
    kept = {clip.name for clip in first.clips} & {clip.name for clip in made.clips if clip.reused}
    assert len(kept) >= 2
    assert again.asked.count("render") == 4 - len(kept)


def test_a_clip_that_was_not_finished_is_made_again(run):
    made = run(Machine())
    (made.folder / f"{made.clips[1].name}.plan.json").unlink()
    again = Machine()
    run(again)
    assert again.asked == ["render"]


def test_clips_of_earlier_wishes_are_put_aside_and_kept(run):
    first = run(Machine())
    made = run(Machine(), moments=Wishes(count=2))
    gone = {clip.name for clip in first.clips} - {clip.name for clip in made.clips}
    assert gone
    for name in gone:
        assert not (made.folder / f"{name}.mp4").exists()
        assert (made.folder / "earlier" / f"{name}.mp4").exists()


def test_one_failure_is_named_and_the_others_are_kept(run):
    machine = Machine()
    machine.failing[2] = ProcessError("The encoder gave up.")
    made = run(machine)
    (failed,) = made.failed
    assert failed.name.startswith("02-")
    assert not (made.folder / f"{failed.name}.mp4").exists()
    assert sum(clip.video is not None and clip.video.exists() for clip in made.clips) == 2
    assert "The encoder gave up." in made.report.read_text()


@pytest.mark.parametrize("error", [ResourceError("The disk is full."), CancelledError("Stopped.")])
def test_what_would_stop_every_clip_stops_the_run_and_keeps_the_finished(run, error, tmp_path):
    machine = Machine()
    machine.failing[2] = error
    with pytest.raises(type(error)):
        run(machine)
    assert len(list((tmp_path / "out").glob("01-*.plan.json"))) == 1
    again = Machine()
    run(again)
    assert again.asked.count("render") == 2


def test_what_could_not_be_drawn_is_passed_on(run):
    progress = SilentProgress()
    run(Machine(), progress=progress)
    assert len([told for told in progress.warnings if "no font for one letter" in told]) == 3


def test_a_source_without_sound_is_refused_before_anything_is_written(run, tmp_path):
    machine = Machine()
    machine.audio = None
    with pytest.raises(InputError, match="no audio"):
        run(machine)
    assert not [path for path in (tmp_path / "out").iterdir() if path.name != ".goviral"]


def test_a_misspelt_style_is_said_before_any_work(run):
    machine = Machine()
    with pytest.raises(InputError, match="sparkles"):
        run(machine, clip=ClipWishes(captions="sparkles"))
    assert machine.asked == []


def test_the_sidecar_is_used_instead_of_a_recogniser(run, source):
    source.with_suffix(".srt").write_text(
        "1\n00:00:00,500 --> 00:00:50,000\nThis is what was really said.\n"
    )
    machine = Machine()
    made = run(machine, moments=Wishes(count=1))
    assert "transcribe" not in machine.asked
    assert made.transcript.text == "This is what was really said."


def test_a_clip_that_was_edited_is_kept_whatever_is_wished(run):
    made = run(Machine())
    plan_file = made.folder / f"{made.clips[1].name}.plan.json"
    plan = read_plan(plan_file)
    plan_file.write_text(dump_plan(replace(plan, title="By hand")), "utf-8")
    (made.folder / f"{made.clips[1].name}.mp4").touch()
    told, again = SilentProgress(), Machine()
    kept = run(again, progress=told, clip=ClipWishes(captions="clean"))
    assert again.asked.count("render") == 2
    assert read_plan(plan_file).title == "By hand"
    assert kept.clips[1].reused
    assert any("was edited" in warning for warning in told.warnings)
    run(Machine(), fresh=True)
    assert read_plan(plan_file).title != "By hand"


def test_a_clip_edited_since_it_was_rendered_is_rendered_from_the_edited_plan(run):
    made = run(Machine())
    plan_file = made.folder / f"{made.clips[0].name}.plan.json"
    film = plan_file.with_name(f"{made.clips[0].name}.mp4")
    plan_file.write_text(dump_plan(replace(read_plan(plan_file), title="By hand")), "utf-8")
    os.utime(film, (1, 1))
    again = Machine()
    run(again)
    assert again.asked == ["render"]
    assert read_plan(plan_file).title == "By hand"
    third = Machine()
    run(third)
    assert third.asked == []


def test_a_broken_or_strange_edit_is_made_anew(run, source):
    made = run(Machine())
    first, second = (made.folder / f"{clip.name}.plan.json" for clip in made.clips[:2])
    first.write_bytes(b"\xff{}")
    plan = read_plan(second)
    second.write_text(
        dump_plan(replace(plan, source=replace(plan.source, fingerprint="another"))), "utf-8"
    )
    again = Machine()
    run(again)
    assert again.asked.count("render") == 2
    assert read_plan(second).source.fingerprint == plan.source.fingerprint


def test_an_edit_that_cannot_be_used_is_told_and_kept_aside(run):
    made = run(Machine())
    plan_file = made.folder / f"{made.clips[0].name}.plan.json"
    misspelt = {**json.loads(plan_file.read_text()), "captoins": None, "title": "By hand"}
    plan_file.write_text(json.dumps(misspelt), "utf-8")
    told, again = SilentProgress(), Machine()
    run(again, progress=told)
    assert again.asked == ["render"]
    assert any("captoins" in note and "earlier/" in note for note in told.warnings)
    assert json.loads((made.folder / "earlier" / plan_file.name).read_text()) == misspelt
    assert read_plan(plan_file).title != "By hand"


def test_a_correction_costs_no_recognition_and_a_name_does(run):
    run(Machine())
    corrected = Machine()
    vocabulary = Vocabulary(corrections=(("number", "Nummer"),))
    made = run(corrected, transcript=TranscriptWishes(vocabulary=vocabulary))
    assert "transcribe" not in corrected.asked
    assert "Sentence Nummer 0 tells" in made.transcript.text
    named = Machine()
    run(named, transcript=TranscriptWishes(vocabulary=Vocabulary(names=("Kubernetes",))))
    assert "transcribe" in named.asked
