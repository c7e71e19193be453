"""Holds a call that was read from text against its tool's schema; what is meant well enough is set right."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.tools.broken_json import NotJsonError, read_json
from core.tools.values import ReadCall, ToolSpec, Unreadable

_INTEGER = re.compile(r"\s*[+-]?\d{1,300}\s*")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*")
_DEEPEST = 50
_KEPT = 20_000  # characters of a schema whose validator is kept for the next call
_IS_LOADED = threading.Event()


@dataclass(frozen=True, slots=True)
class SoundCall:
    """A call of a tool that there is, with arguments that its schema allows."""

    name: str
    arguments: Mapping[str, Any]

    def json(self) -> str:
        """The arguments as JSON."""
        return json.dumps(self.arguments, ensure_ascii=False)


def load() -> None:
    """Import what checks schemas, which may take seconds (its optional parts do): call it off an event loop."""
    import jsonschema  # noqa: F401

    _IS_LOADED.set()


async def loaded() -> None:
    """Come back once it is imported."""
    if not _IS_LOADED.is_set():
        await asyncio.to_thread(load)


def checked(call: ReadCall | Unreadable, tools: Mapping[str, ToolSpec]) -> SoundCall | str:
    """The call as it may be made; else what is wrong with it, in words that a model can act on."""
    if isinstance(call, Unreadable):
        return call.why
    tool = tools.get(call.name)
    if tool is None:
        return f"There is no tool {call.name!r}. The tools are: {', '.join(sorted(tools))}."
    schema = {"type": "object", **tool.schema}
    arguments = _fitted({} if call.arguments in (None, "") else call.arguments, schema, schema)
    if not isinstance(arguments, dict):
        return f"The arguments of {call.name} are no JSON object."
    if wrong := _wrong(arguments, schema):
        return f"The arguments of {call.name} do not fit its schema: {wrong}"
    return SoundCall(call.name, arguments)


def _wrong(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The first things wrong; empty when all is well, or when the schema itself can't be used: then nobody knows."""
    # Imported when the first call is checked: it takes a tenth of a second, and most processes never check one.
    from jsonschema import SchemaError, ValidationError
    from referencing.exceptions import Unresolvable

    def words(error: ValidationError) -> str:
        where = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in error.absolute_path)
        return f"{where.lstrip('.') or 'the object'}: {error.message[:300]}"

    try:
        text = json.dumps(schema)
        validator = _validator(text) if len(text) <= _KEPT else _validator.__wrapped__(text)
        found = sorted(validator.iter_errors(arguments), key=lambda error: list(map(str, error.path)))
    except (SchemaError, Unresolvable, RecursionError, re.error, TypeError, ValueError):
        return ""
    return "; ".join(words(error) for error in found[:5])


@lru_cache(maxsize=128)
def _validator(schema: str) -> Any:
    """What checks arguments against this schema, in JSON: it takes 4 ms to make, most of them to check the schema."""
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY  # the default one fetches what a $ref names

    held = json.loads(schema)
    Draft202012Validator.check_schema(held)
    return Draft202012Validator(_less_patterns(held), registry=EMPTY_REGISTRY)


def _less_patterns(schema: Any, depth: int = 0) -> Any:
    """A schema without its patterns: whoever writes one could have a process search for ever."""
    if isinstance(schema, list):
        return [_less_patterns(each, depth + 1) for each in schema]
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return schema
    dropped = {"pattern"} if isinstance(schema.get("pattern"), str) else set()
    if "patternProperties" in schema:
        dropped |= {"patternProperties", "additionalProperties"}
    return {key: _less_patterns(held, depth + 1) for key, held in schema.items() if key not in dropped}


def _fitted(value: Any, schema: Any, root: Mapping[str, Any], depth: int = 0) -> Any:
    """The value as its schema wants it, where only its form is wrong."""
    schema = _resolved(schema, root)
    if depth > _DEEPEST or not isinstance(schema, Mapping):
        return value
    kinds = _kinds(schema, root)
    if isinstance(value, str) and "string" not in kinds:
        value = _from_text(value, kinds)
    elif isinstance(value, float) and "integer" in kinds and "number" not in kinds and value.is_integer():
        value = int(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and kinds == {"string"}:
        value = str(value)
    if isinstance(value, dict):
        properties = schema.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        left_out = {key for key, held in value.items() if held is None and _is_left_out(key, schema, known, root)}
        return {
            key: _fitted(held, known.get(key), root, depth + 1) for key, held in value.items() if key not in left_out
        }
    if isinstance(value, list):
        return [_fitted(held, schema.get("items"), root, depth + 1) for held in value]
    return value


def _is_left_out(key: str, schema: Mapping[str, Any], known: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Whether null can only mean that an argument was not given."""
    required = schema.get("required")
    own = _resolved(known.get(key), root)
    if key not in known or not isinstance(own, Mapping) or (isinstance(required, list) and key in required):
        return False
    return bool(own.get("type") or own.get("anyOf")) and "null" not in _kinds(own, root)


def _from_text(text: str, kinds: set[str]) -> Any:  # noqa: PLR0911 one for each kind
    if "integer" in kinds and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in kinds and _NUMBER.fullmatch(text):
        return float(text) if re.search(r"[.eE]", text) else int(text[:300])
    if "boolean" in kinds and text.strip().lower() in {"true", "false"}:
        return text.strip().lower() == "true"
    if "null" in kinds and text.strip().lower() in {"null", "none"}:
        return None
    if kinds & {"object", "array"} and text.lstrip()[:1] in {"{", "[", '"', "\\"}:
        try:
            read = read_json(text)[0]
            return read_json(read)[0] if isinstance(read, str) else read  # written as a text twice
        except NotJsonError:
            return text
    return text


def _kinds(schema: Mapping[str, Any], root: Mapping[str, Any]) -> set[str]:
    """The types that a schema names; `string` among them where it names none, so that a text stays one."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return {kind}
    if isinstance(kind, list):
        return {str(each) for each in kind}
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list):
        return {
            each for choice in choices if isinstance(choice, Mapping) for each in _kinds(_resolved(choice, root), root)
        }
    return {"string"}


def _resolved(schema: Any, root: Mapping[str, Any]) -> Any:
    """What a local `$ref` stands for."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    found: Any = root
    for name in reference[2:].split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
