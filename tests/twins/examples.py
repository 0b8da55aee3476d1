"""The smallest value a JSON schema allows, for requests made by machine."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "uri": "https://example.org/film.mp4",
    "email": "ann@example.org",
    "date-time": "2030-01-01T00:00:00Z",
}
_BY_TYPE: dict[str, Any] = {"boolean": True, "null": None, "array": [], "object": {}}


def example(schema: Mapping[str, Any], document: Mapping[str, Any], ids: Mapping[str, str]) -> Any:
    """Required fields only, but every field whose name is in `ids`, which gives its value."""
    schema = _resolved(schema, document)
    for choice in ("const", "default"):
        if choice in schema:
            return schema[choice]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, document, ids)
    if schema.get("type") == "array":
        least = schema.get("minItems", 0)
        return [example(schema.get("items", {}), document, ids) for _ in range(least)]
    return _plain(schema)


def _object(
    schema: Mapping[str, Any], document: Mapping[str, Any], ids: Mapping[str, str]
) -> dict[str, Any]:
    made = {}
    for name, inner in schema.get("properties", {}).items():
        if name in ids:
            made[name] = ids[name]
        elif name in schema.get("required", ()):
            made[name] = example(inner, document, ids)
    return made


def _plain(schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "string")
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "string":
        text = _BY_FORMAT.get(schema.get("format", ""), "a")
        return text.ljust(schema.get("minLength", 0), "a")
    return _BY_TYPE[kind]


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in schema or "oneOf" in schema:
            options = schema.get("anyOf") or schema["oneOf"]
            schema = next((one for one in options if one.get("type") != "null"), options[0])
        elif "allOf" in schema:
            schema = schema["allOf"][0]
        else:
            return schema
