"""Values that a JSON schema allows, always the same ones: for tool calls and structured answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

_DEEPEST = 8
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "sandbox@example.org",
    "uri": "https://example.org",
}


def example_of(schema: Any, root: Any = None, depth: int = 0) -> Any:  # noqa: PLR0911 one for each kind
    """A value for `schema`: its default, constant, first choice, or the least that its type asks for.

    Knows what structured outputs allow (objects, arrays, numbers, texts, enums, `anyOf`, local `$ref`); patterns are
    not looked at.
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if choices := schema.get("enum"):
        return choices[0]
    if isinstance(reference := schema.get("$ref"), str):
        return example_of(at(root, reference), root, depth + 1)
    if other := (schema.get("anyOf") or schema.get("oneOf")):
        return example_of(other[0], root, depth + 1)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    match kind or ("object" if "properties" in schema else "string"):
        case "object":
            properties = schema.get("properties") or {}
            return {name: example_of(inner, root, depth + 1) for name, inner in properties.items()}
        case "array":
            return [example_of(schema.get("items"), root, depth + 1)] * max(int(schema.get("minItems", 1)), 1)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema)


def sounds_in(messages: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The sounds of the last user message."""
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    parts = said[-1] if said and isinstance(said[-1], list) else []
    held = [
        part.get("input_audio") for part in parts if isinstance(part, Mapping) and part.get("type") == "input_audio"
    ]
    found = []
    for each in held:
        try:
            found.append(base64.b64decode(str(each.get("data")), validate=True) if isinstance(each, Mapping) else b"")
        except (binascii.Error, ValueError):
            found.append(b"")
    return found


def _number(schema: Mapping[str, Any]) -> Any:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None:
        return low + 1 if "exclusiveMinimum" in schema else low
    return min(high - 1 if "exclusiveMaximum" in schema else high, 1) if high is not None else 1


def _text(schema: Mapping[str, Any]) -> str:
    text = _FORMATS.get(str(schema.get("format")), "sandbox")
    text += "." * max(int(schema.get("minLength", 0)) - len(text), 0)
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text


def at(root: Any, reference: str) -> Any:
    """What a local reference of a schema means."""
    found = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(name) if isinstance(found, Mapping) and name else found
    return found
