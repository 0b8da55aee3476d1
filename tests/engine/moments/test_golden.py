"""The finder's results on our own talks are the ones that were reviewed; `make golden` shows changes."""

import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GOLDEN = runpy.run_path(str(ROOT / "scripts" / "golden.py"))
KEPT = json.loads((ROOT / "tests" / "golden" / "moments.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", KEPT)
def test_the_moments_of_an_own_talk_are_the_reviewed_ones(name: str) -> None:
    talk = GOLDEN["own_talks"]()[name]
    found = [GOLDEN["moment_state"](moment) for moment in GOLDEN["find_moments"](talk)]
    assert found == KEPT[name]


def test_every_own_talk_is_kept() -> None:
    assert set(GOLDEN["own_talks"]()) == set(KEPT)
