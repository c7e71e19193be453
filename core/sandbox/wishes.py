"""What a request asks for beside words: tool calls, a JSON answer, looking at pictures, an early end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.sandbox.calls import ASKED_AGAIN, results, wished
from core.sandbox.captions import pictures_in
from core.sandbox.dialects import dialect_in, spoken, told_result, told_tools
from core.sandbox.directives import Fault
from core.sandbox.figures import remarks, table_in
from core.sandbox.filling import filled
from core.sandbox.plausible import describes
from core.sandbox.script import HANDED_ON, Script, last_prompt, text_of
from core.sandbox.shapes import sounds_in
from core.sandbox.sounds import hear
from core.sandbox.structured import CHART

_SAY = re.compile(r"\[\[say:(.*?)\]\]", re.DOTALL)
_PIECE = re.compile(r"\s*\S+")


def granted(script: Script, body: Mapping[str, Any]) -> Script:
    """The script as the rest of the request wants it.

    Tools are called when they have to be, when the last message is a user's that names them, or as it wishes. An answer
    that is to be empty stays empty.
    """
    if script.fault is Fault.EMPTY:
        return script
    if (written := _written(body)) is not None:
        return replace(script, pieces=tuple(_PIECE.findall(written)), finish_reason="stop")
    messages = body["messages"]
    if calls := _calls(body):
        said = script.pieces if "[[say:" in text_of(messages[-1]) else ()
        return replace(script, pieces=said, calls=calls, finish_reason="tool_calls")
    text = script.text
    if (wanted := _json(body.get("response_format"), text, messages)) is not None:
        text = wanted
    elif messages[-1].get("role") == "tool":
        text = f"I am the sandbox. The tool answered: {results(messages)}{_shown(messages)}"
    elif sounds := sounds_in(messages):
        text = f"I am the sandbox and heard: {'; '.join(hear(sound)[0] for sound in sounds)}\n\n{text}"
    elif (pictures := pictures_in(messages)) and _meant(messages, len(pictures)):
        came = f"I am the sandbox and see nothing, but {len(pictures)} came: {'; '.join(pictures)}."
        text = came if describes(last_prompt(messages)) else f"{came}\n\n{text}"
    stops = body.get("stop")
    for stop in [stops] if isinstance(stops, str) else stops or ():
        text = text.partition(stop)[0] if isinstance(stop, str) and stop else text
    if text == script.text:
        return script
    return replace(script, pieces=tuple(_PIECE.findall(text)), finish_reason="stop")


def _meant(messages: Sequence[Mapping[str, Any]], count: int) -> bool:
    """Whether pictures are spoken of, or came with the prompt: those of earlier answers come along always."""
    prompt = last_prompt(messages)
    return describes(prompt) or count > len(HANDED_ON.findall(prompt))


def _shown(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the numbers say that a chart was just drawn of."""
    asked: Mapping[str, Any] = next((each for each in reversed(messages) if each.get("tool_calls")), {})
    for call in asked.get("tool_calls") or ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or not CHART.search(str(function.get("name"))):
            continue
        try:
            table = json.loads(str(function.get("arguments"))).get("table")
            lines = [table["columns"], *table["rows"]]
            found = table_in("\n".join("|".join(map(str, line)) for line in lines))
        except (ValueError, AttributeError, LookupError, TypeError):
            continue
        if found:
            return f" {remarks(found)}"
    return ""


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
        calls = tuple((name, json.dumps(filled(tools[name], messages) or {})) for name in tools if name in asked)
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
    return tuple((name, json.dumps(filled(tools[name], body["messages"]) or {})) for name in named)


def _json(wanted: Any, text: str, messages: Sequence[Mapping[str, Any]]) -> str | None:
    if not isinstance(wanted, Mapping):
        return None
    if wanted.get("type") == "json_object":
        return json.dumps({"reply": text})
    if wanted.get("type") == "json_schema" and isinstance(held := wanted.get("json_schema"), Mapping):
        return json.dumps(filled(held.get("schema") or {}, messages))
    return None
