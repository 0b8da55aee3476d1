"""The published schema of brand files is the one they are read by, and the example of the page is one."""

import json
import re
from pathlib import Path

from goviral.engine.clips.brand.brand_file import BrandFile

DOCS = Path(__file__).parents[4] / "docs"


def test_the_published_schema_is_the_one_in_force() -> None:
    schema = json.loads((DOCS / "schemas" / "brand.schema.json").read_text("utf-8"))
    head = {key: schema.pop(key) for key in ("$schema", "$id")}
    assert head["$id"] == "brand.schema.json"
    assert schema == BrandFile.model_json_schema(by_alias=True, mode="validation"), (
        "run scripts/write_schemas.py"
    )


def test_the_example_of_the_page_is_a_brand() -> None:
    page = (DOCS / "brand.md").read_text("utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert BrandFile.model_validate(json.loads(example[1])).name == "Lantern"


def test_every_field_is_on_the_page() -> None:
    page = (DOCS / "brand.md").read_text("utf-8")
    fields = set(BrandFile.model_fields) - {"schema_"}
    for part in ("Fonts", "Colors", "Mark", "CaptionOptions"):
        schema = BrandFile.model_json_schema()["$defs"][part]["properties"]
        fields |= set(schema)
    missing = sorted(
        field for field in fields if f"`{field}`" not in page and f'"{field}"' not in page
    )
    assert missing == []
