"""Write `docs/settings.md` from the settings themselves; `--check` fails when the page is old."""

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from goviral.kit.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable; none is needed. This page is made by
`scripts/write_reference.py` from the code.

| variable | default | meaning |
|---|---|---|
"""


def main() -> int:
    """Write the page, or compare it."""
    page = HEAD + "".join(f"{row}\n" for row in rows(Settings))
    if "--check" in sys.argv:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        if not same:
            print(f"{PAGE.name} is old: run scripts/write_reference.py")
        return 0 if same else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


def rows(kind: type[BaseSettings]) -> Iterator[str]:
    """One table row a setting; groups are walked into."""
    prefix = str(kind.model_config.get("env_prefix") or "")
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            yield from rows(field.annotation)
        else:
            yield f"| {variables(name, field, prefix)} | {default(name, field)} | {field.description} |"


def variables(name: str, field: FieldInfo, prefix: str) -> str:
    """The names a setting answers to."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return ", ".join(f"`{choice}`" for choice in alias.choices)
    return f"`{alias or (prefix + name).upper()}`"


def default(name: str, field: FieldInfo) -> str:
    """The default as a person would write it."""
    if field.default_factory is not None:
        return f"the user's {name.removesuffix('_dir')} folder"
    if field.default in (None, PydanticUndefined):
        return "unset"
    return f"`{field.default}`"


if __name__ == "__main__":
    sys.exit(main())
