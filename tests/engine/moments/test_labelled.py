from pathlib import Path

import pytest

from goviral.engine.moments.labelled import collections_in, read_talks
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span
from twins.labelled import made_talk, write_collection


@pytest.mark.parametrize("name", ["made.jsonl", "made.jsonl.gz"])
def test_talks_are_read_in_order_plain_or_packed(tmp_path: Path, name: str) -> None:
    path = write_collection(tmp_path / name, [made_talk(n) for n in range(4)])
    talks = list(read_talks(path))
    assert [talk.id for talk in talks] == ["made-0", "made-1", "made-2", "made-3"]
    assert talks[0].valid == Span(30_000, talks[0].duration_ms - 45_000)
    assert talks[1].valid == Span(0, talks[1].duration_ms)
    assert talks[0].labels[0].is_point
    assert not talks[1].labels[0].is_point


def test_only_the_asked_split_is_read_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    path = write_collection(tmp_path / "made.jsonl", [made_talk(n) for n in range(4)])
    path.write_text(path.read_text() + "\n")
    assert [talk.id for talk in read_talks(path, "train")] == ["made-2", "made-3"]


@pytest.mark.parametrize("line", ["{", "{}", "[1]", '{"id": "x", "duration_ms": null}'])
def test_a_line_that_is_no_talk_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(InputError, match=r"Line 2 of bad\.jsonl"):
        list(read_talks(path))


def test_collections_are_the_files_of_a_folder_or_the_one_file(tmp_path: Path) -> None:
    one = write_collection(tmp_path / "b.jsonl.gz", [])
    two = write_collection(tmp_path / "a.jsonl", [])
    (tmp_path / "README.md").write_text("no talk")
    assert collections_in(tmp_path) == (two, one)
    assert collections_in(one) == (one,)


def test_a_folder_without_talks_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labelled talks"):
        collections_in(tmp_path)
