"""Temporary folders."""

import os
from pathlib import Path

import pytest

from goviral.kit.errors import ResourceError
from goviral.kit.scratch import Scratch


def test_a_folder_goes_with_what_is_in_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    with scratch.folder("vid_1") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "a.bin").write_bytes(b"x")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_goes_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), Scratch(tmp_path).folder("vid_1"):
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_have_their_own(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.folder("vid_1") as one, scratch.folder("vid_1") as other:
        assert one != other
        assert scratch.drop("vid_1") == 2
    assert list(tmp_path.iterdir()) == []


def test_only_what_nobody_wrote_to_lately_is_swept(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, now_s=lambda: 1000.0)
    for name, changed_s in (("old", 100), ("young", 900)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.bin").write_bytes(b"x")
        os.utime(tmp_path / name, (1, 1))
        os.utime(tmp_path / name / "a.bin", (changed_s, changed_s))
    (tmp_path / "left.part").write_bytes(b"x")
    os.utime(tmp_path / "left.part", (1, 1))
    assert scratch.sweep(500) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["young"]


def test_a_folder_that_is_not_there_needs_no_sweeping(tmp_path: Path) -> None:
    assert Scratch(tmp_path / "none").sweep(0) == 0


def test_where_nothing_can_be_made_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "tmp").write_text("a file")
    with pytest.raises((ResourceError, NotADirectoryError)), Scratch(tmp_path / "tmp").folder("x"):
        pass
