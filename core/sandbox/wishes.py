"""What a request asks for beside words: tool calls, a JSON answer, looking at pictures, an early end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.sandbox.dialects import dialect_in, spoken, told_result, told_tools
from core.sandbox.script import Script, last_prompt, text_of
from core.sandbox.shapes import example_of, pictures_in

_PIECE = re.compile(r"\s*\S+")


def granted(script: Script, body: Mapping[str, Any]) -> Script:
    """The script as the rest of the request wants it.

    Tools are called when they have to be, or when the last message is a user's that names them.
    """
    if (written := _written(body)) is not None:
        return replace(script, pieces=tuple(_PIECE.findall(written)), finish_reason="stop")
    if calls := _calls(body):
        return replace(script, pieces=(), calls=calls, finish_reason="tool_calls")
    messages = body["messages"]
    text = script.text
    if (wanted := _json(body.get("response_format"), text)) is not None:
        text = wanted
    elif messages[-1].get("role") == "tool":
        text = f"I am the sandbox. The tool answered: {messages[-1].get('content')}"
    elif pictures := pictures_in(messages):
        text = f"I am the sandbox and see nothing, but {len(pictures)} came: {', '.join(pictures)}.\n\n{text}"
    stops = body.get("stop")
    for stop in [stops] if isinstance(stops, str) else stops or ():
        text = text.partition(stop)[0] if isinstance(stop, str) and stop else text
    if text == script.text:
        return script
    return replace(script, pieces=tuple(_PIECE.findall(text)), finish_reason="stop")


def _written(body: Mapping[str, Any]) -> str | None:
    """What is answered in the words of a model without native tools; None where native calls do."""
    messages = body["messages"]
    prompts = [text_of(message) for message in messages if message.get("role") == "user"]
    last = prompts[-1] if prompts and messages[-1].get("role") == "user" else ""
    if (result := told_result(last)) is not None:
        return f"I am the sandbox. The tool answered: {result}"
    tools = told_tools(messages)
    again = last.startswith("These calls were not made")
    asked = prompts[-2] if again and len(prompts) > 1 else last
    dialect = dialect_in(asked)
    if tools:
        calls = tuple((name, json.dumps(example_of(tools[name]) or {})) for name in tools if name in asked)
    else:
        calls = _calls(body) if dialect else ()
    return spoken("hermes" if again else dialect, calls) if calls else None


def _calls(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name and arguments of the tools to call."""
    choice = body.get("tool_choice", "auto")
    tools = {
        str(tool["function"].get("name")): tool["function"].get("parameters") or {}
        for tool in body.get("tools") or ()
        if isinstance(tool, Mapping) and isinstance(tool.get("function"), Mapping)
    }
    if not tools or choice == "none":
        return ()
    last = body["messages"][-1]
    prompt = last_prompt(body["messages"]) if last.get("role") == "user" else ""
    named = [name for name in tools if name in prompt]
    if isinstance(choice, Mapping):
        named = [name for name in tools if name == (choice.get("function") or {}).get("name")]
    elif choice == "required":
        named = named or list(tools)[:1]
    if body.get("parallel_tool_calls") is False:
        named = named[:1]
    return tuple((name, json.dumps(example_of(tools[name]) or {})) for name in named)


def _json(wanted: Any, text: str) -> str | None:
    if not isinstance(wanted, Mapping):
        return None
    if wanted.get("type") == "json_object":
        return json.dumps({"reply": text})
    if wanted.get("type") == "json_schema" and isinstance(held := wanted.get("json_schema"), Mapping):
        return json.dumps(example_of(held.get("schema") or {}))
    return None
