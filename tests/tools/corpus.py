"""Messy outputs: each dialect with each fault that suits it, between words for people; and texts that call nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.sandbox.dialects import DIALECTS
from core.tools.values import ToolSpec

TEXT = {"type": "string"}
TOOLS = {
    "get_weather": ToolSpec(
        "get_weather",
        "",
        {"type": "object", "properties": {"city": TEXT, "days": {"type": "integer"}}, "required": ["city"]},
    ),
    "search": ToolSpec("search", "", {"type": "object", "properties": {"query": TEXT, "tags": {"type": "array"}}}),
}
Call = tuple[str, dict[str, Any]]
WEATHER: Call = ("get_weather", {"city": "Rome", "days": 3})
ACCENTS: Call = ("get_weather", {"city": "São Paulo 東京"})
NESTED: Call = ("search", {"query": 'say "hi" {now} [x]', "tags": ["a", "b"]})
MARKED: Call = ("search", {"query": "what is <b>bold</b> & 1 < 2?"})


@dataclass(frozen=True)
class Case:
    """An output, what it calls, and what of it is for people (blanks at the ends and beside calls don't count)."""

    name: str
    text: str
    calls: tuple[Call, ...]
    visible: str


def _json_faults() -> dict[str, Callable[[str], str]]:
    return {
        "single quotes": lambda text: text.replace('"', "'"),
        "trailing commas": lambda text: text.replace("}", ",}"),
        "smart quotes": _smart,
        "a comment": lambda text: text.replace('"city"', '/* where */ "city"'),
        "escaped twice": lambda text: text.replace('"', '\\"'),
        "blanks": lambda text: text.replace(":", " :\n "),
        "days as text": lambda text: text.replace(": 3", ': "3"'),
        "a brace missing": lambda text: text.removesuffix("}"),
    }


def _smart(text: str) -> str:
    made, opens = [], True
    for char in text:
        made.append(("“" if opens else "”") if char == '"' else char)
        opens = opens != (char == '"')
    return "".join(made)


FRAMES = {
    "hermes": "<tool_call>\n{}\n</tool_call>",
    "tight": "<tool_call>{}</tool_call>",
    "list": "<tool_calls>[{}]</tool_calls>",
    "nested": "<tool_calls>\n<tool_call>{}</tool_call>\n</tool_calls>",
    "one function": "<function_call>{}</function_call>",
    "fence": "```json\n{}\n```",
    "plain fence": "```\n{}\n```",
    "tool_call fence": "```tool_call\n{}\n```",
    "python tag": "<|python_tag|>{}<|eom_id|>",
    "mistral": "[TOOL_CALLS][{}]",
}
KEYS = (("name", "arguments"), ("name", "parameters"), ("tool", "input"))
CALLS: dict[str, tuple[Call, ...]] = {
    "plain": (WEATHER,),
    "accents": (ACCENTS,),
    "nested": (NESTED,),
    "marked": (MARKED,),
    "two": (WEATHER, NESTED),
}
ANSWERS = (
    'Here it is:\n```json\n{"name": "Bob", "age": 3}\n```\nDone.',
    '{"answer": 42, "why": ["a", "b"]}',
    "Use `<tool_call>` or `[TOOL_CALLS]` to call.",
    "```python\nprint('get_weather')\n```\nThat was code.",
    "a < b, x[0] = {y}, 1 <tool 2",
    "The list [1, 2] and the set {1, 2} and ``` alone",
    '{"name": "delete_everything", "arguments": {}}',
    "```rust\nfn main() { let x = [1]; }\n```",
    "<b>bold</b> <thinking>no</thinking>",
    "Prices: `{` and `[` are brackets.\n\n| a | b |\n|---|---|",
)


def cases() -> Iterator[Case]:
    """All of them, always in the same order."""
    for dialect, speak in DIALECTS.items():
        if dialect == "wrong":
            continue
        for called, calls in CALLS.items():
            for before, after in (("", ""), ("Let me see. ", ""), ("Let me see.\n\n", "\n\nThat is it.")):
                if after and dialect in {"unclosed", "llama", "mistral", "mistral-args"}:
                    continue
                text = f"{before}{speak(calls)}{after}"
                words = before.strip() + (" Let me look." if dialect == "fenced" else "") + " " + after.strip()
                yield Case(f"{dialect}, {called}, {len(before)}, {len(after)}", text, calls, words)
    for name, frame in FRAMES.items():
        for keys in KEYS:
            written = json.dumps(dict(zip(keys, WEATHER, strict=True)))
            for fault, broken in _json_faults().items():
                for before in ("", "Well.\n"):
                    text = before + frame.replace("{}", broken(written))
                    yield Case(f"{name}, {keys}, {fault}, {before!r}", text, (WEATHER,), before)
    for place, text in enumerate(ANSWERS):
        yield Case(f"answer {place}", text, (), text)
