"""Untrusted JSON tamed field by field. Pure."""

from collections.abc import Mapping
from typing import Any


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else is in it, or no list at all, is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A string as it is, anything else as nothing."""
    return value if isinstance(value, str) else ""


def number_of(value: Any) -> float | None:
    """A number, also one written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def first_of(row: Mapping[str, Any], *keys: str) -> Any:
    """The value of the first key that is there."""
    return next((row[key] for key in keys if key in row), None)
