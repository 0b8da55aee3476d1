"""The style packs of stills; each is a JSON file of plain numbers beside this one."""

import importlib.resources
import json
from dataclasses import dataclass
from typing import Any

from goviral.engine.clips.captions.styles import parse_style
from goviral.engine.clips.plans.plan import ThumbnailStyle
from goviral.kit.errors import InputError

FOLDER = importlib.resources.files("goviral.engine.clips.thumbnails.packs")


@dataclass(frozen=True, slots=True)
class Pack:
    """A look to choose by its short name; `label` and `description` are for people."""

    name: str
    label: str
    description: str
    style: ThumbnailStyle


def _read(name: str) -> Pack:
    fields: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    label, description, title = (fields.pop(key) for key in ("label", "description", "title"))
    style = ThumbnailStyle(name=name, title=parse_style(title, name), **fields)
    return Pack(name, label, description, style)


STYLES: dict[str, Pack] = {name: _read(name) for name in ("S1", "S2", "S3", "S4")}
DEFAULT_PACKS = ("S1", "S4")


def find_pack(name: str) -> Pack:
    """The pack of that name, however it is cased. Raises `InputError` that lists those there are."""
    pack = STYLES.get(name.strip().upper())
    if pack is None:
        raise InputError(
            f"There is no thumbnail style {name!r}.",
            remedy=f"Choose one of: {', '.join(STYLES)}, or none.",
        )
    return pack
