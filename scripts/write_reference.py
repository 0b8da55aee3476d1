"""Write `docs/settings.md` and `deploy/env.example` from the settings; `--check` fails when one is old."""

import json
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
EXAMPLE = PAGE.parent.parent / "deploy" / "env.example"
EXAMPLE_HEAD = """# Copy to .env. Made by scripts/write_reference.py: every setting there is, with its default.

# deploy/compose.yaml needs these; `openssl rand -hex 32` makes a good one.
POSTGRES_PASSWORD=
JWT_SECRET=
GOVIRAL_SEALING_KEYS=
AWS_ACCESS_KEY_ID=
AWS_SECRET_ACCESS_KEY=
# Where browsers and the service both reach the bucket: links lead there.
#S3_ENDPOINT_URL=http://minio:9000
"""


def main() -> int:
    """Write both, or compare them."""
    found = list(settings(Settings))
    wanted = {
        PAGE: HEAD + "".join(f"{row(*one)}\n" for one in found),
        EXAMPLE: EXAMPLE_HEAD + "".join(line(*one) for one in found),
    }
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    old = [path for path, text in wanted.items() if not is_same(path, text)]
    for path in old:
        print(f"{path.name} is old: run scripts/write_reference.py")
    return 1 if old else 0


def is_same(path: Path, text: str) -> bool:
    """Whether the file says just that."""
    return path.exists() and path.read_text(encoding="utf-8") == text


def settings(kind: type[BaseSettings]) -> Iterator[tuple[list[str], str, FieldInfo]]:
    """Every setting: the names it answers to, its field's name, the field; groups are walked into."""
    prefix = str(kind.model_config.get("env_prefix") or "")
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            yield from settings(field.annotation)
        else:
            yield variables(name, field, prefix), name, field


def row(names: list[str], name: str, field: FieldInfo) -> str:
    """A row of the page."""
    shown = ", ".join(f"`{one}`" for one in names)
    return f"| {shown} | {default(name, field)} | {field.description} |"


def line(names: list[str], name: str, field: FieldInfo) -> str:
    """Its lines in the example."""
    is_plain = field.default_factory is None and field.default not in (None, PydanticUndefined, "")
    value = shown_value(field.default) if is_plain else ""
    return f"\n# {field.description}\n#{names[0]}={value}\n"


def variables(name: str, field: FieldInfo, prefix: str) -> list[str]:
    """The names a setting answers to."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [str(alias or (prefix + name).upper())]


def default(name: str, field: FieldInfo) -> str:
    """The default as a person would write it."""
    if field.default_factory is not None:
        return f"the user's {name.removesuffix('_dir')} folder"
    if field.default in (None, PydanticUndefined):
        return "unset"
    return f"`{shown_value(field.default)}`"


def shown_value(value: object) -> str:
    """A default as the environment would write it."""
    return json.dumps(sorted(value)) if isinstance(value, frozenset) else str(value)


if __name__ == "__main__":
    sys.exit(main())
