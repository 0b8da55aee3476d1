import dataclasses
import json
from pathlib import Path

import pytest

from goviral.engine.moments.labelled import parse_talk
from goviral.engine.moments.pickers import COUNT, PICKERS, find_picker
from goviral.kit.errors import InputError
from twins.labelled import spoken_talk

TALK = parse_talk(spoken_talk(1))


@pytest.mark.parametrize("name", PICKERS)
def test_every_picker_gives_ten_clips_of_a_clips_length_inside_the_talk(name: str) -> None:
    picks = PICKERS[name](TALK)
    assert len(picks) == COUNT
    for start, end, _ in picks:
        assert 40_000 <= end - start <= 90_000
        assert 0 <= start < end <= TALK.duration_ms


@pytest.mark.parametrize("name", PICKERS)
def test_every_picker_gives_the_same_again(name: str) -> None:
    assert PICKERS[name](TALK) == PICKERS[name](TALK)


def test_lead_takes_the_beginning_and_uniform_spreads() -> None:
    lead = sorted(PICKERS["lead"](TALK))
    assert [start for start, _, _ in lead] == [40_000 * at for at in range(10)]
    uniform = sorted(PICKERS["uniform"](TALK))
    assert uniform[-1][0] > TALK.duration_ms * 0.8


def test_another_programs_picks_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps({TALK.id: [[0, 40_000, 0.5]]}))
    pick = find_picker(str(path))
    assert pick(TALK) == [(0, 40_000, 0.5)]
    assert pick(dataclasses.replace(TALK, id="unknown")) == []


def test_a_known_name_is_the_picker_itself() -> None:
    assert find_picker("lead") is PICKERS["lead"]


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": [[1]]}', '{"a": [["x", 1, 1]]}'])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "theirs.json"
    path.write_text(text)
    with pytest.raises(InputError, match="holds no picks"):
        find_picker(str(path))


@pytest.mark.parametrize("name", ["nobody", "missing.json"])
def test_an_unknown_finder_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputError, match="no finder called"):
        find_picker(name)


@pytest.mark.parametrize("name", ["random", "uniform", "lead", "lexrank"])
def test_a_short_talk_gives_as_many_as_fit(name: str) -> None:
    short = spoken_talk(1)
    short["sentences"] = short["sentences"][:20]
    short["duration_ms"] = short["sentences"][-1]["end_ms"]
    assert 1 <= len(PICKERS[name](parse_talk(short))) <= 3
