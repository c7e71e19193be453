"""Messy outputs: each dialect with each fault that suits it, between words for people; and texts that call nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.sandbox.dialects import DIALECTS
from tests.tools.outputs import ALL, ROME3, TOOLS, VISIBLE, Call

__all__ = ["ANSWERS", "TOOLS", "Case", "cases"]

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


def _smart(text: str) -> str:
    made, opens = [], True
    for char in text:
        made.append(("“" if opens else "”") if char == '"' else char)
        opens = opens != (char == '"')
    return "".join(made)


FAULTS: dict[str, Callable[[str], str]] = {
    "none": str,
    "single quotes": lambda text: text.replace('"', "'"),
    "trailing commas": lambda text: text.replace("}", ",}"),
    "smart quotes": _smart,
    "a comment": lambda text: text.replace('"city"', '/* where */ "city"'),
    "a comment to the end": lambda text: text.replace('"days"', '// how many\n "days"'),
    "escaped twice": lambda text: text.replace('"', '\\"'),
    "blanks": lambda text: text.replace(":", " :\n "),
    "pretty": lambda text: json.dumps(json.loads(text), indent=4),
    "days as text": lambda text: text.replace(": 3", ': "3"'),
    "days with a point": lambda text: text.replace(": 3", ": 3.0"),
    "None": lambda text: text.replace('"city"', '"x": None, "city"'),
    "no comma": lambda text: text.replace('"Rome",', '"Rome"'),
    "bare keys": lambda text: re.sub(r'"(\w+)":', r"\1:", text),
    "mixed quotes": lambda text: text.replace('"Rome"', "'Rome'"),
    "braces doubled": lambda text: text.replace("{", "{{").replace("}", "}}"),
    "three dots": lambda text: text.replace("3}", "3, ...}"),
    "a brace missing": lambda text: text.removesuffix("}"),
    "a brace too many": lambda text: f"{text}}}",
}
ITSELF: dict[str, Callable[[str, Any], str]] = {
    "text": lambda name, given: json.dumps({"name": name, "arguments": json.dumps(given)}),
    "raw text": lambda name, given: f'{{"name": "{name}", "arguments": "{json.dumps(given)}"}}',
    "nested": lambda name, given: json.dumps({"type": "function", "function": {"name": name, "arguments": given}}),
    "OpenAI's": lambda name, given: json.dumps({"id": "1", "function": {"name": name, "arguments": json.dumps(given)}}),
    "flat": lambda name, given: json.dumps({"name": name, **given}),
    "turned round": lambda name, given: json.dumps({"arguments": given, "name": name}),
    "with a thought": lambda name, given: json.dumps({"thought": "I must look", "name": name, "arguments": given}),
}
"""Ways to write a call as one JSON object, beside those of `KEYS`."""

KEYS = (
    ("name", "arguments"), ("name", "parameters"), ("tool", "input"), ("function", "args"), ("tool_name", "tool_input"),
    ("action", "action_input"),
)  # fmt: skip
OF_CALLS = {
    "hermes": "<tool_call>\n{}\n</tool_call>",
    "never closed": "<tool_call>\n{}",
    "list": "<tool_calls>[{}]</tool_calls>",
    "nested": "<tool_calls>\n<tool_call>{}</tool_call>\n</tool_calls>",
    "one function": "<function_call>{}</function_call>",
    "fenced inside": "<tool_call>\n```json\n{}\n```\n</tool_call>",
    "fence": "```json\n{}\n```",
    "plain fence": "```\n{}\n```",
    "tool_call fence": "```tool_call\n{}\n```",
    "xml fence": "```xml\n<tool_call>\n{}\n</tool_call>\n```",
    "python tag": "<|python_tag|>{}<|eom_id|>",
    "bare": "{}",
    "bare list": "[{}]",
    "mistral": "[TOOL_CALLS] [{}]</s>",
    "granite": "<|tool_call|>[{}]",
    "phi": "functools[{}]",
    "command": "<|START_ACTION|>[{}]<|END_ACTION|>",
    "lm studio": "[TOOL_REQUEST]{}[END_TOOL_REQUEST]",
    "nemotron": "<TOOLCALL>[{}]</TOOLCALL>",
    "react": "Action:\n{}",
}
"""Where whole calls stand."""

_WIDE = str.maketrans("|_", "\uff5c\u2581")
OF_ARGUMENTS = {
    "args": "[TOOL_CALLS]get_weather[ARGS]{}",
    "devstral": "[TOOL_CALLS]get_weather{}",
    "deepseek": "<|tool_calls_begin|><|tool_call_begin|>".translate(_WIDE)
    + "get_weather"
    + "<|tool_sep|>{}<|tool_call_end|><|tool_calls_end|>".translate(_WIDE),
    "deepseek, fenced": "<|tool_calls_begin|><|tool_call_begin|>function<|tool_sep|>".translate(_WIDE)
    + "get_weather\n```json\n{}\n```"
    + "<|tool_call_end|><|tool_calls_end|>".translate(_WIDE),
    "deepseek, dsml": '<|DSML|invoke name="get@weather">\n{}\n</|DSML|invoke>'.translate(_WIDE).replace("@", "_"),
    "kimi": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{}"
        "<|tool_call_end|><|tool_calls_section_end|>"
    ),
    "llama": "<function=get_weather>{}</function>",
    "claude": '<invoke name="get_weather">{}</invoke>',
    "gpt-oss": "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{}<|call|>",
    "react input": "Action: get_weather\nAction Input: {}",
    "hunyuan": "<tool_call>get_weather\n```json\n{}\n```\n</tool_call>",
    "glm 4": "get_weather\n{}",
    "element": "<get_weather>{}</get_weather>",
    "tool_use": "<tool_use>\n<name>get_weather</name>\n<arguments>{}</arguments>\n</tool_use>",
}
"""Where arguments stand whose tool is named before them."""

CALLS: dict[str, tuple[Call, ...]] = {
    "plain": (ROME3,),
    "accents": (ACCENTS,),
    "nested": (NESTED,),
    "marked": (MARKED,),
    "two": (ROME3, NESTED),
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
    *VISIBLE,
)


def cases() -> Iterator[Case]:
    """All of them, always in the same order."""
    for name, text, calls, visible in ALL:
        yield Case(name, text, calls, visible)
    yield from _spoken()
    yield from _faulty()
    for place, text in enumerate(ANSWERS):
        yield Case(f"answer {place}", text, (), text)


def _spoken() -> Iterator[Case]:
    """What the sandbox speaks, between words."""
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


def _faulty() -> Iterator[Case]:
    """Each place for a call with each fault, after words or before them by turns."""
    written: list[tuple[str, str, str]] = []
    for name, frame in OF_CALLS.items():
        for keys in KEYS:
            call = json.dumps(dict(zip(keys, ROME3, strict=True)))
            faults = FAULTS if keys == KEYS[0] else ("none", "single quotes", "trailing commas")
            written += [(f"{name}, {keys}, {fault}", frame, FAULTS[fault](call)) for fault in faults]
        written += [(f"{name}, {how}", frame, write(*ROME3)) for how, write in ITSELF.items()]
    given = json.dumps(ROME3[1])
    written += [
        (f"{name}, {fault}", frame, make(given))
        for name, frame in OF_ARGUMENTS.items()
        for fault, make in FAULTS.items()
    ]
    for place, (name, frame, call) in enumerate(written):
        before, after = (("", ""), ("Well.\n", ""), ("", "\n\nDone."))[place % 3]
        if frame.endswith("{}") and "missing" in name and name.startswith("bare,"):
            after = ""
        yield Case(
            f"{name}, {before!r}, {after!r}", f"{before}{frame.replace('{}', call)}{after}", (ROME3,), before + after
        )
