"""What the page about the pipeline promises is there, and all there is stands in it."""

import re
from pathlib import Path

from fastapi.routing import APIRoute

from goviral.features.pipeline import events, routes
from goviral.features.pipeline.models import RunState, Stage, StageState
from goviral.features.pipeline.wishes import RunWishes

PAGE = (Path(__file__).parents[3] / "docs" / "pipeline.md").read_text(encoding="utf-8")


def test_every_address_is_described_and_has_an_example() -> None:
    found = [route for route in routes.router.routes if isinstance(route, APIRoute)]
    mine = {(method, route.path) for route in found for method in route.methods}
    listed = set(re.findall(r"^\| `([A-Z]+) ([^` ?]+)`", PAGE, re.MULTILINE))
    assert listed == mine
    examples = {re.sub(r"[a-z]+_…", "ID", path) for path in re.findall(r"\$API(/[^\s?\"]+)", PAGE)}
    assert {re.sub(r"{\w+}", "ID", path) for _, path in mine} <= examples


def test_every_event_state_stage_and_wish_is_described() -> None:
    names = {value for name, value in vars(events).items() if name.isupper()}
    names |= {one.value for kind in (RunState, StageState, Stage) for one in kind}
    names |= set(RunWishes.model_fields)
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
