"""Plans of version 1, kept since then: they read, and make the very pictures they made."""

from pathlib import Path

import numpy as np
import pytest

from engine.clips.old_plans import GOLDEN, at_home, film, known, machine, sample, told
from engine.clips.slates import ffmpeg
from goviral.engine.clips.plans.plan_json import read_plan

NAMES = sorted(known()["clips"])
_CLOSE = 6


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("source")
    return {
        "film.mkv": film(folder / "film.mkv"),
        "film.wav": film(folder / "film.wav", pictured=False),
    }


def test_every_kept_plan_is_of_the_first_version() -> None:
    plans = [read_plan(path) for path in GOLDEN.glob("*.plan.json")]
    assert sorted(plan.name for plan in plans) == NAMES
    assert {plan.version for plan in plans} == {1}


@pytest.mark.parametrize("name", NAMES)
def test_an_old_plan_makes_the_pictures_it_made(
    sources: dict[str, Path], tmp_path: Path, name: str
) -> None:
    plan = read_plan(GOLDEN / f"{name}.plan.json")
    plan = at_home(plan, sources[plan.source.path])
    now, then = told(plan, tmp_path / "clip.mp4", ffmpeg()), known()["clips"][name]
    assert now["frames"] == then["frames"]
    for at, small in then["samples"].items():
        off = np.abs(sample(now["samples"][at]) - sample(small))
        assert off.max() <= _CLOSE, f"frame {at} looks otherwise"
    hashes = then["hashes"]
    assert now["hash"] == hashes.get(machine(ffmpeg()), now["hash"])
