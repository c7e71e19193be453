"""Which tool a model means by a name, and which arguments by an object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.tools.values import ToolSpec

Tools = Mapping[str, ToolSpec]

NAMES = ("name", "tool_name", "tool", "function_name", "function", "action", "recipient_name")
"""Keys that models write a tool's name under, in the order in which they are looked for."""

ARGUMENTS = ("arguments", "parameters", "args", "params", "input", "tool_input", "action_input", "kwargs")
"""Keys that models write arguments under."""

BESIDE = frozenset({*NAMES, *ARGUMENTS, "type", "id", "tool_call_id", "index"})
"""What may stand beside arguments and is none of them."""

_NAME = re.compile(r"\s*(?:call:|:)?(?:(?:functions?|default_api|tools?)[.:])?([\w.\-]+)(?::\d+)?\s*")


def known(name: str, tools: Tools) -> str:
    """The tool that a name stands for, less what some templates put around it."""
    if name in tools:
        return name
    name = name.replace("\\_", "_").strip().strip("\"'`")
    found = _NAME.fullmatch(name)
    bare = found.group(1) if found else name
    return bare if bare in tools or "." not in bare or bare.rpartition(".")[2] not in tools else bare.rpartition(".")[2]


def unwrapped(name: str, arguments: Any, tools: Tools) -> Any:
    """The arguments themselves, where a whole call stands in their place."""
    if not isinstance(arguments, dict) or not arguments or not BESIDE.issuperset(arguments):
        return arguments
    properties = properties_of(name, tools)
    inner = next((arguments[each] for each in ARGUMENTS if each in arguments and each not in properties), None)
    return inner if isinstance(inner, dict) and any(key in arguments for key in NAMES) else arguments


def properties_of(name: str, tools: Tools) -> Mapping[str, Any]:
    """The schemas of a tool's arguments, by name."""
    properties = tools[name].schema.get("properties") if name in tools else None
    return properties if isinstance(properties, Mapping) else {}
