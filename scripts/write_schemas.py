"""Write the JSON Schemas of the contract, plans and brands to `docs/schemas/`; `--check`: are they old?"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from goviral.engine.clips.brand.brand_file import BrandFile
from goviral.engine.clips.plans.plan_json import plan_schema
from goviral.engine.moments.contract import ProcessRequest, ServiceResult

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
PLAN = "clip-plan.schema.json"
BRAND = "brand.schema.json"
SHAPES: dict[str, type[BaseModel]] = {
    "process_request": ProcessRequest,
    "service_result": ServiceResult,
}


def schema_of(name: str) -> str:
    """The schema as text: snake_case names, as they are written by default."""
    mode = "validation" if name == "process_request" else "serialization"
    return text_of(f"{name}.json", SHAPES[name].model_json_schema(by_alias=False, mode=mode))


def text_of(file_name: str, schema: dict[str, Any]) -> str:
    """The schema under its own name."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": file_name}
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"


def texts() -> dict[str, str]:
    """Every schema by its file name."""
    contract = {f"{name}.json": schema_of(name) for name in SHAPES}
    brand = BrandFile.model_json_schema(by_alias=True, mode="validation")
    return {**contract, PLAN: text_of(PLAN, plan_schema()), BRAND: text_of(BRAND, brand)}


def main() -> int:
    old = []
    for name, text in texts().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        old.append(path.name)
        if "--check" not in sys.argv:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv and old:
        print(f"old: {', '.join(old)}: run python scripts/write_schemas.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
