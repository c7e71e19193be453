"""What the readers of tool calls pass to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that a model may call. `schema` is the JSON schema of its arguments, an object's."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A call that stood in a model's text; its arguments as the model wrote them, not yet held against a schema."""

    name: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Markup of a call that can't be read, and why: words to ask again with."""

    why: str


Item = str | ReadCall | Unreadable
"""Visible text, or what stood in the text in the place of it."""


def specs_of(tools: Iterable[Any]) -> dict[str, ToolSpec]:
    """The functions among OpenAI's `tools`, by name."""
    found: dict[str, ToolSpec] = {}
    for tool in tools:
        function = tool.get("function") if isinstance(tool, Mapping) else None
        if isinstance(function, Mapping) and isinstance(name := function.get("name"), str):
            schema = function.get("parameters")
            described = str(function.get("description") or "")
            found[name] = ToolSpec(name, described, schema if isinstance(schema, Mapping) else {})
    return found
