"""Which tools a prompt wishes to be called with which arguments, one step after another."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.sandbox.dialects import told_result
from core.sandbox.script import text_of

Call = tuple[str, str]
"""A tool's name, and arguments as JSON."""

_ORDER = re.compile(r"\[\[(call|next):\s*([\w-]+)(.*?)\]\]", re.DOTALL)
_SUM = re.compile(r"\bcalculate\s+([-+*/%^!().,\d\s]*\d[-+*/%^!().,\d\s]*)", re.IGNORECASE)
_GAVE = "$result"
ASKED_AGAIN = "These calls were not made"


def wished(messages: Sequence[Mapping[str, Any]], tools: Collection[str]) -> tuple[Call, ...]:
    """The calls that the last prompt wishes for now; empty when there are none, or none are left to make."""
    place, prompt = _last_prompt(messages)
    steps = _steps(prompt, tools)
    made = sum(1 for message in messages[place + 1 :] if _is_step(message))
    if made >= len(steps):
        return ()
    gave = json.dumps(results(messages) or told_result(text_of(messages[-1])) or "")[1:-1]
    return tuple((name, arguments.replace(_GAVE, gave)) for name, arguments in steps[made])


def results(messages: Sequence[Mapping[str, Any]]) -> str:
    """What came back from the last step, as one text."""
    found: list[str] = []
    for message in reversed(messages):
        if message.get("role") != "tool":
            break
        found.insert(0, str(message.get("content")))
    return "; ".join(found)


def _steps(prompt: str, tools: Collection[str]) -> list[list[Call]]:
    steps: list[list[Call]] = []
    for order, name, arguments in _ORDER.findall(prompt):
        if order == "next" or not steps:
            steps.append([])
        steps[-1].append((name, arguments.strip() or "{}"))
    if not steps and "calculator" in tools and (found := _SUM.search(prompt)):
        steps.append([("calculator", json.dumps({"expression": found.group(1).strip()}))])
    return steps


def _last_prompt(messages: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """Where the last user message stands that a person wrote, and its text."""
    for place in range(len(messages) - 1, -1, -1):
        text = text_of(messages[place])
        if messages[place].get("role") == "user" and told_result(text) is None and not text.startswith(ASKED_AGAIN):
            return place, text
    return -1, ""


def _is_step(message: Mapping[str, Any]) -> bool:
    """Whether a message says that a step was made: calls of the model, or what came of calls in words."""
    return bool(message.get("tool_calls")) or (
        message.get("role") == "user" and told_result(text_of(message)) is not None
    )
