"""Example values for the schemas of a document: the given ones where there are any, plausible ones elsewhere."""

from collections.abc import Mapping
from typing import Any, Final

_FORMATS: Final[Mapping[str, str]] = {
    "uuid": "0190b8a4-7c1e-7d3a-9f53-2b8f1c9d4e10",
    "date-time": "2026-03-02T09:00:00Z",
    "date": "2026-03-02",
    "time": "09:00:00",
    "duration": "PT50M",
    "byte": "TWluZEx5ZmU=",
}
_SIMPLE: Final[Mapping[str, Any]] = {"string": "text", "boolean": True, "null": None, "number": 1.5}
_DEEPEST: Final = 6


def example(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits `schema`, as far as a pattern does not ask for more."""
    match schema:
        case {"$ref": reference}:
            value = example(components[reference.rpartition("/")[2]], components, depth + 1)
        case {"examples": [value, *_]} | {"enum": [value, *_]} | {"const": value}:
            pass
        case {"anyOf": [first, *_]}:
            value = example(first, components, depth)
        case {"type": "object"}:
            fields: Mapping[str, Any] = schema.get("properties", {})
            value = {name: example(field, components, depth + 1) for name, field in fields.items()}
        case {"type": "array", "items": items}:
            value = [example(items, components, depth + 1)] if depth < _DEEPEST else []
        case {"type": "array"}:
            value = []
        case {"type": "integer"}:
            value = max(1, schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case _:
            value = _FORMATS.get(schema.get("format", ""), _SIMPLE.get(schema.get("type", "")))
    return value.ljust(schema.get("minLength", 0), "x") if isinstance(value, str) else value
