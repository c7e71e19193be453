"""Fields for the arguments of a tool, made of its JSON schema; what has no field of its own is written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import GearboxError

MOST_FIELDS = 40
_LONG = 200


class FieldKind(StrEnum):
    """What a person fills in."""

    TEXT = "text"
    LONG_TEXT = "long text"
    WHOLE = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    LINES = "a line each"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Field:
    """One argument. `default` is None where the schema has none; `choices` are for CHOICE."""

    name: str
    kind: FieldKind
    is_needed: bool
    description: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of an object's schema, in its order. A schema may come from anybody: what can't be read is JSON."""
    properties = schema.get("properties")
    needed = schema.get("required")
    needed = needed if isinstance(needed, list) else []
    if not isinstance(properties, Mapping):
        return []
    return [
        _field(str(name), _resolved(each, schema), name in needed, schema)
        for name, each in list(properties.items())[:MOST_FIELDS]
    ]


def arguments(fields: Sequence[Field], filled: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that were filled in; empty fields that are not needed are left out.

    Raises:
        GearboxError: a field holds what it can't.
    """
    found: dict[str, Any] = {}
    for field in fields:
        value = filled.get(field.name)
        if value is None or (value == "" and not field.is_needed):
            continue
        if field.kind is FieldKind.JSON:
            if not str(value).strip():
                continue
            try:
                value = json.loads(str(value))
            except ValueError:
                remedy = "Write text in double quotes, lists in brackets."
                raise GearboxError(f"{field.name} is not JSON.", remedy) from None
        elif field.kind is FieldKind.LINES:
            value = [line for line in str(value).splitlines() if line.strip()]
        elif field.kind is FieldKind.WHOLE:
            value = int(value)
        found[field.name] = value
    return found


def _field(name: str, schema: Mapping[str, Any], is_needed: bool, root: Mapping[str, Any]) -> Field:
    kind, choices = _kind(schema, root)
    described = schema.get("description")
    default = schema.get("default")
    if default is not None and kind in {FieldKind.JSON, FieldKind.LINES}:
        listed = isinstance(default, list) and kind is FieldKind.LINES
        default = "\n".join(map(str, default)) if listed else json.dumps(default, ensure_ascii=False)
    numeric = kind in {FieldKind.NUMBER, FieldKind.WHOLE}
    return Field(
        name,
        kind,
        is_needed,
        described if isinstance(described, str) else "",
        _default(kind, default, choices),
        choices,
        _number(schema.get("minimum")) if numeric else None,
        _number(schema.get("maximum")) if numeric else None,
    )


def _kind(schema: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[FieldKind, tuple[str, ...]]:
    choices = schema.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(each, str) for each in choices):
        return FieldKind.CHOICE, tuple(choices)
    kind = schema.get("type")
    items = schema.get("items")
    if kind == "array" and isinstance(items, Mapping) and _resolved(items, root).get("type") == "string":
        return FieldKind.LINES, ()
    if kind == "string":
        longest = schema.get("maxLength")
        return (FieldKind.LONG_TEXT if isinstance(longest, int) and longest > _LONG else FieldKind.TEXT), ()
    plain = {"integer": FieldKind.WHOLE, "number": FieldKind.NUMBER, "boolean": FieldKind.YES_NO}
    return plain.get(kind, FieldKind.JSON) if isinstance(kind, str) else FieldKind.JSON, ()


def _default(kind: FieldKind, default: Any, choices: tuple[str, ...]) -> Any:
    fits = {
        FieldKind.WHOLE: lambda: isinstance(default, int) and not isinstance(default, bool),
        FieldKind.NUMBER: lambda: isinstance(default, int | float) and not isinstance(default, bool),
        FieldKind.YES_NO: lambda: isinstance(default, bool),
        FieldKind.CHOICE: lambda: default in choices,
    }
    return default if fits.get(kind, lambda: isinstance(default, str))() else None


def _number(value: Any) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53 else None
    )


def _resolved(schema: Any, root: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """A schema without a local reference, and without the choice of being null."""
    if not isinstance(schema, Mapping) or depth > 5:
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        found: Any = root
        for part in reference[2:].split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        return {**_resolved(found, root, depth + 1), **beside}
    either = schema.get("anyOf")
    if isinstance(either, list):
        real = [each for each in either if isinstance(each, Mapping) and each.get("type") != "null"]
        if len(real) == 1:
            beside = {name: value for name, value in schema.items() if name != "anyOf"}
            return {**_resolved(real[0], root, depth + 1), **beside}
    return schema
