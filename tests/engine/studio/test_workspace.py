from dataclasses import dataclass

import pytest

from goviral.engine.studio.workspace import HIDDEN, Workspace
from goviral.kit.errors import ResourceError


@dataclass(frozen=True)
class Found:
    at_ms: int


class Maker:
    """Counts how often it had to work."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.value


class TestTake:
    def test_the_same_inputs_are_worked_on_once(self, tmp_path):
        make = Maker(Found(7))
        for _ in range(2):
            with Workspace(tmp_path) as workspace:
                assert workspace.take("find", ("a",), Found, make) == Found(7)
        assert make.calls == 1

    def test_other_inputs_are_worked_on_anew(self, tmp_path):
        make = Maker(Found(7))
        with Workspace(tmp_path) as workspace:
            workspace.take("find", ("a",), Found, make)
            workspace.take("find", ("b",), Found, make)
        assert make.calls == 2

    def test_fresh_forgets(self, tmp_path):
        make = Maker(Found(7))
        for _ in range(2):
            with Workspace(tmp_path, fresh=True) as workspace:
                workspace.take("find", ("a",), Found, make)
        assert make.calls == 2

    def test_a_damaged_result_is_made_again(self, tmp_path):
        make = Maker(Found(7))
        with Workspace(tmp_path) as workspace:
            workspace.take("find", ("a",), Found, make)
            (stored,) = (tmp_path / HIDDEN).glob("find-*.json")
            stored.write_text('{"at_ms": "yester')
            assert workspace.take("find", ("a",), Found, make) == Found(7)
        assert make.calls == 2

    def test_nothing_is_stored_when_the_work_fails(self, tmp_path):
        def fail() -> Found:
            raise ResourceError("No.")

        with Workspace(tmp_path) as workspace:
            with pytest.raises(ResourceError):
                workspace.take("find", ("a",), Found, fail)
            assert not list((tmp_path / HIDDEN).glob("find-*"))


class TestHolding:
    def test_one_run_at_a_time(self, tmp_path):
        with (
            Workspace(tmp_path),
            pytest.raises(ResourceError, match="Another goviral is working"),
            Workspace(tmp_path),
        ):
            pass

    def test_the_next_run_may_have_it(self, tmp_path):
        for _ in range(2):
            with Workspace(tmp_path):
                pass

    def test_what_a_killed_run_left_half_written_is_swept(self, tmp_path):
        (tmp_path / "01-why.part.mp4").write_text("half")
        (tmp_path / "01-why.mp4").write_text("whole")
        with Workspace(tmp_path):
            assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["01-why.mp4"]

    def test_a_folder_that_cannot_be_made_is_said_in_one_line(self, tmp_path):
        (tmp_path / "file").touch()
        with (
            pytest.raises(ResourceError, match="cannot be made"),
            Workspace(tmp_path / "file" / "x"),
        ):
            pass
