"""Answers as JSON: whether a request wants one, and whether it is for a chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.sandbox.directives import Scope
from core.sandbox.script import last_prompt, text_of

CHART = re.compile(r"chart|graph|plot|diagram", re.IGNORECASE)
"""What tools and schemas of charts are called."""
_JSON = re.compile(r"\bJSON\b")


def scope_of(body: Mapping[str, Any]) -> Scope:
    """Whether a chat's answer is words, or what a chart is to be drawn of.

    It is a chart's where a tool of such a name must be used, or is named; or where a chart's JSON is asked for.
    """
    choice, wanted = body.get("tool_choice"), body.get("response_format")
    tools = [str((tool.get("function") or {}).get("name")) for tool in _objects(body.get("tools"))]
    forced = ""
    if isinstance(choice, Mapping):
        forced = str((choice.get("function") or {}).get("name"))
    elif choice == "required" and len(tools) == 1:
        forced = tools[0]
    if isinstance(wanted, Mapping) and str(wanted.get("type", "")).startswith("json"):
        forced += f" {wanted.get('json_schema')}"
    if CHART.search(forced):
        return Scope.CHART
    prompt = last_prompt(body["messages"])
    if any(CHART.search(name) and name in prompt for name in tools):
        return Scope.CHART
    first = body["messages"][0]
    said = [text_of(first)] if first.get("role") == "system" else []
    told = "\n".join([*said, prompt])
    return Scope.CHART if not tools and _JSON.search(told) and CHART.search(told) else Scope.TEXT


def _objects(values: Any) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
