"""Several shapes of a clip, previews and exports in the main job, over a twin of the machine."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from typing_extensions import override

from engine.studio.test_make_clips import Machine
from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.clips.render.render import Order, RenderedClip
from goviral.engine.moments.moment import Wishes
from goviral.engine.studio.make_clips import ClipSet, make_clips
from goviral.engine.studio.wishes import StudioWishes
from goviral.engine.studio.workspace import Workspace
from goviral.kit.errors import AppError, InputError, NotFoundError, ProcessError
from goviral.kit.progress import SilentProgress

BOTH = ClipWishes(more_aspects=("1:1",))
PREVIEW = ClipWishes(preview=True)


class Together(Machine):
    """A machine that remembers which clips were asked for in one go; some fail alone."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[list[str]] = []
        self.spoilt: set[str] = set()

    @override
    def render_together(
        self, orders: Sequence[Order], on_progress: Callable[[float], None]
    ) -> tuple[RenderedClip | AppError, ...]:
        self.groups.append([order.plan.name.partition(".")[2] for order in orders])
        return tuple(self._or_spoilt(order, on_progress) for order in orders)

    def _or_spoilt(
        self, order: Order, on_progress: Callable[[float], None]
    ) -> RenderedClip | AppError:
        if order.plan.name in self.spoilt:
            return ProcessError(f"{order.plan.name} failed its check.")
        return self.render(order.plan, order.out, on_progress)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., ClipSet]:
    source = tmp_path / "talk.mp4"
    source.write_bytes(b"pictures")

    def go(machine: Machine, clip: ClipWishes = BOTH, exports: Iterable[str] = ()) -> ClipSet:
        wishes = StudioWishes(moments=Wishes(count=2), clip=clip, exports=tuple(exports))
        with Workspace(tmp_path / "out") as workspace:
            return make_clips(source, wishes, machine, workspace, SilentProgress())

    return go


def endings(made: ClipSet) -> list[str]:
    return [clip.name.partition(".")[2] for clip in made.clips]


class TestShapes:
    def test_every_moment_comes_in_every_shape_looked_at_once(self, run) -> None:
        machine = Together()
        made = run(machine)
        assert endings(made) == ["9x16", "1x1", "9x16", "1x1"]
        assert machine.groups == [["9x16", "1x1"], ["9x16", "1x1"]]
        assert machine.asked.count("look") == machine.asked.count("measure") == 2
        for clip in made.clips:
            assert clip.plan is not None
            for suffix in ("mp4", "jpg", "srt", "plan.json"):
                assert (made.folder / f"{clip.name}.{suffix}").exists()
        frames = {clip.name.partition(".")[2]: clip.plan.frame.height for clip in made.clips}
        assert frames == {"9x16": 1920, "1x1": 1080}

    def test_one_more_shape_makes_only_that_shape(self, run) -> None:
        run(Together())
        again = Together()
        made = run(again, ClipWishes(more_aspects=("1:1", "16:9")))
        assert again.groups == [["16x9"], ["16x9"]]
        assert "look" not in again.asked
        assert [clip.reused for clip in made.clips] == [True, True, False] * 2

    def test_the_same_shapes_again_make_nothing(self, run) -> None:
        run(Together())
        again = Together()
        assert all(clip.reused for clip in run(again).clips)
        assert again.groups == []

    def test_a_shape_named_twice_is_made_once(self, run) -> None:
        made = run(Together(), ClipWishes(more_aspects=("9:16",)))
        assert endings(made) == ["", ""]

    def test_one_shape_after_several_puts_the_others_aside(self, run) -> None:
        first = run(Together())
        made = run(Together(), ClipWishes())
        assert endings(made) == ["", ""]
        shelf = {path.name for path in (made.folder / "earlier").iterdir()}
        for clip in first.clips:
            assert f"{clip.name}.mp4" in shelf
            assert not (made.folder / f"{clip.name}.mp4").exists()
        for clip in made.clips:
            assert (made.folder / f"{clip.name}.mp4").exists()

    def test_a_shape_that_fails_its_check_is_failed_and_never_delivered(self, run) -> None:
        machine = Together()
        names = [clip.name for clip in run(Together()).clips]
        (made_before,) = [name for name in names if name.endswith("1x1")][:1]
        machine.spoilt = {made_before}
        made = run(machine, ClipWishes(captions=None, more_aspects=("1:1",)))
        assert [clip.name for clip in made.failed] == [made_before]
        assert "failed its check" in str(made.failed[0].error)
        assert list(made.folder.glob(f"{made_before}.*")) == []
        assert len([clip for clip in made.clips if clip.video]) == 3

    def test_what_stops_one_moment_fails_all_its_shapes_and_no_other(self, run) -> None:
        machine = Together()
        machine.failing[2] = NotFoundError("The source is gone.")
        made = run(machine)
        assert [clip.name[:2] for clip in made.failed] == ["02", "02"]
        assert len([clip for clip in made.clips if clip.video]) == 2

    def test_an_edited_shape_is_made_by_itself_where_it_shows_other_frames(self, run) -> None:
        made = run(Together())
        square = made.folder / f"{made.clips[1].name}.plan.json"
        text = square.read_text()
        start = made.clips[1].plan.span.end_ms
        square.write_text(text.replace(f'"end_ms": {start}', f'"end_ms": {start - 400}', 1))
        again = Together()
        run(again, ClipWishes(captions=None, more_aspects=("1:1",)))
        assert again.groups == [["9x16"], ["1x1"], ["9x16", "1x1"]]

    def test_the_page_shows_a_moment_once_with_its_other_shapes(self, run) -> None:
        page = run(Together()).report.read_text()
        assert page.count("<video") == 2
        assert page.count("Video 1:1") == 2

    def test_a_shape_there_is_not_is_refused(self, run) -> None:
        made = run(Together(), ClipWishes(more_aspects=("2:1",)))
        assert all(isinstance(clip.error, InputError) for clip in made.failed)
        assert made.failed


