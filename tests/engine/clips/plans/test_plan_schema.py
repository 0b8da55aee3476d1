"""The published schema: as new as the code, and telling right plans from wrong ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.clips.exports.plans import clip_plan, split
from engine.clips.old_plans import GOLDEN
from goviral.engine.clips.plans.plan import PLAN_VERSION, Removal, Zoom
from goviral.engine.clips.plans.plan_json import dump_plan, plan_schema
from goviral.kit.timecode import Span

PUBLISHED = Path(__file__).parents[4] / "docs" / "schemas" / "clip-plan.schema.json"


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(PUBLISHED.read_text("utf-8"))


@pytest.fixture(scope="module")
def validator(schema: Any) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def fields() -> dict[str, Any]:
    plan = clip_plan(
        shots=(split(),),
        removals=(Removal(Span(0, 100), "hand"),),
        zooms=(Zoom(Span(500, 900), 1.2),),
    )
    made: dict[str, Any] = json.loads(dump_plan(plan))
    return made


def test_it_is_the_code_s_own(schema: Any) -> None:
    known = {name: value for name, value in schema.items() if not name.startswith("$")}
    assert {**known, "$defs": schema["$defs"]} == plan_schema(), "run scripts/write_schemas.py"


def test_a_plan_we_write_is_valid(validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(fields())) == []


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.plan.json")), ids=lambda path: path.stem)
def test_plans_of_the_first_version_are_valid(validator: Draft202012Validator, path: Path) -> None:
    assert list(validator.iter_errors(json.loads(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", PLAN_VERSION + 1),
        ("version", None),
        ("shots", "none"),
        ("span", {"start_ms": 0}),
        ("frame", {"width": 1080, "height": 1920, "fps": "30/0"}),
        ("frame", {"width": 1080, "height": 1920, "fps": "thirty"}),
    ],
)
def test_what_is_wrong_is_found(validator: Draft202012Validator, name: str, value: object) -> None:
    broken = fields() | {name: value}
    assert list(validator.iter_errors(broken))


@pytest.mark.parametrize("part", [(), ("source",), ("shots", 0), ("removals", 0, "span")])
def test_a_field_there_is_not_is_found_in_every_part(
    validator: Draft202012Validator, part: tuple[Any, ...]
) -> None:
    broken = fields()
    where: Any = broken
    for name in part:
        where = where[name]
    where["spam"] = 1
    assert list(validator.iter_errors(broken))


def test_no_part_takes_fields_it_does_not_name(schema: Any) -> None:
    parts = [schema, *(part for part in schema["$defs"].values() if part["type"] == "object")]
    assert {part["additionalProperties"] for part in parts} == {False}


def test_a_plan_says_its_version(validator: Draft202012Validator) -> None:
    unversioned = fields()
    del unversioned["version"]
    assert list(validator.iter_errors(unversioned))


def test_every_part_is_explained(schema: Any) -> None:
    parts = {name: part for name, part in schema["$defs"].items() if part["type"] == "object"}
    assert [name for name, part in parts.items() if not part.get("description")] == []
