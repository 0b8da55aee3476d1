"""Caption styles by name; each is a JSON file of plain numbers in `styles/`."""

import dataclasses
import importlib.resources
import json
from functools import cache
from typing import Any

from goviral.engine.clips.plans.plan import CaptionStyle
from goviral.kit.errors import InputError

FOLDER = importlib.resources.files("goviral.engine.clips.captions") / "styles"

STYLE_NAMES: tuple[str, ...] = tuple(
    sorted(
        file.name.removesuffix(".json") for file in FOLDER.iterdir() if file.name.endswith(".json")
    )
)
DEFAULT_STYLE = "punch"


@cache
def load_style(name: str) -> CaptionStyle:
    """The style of that name. Raises `InputError` that lists the names there are."""
    if name not in STYLE_NAMES:
        raise InputError(
            f"There is no caption style {name!r}.",
            remedy=f"Choose one of: {', '.join(STYLE_NAMES)}.",
        )
    return parse_style(json.loads((FOLDER / f"{name}.json").read_text("utf-8")), name)


def parse_style(fields: dict[str, Any], name: str) -> CaptionStyle:
    """A style from its JSON fields. Raises `InputError` for a field that is unknown or missing."""
    known = {field.name: field for field in dataclasses.fields(CaptionStyle)}
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise InputError(f"Caption style {name!r} has unknown fields: {', '.join(unknown)}.")
    try:
        return CaptionStyle(**{"name": name, **fields})
    except TypeError as error:
        raise InputError(f"Caption style {name!r} is not complete: {error}.") from error
