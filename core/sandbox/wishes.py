"""What a request asks for beside words: tool calls, a JSON answer, looking at pictures, an early end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.sandbox.calls import ASKED_AGAIN, results, wished
from core.sandbox.dialects import dialect_in, spoken, told_result, told_tools
from core.sandbox.script import Script, last_prompt, text_of
from core.sandbox.shapes import example_of, pictures_in, sounds_in
from core.sandbox.sounds import hear

_SAY = re.compile(r"\[\[say:(.*?)\]\]", re.DOTALL)
_PIECE = re.compile(r"\s*\S+")


def granted(script: Script, body: Mapping[str, Any]) -> Script:
    """The script as the rest of the request wants it.

    Tools are called when they have to be, when the last message is a user's that names them, or as it wishes.
    """
    if (written := _written(body)) is not None:
        return replace(script, pieces=tuple(_PIECE.findall(written)), finish_reason="stop")
    messages = body["messages"]
    if calls := _calls(body):
        said = script.pieces if "[[say:" in text_of(messages[-1]) else ()
        return replace(script, pieces=said, calls=calls, finish_reason="tool_calls")
    text = script.text
    if (wanted := _json(body.get("response_format"), text)) is not None:
        text = wanted
    elif messages[-1].get("role") == "tool":
        text = f"I am the sandbox. The tool answered: {results(messages)}"
    elif sounds := sounds_in(messages):
        text = f"I am the sandbox and heard: {'; '.join(hear(sound)[0] for sound in sounds)}\n\n{text}"
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
    tools = told_tools(messages)
    again = last.startswith(ASKED_AGAIN)
    if tools and (wanted := wished(messages, tools)):
        before = "" if again or told_result(last) is not None else _said(last)
        return before + spoken("hermes" if again else dialect_in(last), wanted)
    if (result := told_result(last)) is not None:
        return f"I am the sandbox. The tool answered: {result}"
    asked = prompts[-2] if again and len(prompts) > 1 else last
    dialect = dialect_in(asked)
    if tools:
        calls = tuple((name, json.dumps(example_of(tools[name]) or {})) for name in tools if name in asked)
    else:
        calls = _calls(body) if dialect else ()
    return spoken("hermes" if again else dialect, calls) if calls else None


def _said(prompt: str) -> str:
    found = _SAY.search(prompt)
    return f"{found.group(1)}\n" if found else ""


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
    if wanted := wished(body["messages"], tools):
        return wanted
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