class TestPreviews:
    def test_a_preview_is_small_and_says_so_in_its_names(self, run) -> None:
        made = run(Together(), PREVIEW)
        assert endings(made) == ["preview", "preview"]
        assert made.report.name == "report.preview.html"
        for clip in made.clips:
            assert clip.plan.preview
            assert (clip.plan.frame.width, clip.plan.frame.height) == (540, 960)

    def test_a_full_run_takes_no_preview_for_a_finished_clip(self, run) -> None:
        run(Together(), PREVIEW)
        full = Together()
        made = run(full, ClipWishes())
        assert full.asked.count("render") == 2
        assert "look" not in full.asked
        assert not any(clip.plan.preview for clip in made.clips)

    def test_a_preview_leaves_finished_clips_where_they_are(self, run) -> None:
        full = run(Together(), ClipWishes())
        run(Together(), ClipWishes(captions=None, preview=True))
        for clip in full.clips:
            assert clip.video.exists()
        assert full.report.exists()
        again = Together()
        assert all(clip.reused for clip in run(again, ClipWishes()).clips)

    def test_previews_of_earlier_wishes_are_put_aside(self, run) -> None:
        run(Together(), ClipWishes(preview=True, more_aspects=("1:1",)))
        made = run(Together(), PREVIEW)
        left = sorted(path.name for path in made.folder.glob("*.mp4"))
        assert left == sorted(f"{clip.name}.mp4" for clip in made.clips)


class TestExports:
    def test_a_run_leaves_what_was_asked_for_of_every_shape(self, run) -> None:
        made = run(Together(), exports=("otio", "edl"))
        assert sorted(path.name for path in made.exports) == [
            "clips.1x1.edl", "clips.1x1.otio", "clips.1x1.srt",
            "clips.9x16.edl", "clips.9x16.otio", "clips.9x16.srt",
        ]  # fmt: skip

    def test_nothing_is_exported_unasked(self, run) -> None:
        assert run(Together()).exports == ()

    def test_a_misspelt_format_is_said_before_any_work(self, run) -> None:
        machine = Together()
        with pytest.raises(InputError, match="premiere"):
            run(machine, exports=("premiere",))
        assert machine.asked == []
