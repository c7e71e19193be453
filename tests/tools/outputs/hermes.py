"""Hermes and Qwen: JSON between tags, and all that goes wrong in it."""

from __future__ import annotations

import json

from tests.tools.outputs.shared import CALL, CALL_CODE, CALL_OSLO, CODE, GIVEN, NOW, OSLO, ROME, ROME3, Output, written

_twice = json.dumps(json.dumps(GIVEN))
_code = f"Saving.\n<tool_call>\n{CALL_CODE}\n</tool_call>\n\nSaved soon."
_marked = ("search", {"query": "what does </tool_call> mean in <tool_call>"})
HERMES: tuple[Output, ...] = (
    ("hermes", f"<tool_call>\n{CALL}\n</tool_call>", (ROME,), ""),
    ("hermes im_end", f"<tool_call>\n{CALL}\n</tool_call><|im_end|>", (ROME,), ""),
    ("hermes two", f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL_OSLO}\n</tool_call>", (ROME, OSLO), ""),
    ("hermes two in one", f"<tool_call>\n{CALL}\n{CALL_OSLO}\n</tool_call>", (ROME, OSLO), ""),
    ("hermes list in one", f"<tool_call>\n[{CALL}, {CALL_OSLO}]\n</tool_call>", (ROME, OSLO), ""),
    ("hermes unclosed two", f"<tool_call>\n{CALL}\n<tool_call>\n{CALL_OSLO}", (ROME, OSLO), ""),
    ("hermes closed as opened", f"<tool_call>\n{CALL}\n<tool_call>", (ROME,), ""),
    ("hermes opener missing", f"{CALL}\n</tool_call>", (ROME,), ""),
    ("hermes fenced inside", f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>", (ROME,), ""),
    ("hermes fenced outside", f"```xml\n<tool_call>\n{CALL}\n</tool_call>\n```", (ROME,), ""),
    ("hermes in a json fence", f"```json\n<tool_call>\n{CALL}\n</tool_call>\n```", (ROME,), ""),
    ("hermes brace too many", f"<tool_call>\n{CALL}}}\n</tool_call>", (ROME,), ""),
    ("hermes doubled braces", f"<tool_call>\n{{{CALL}}}\n</tool_call>", (ROME,), ""),
    ("hermes brace missing", f"<tool_call>\n{CALL[:-1]}\n</tool_call>", (ROME,), ""),
    ("hermes both missing", f"<tool_call>\n{CALL[:-2]}\n</tool_call>", (ROME,), ""),
    ("hermes arguments as text", f"<tool_call>\n{written('get_weather', GIVEN)}\n</tool_call>", (ROME3,), ""),
    (
        "hermes arguments as text of text",
        (f'<tool_call>\n{{"name": "get_weather", "arguments": {_twice}}}\n</tool_call>'),
        (ROME3,),
        "",
    ),
    (
        "hermes arguments in raw quotes",
        (f'<tool_call>\n{{"name": "get_weather", "arguments": "{GIVEN}"}}\n</tool_call>'),
        (ROME3,),
        "",
    ),
    ("hermes none", '<tool_call>\n{"name": "now", "arguments": None}\n</tool_call>', (NOW,), ""),
    ("hermes no arguments", '<tool_call>\n{"name": "now"}\n</tool_call>', (NOW,), ""),
    ("hermes empty", '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>', (NOW,), ""),
    (
        "hermes openai shape",
        (
            f'<tool_call>\n{{"id": "call_1", "type": "function", "function": {{"name": "get_weather", '
            f'"arguments": {json.dumps(GIVEN)}}}}}\n</tool_call>'
        ),
        (ROME3,),
        "",
    ),
    (
        "hermes function key",
        (f'<tool_call>\n{{"function": "get_weather", "arguments": {GIVEN}}}\n</tool_call>'),
        (ROME3,),
        "",
    ),
    (
        "hermes arguments first",
        (f'<tool_call>\n{{"arguments": {GIVEN}, "name": "get_weather"}}\n</tool_call>'),
        (ROME3,),
        "",
    ),
    (
        "hermes python dict",
        "<tool_call>\n" + str({"name": "get_weather", "arguments": ROME3[1]}) + ("\n</tool_call>"),
        (ROME3,),
        "",
    ),
    (
        "hermes python apostrophe",
        ("<tool_call>\n{'name': 'search', 'arguments': {'query': \"what's on\"}}\n</tool_call>"),
        (("search", {"query": "what's on"}),),
        "",
    ),
    (
        "hermes inner apostrophe",
        ("<tool_call>\n{'name': 'search', 'arguments': {'query': 'what's on in Rome'}}\n</tool_call>"),
        (("search", {"query": "what's on in Rome"}),),
        "",
    ),
    ("hermes named like xml", '<tool_call name="get_weather">\n{"city": "Rome"}\n</tool_call>', (ROME,), ""),
    ("hermes python inside", '<tool_call>\nget_weather(city="Rome", days=3)\n</tool_call>', (ROME3,), ""),
    ("hermes python positional", '<tool_call>get_weather("Rome")</tool_call>', (ROME,), ""),
    ("hermes name then json", f"<tool_call>\nget_weather\n{GIVEN}\n</tool_call>", (ROME3,), ""),
    ("hermes name colon json", f"<tool_call>get_weather: {GIVEN}</tool_call>", (ROME3,), ""),
    (
        "hermes unescaped newline",
        ('<tool_call>\n{"name": "write_file", "arguments": {"path": "n", "content": "one\ntwo"}}\n</tool_call>'),
        (("write_file", {"path": "n", "content": "one\ntwo"}),),
        "",
    ),
    (
        "hermes unescaped quotes",
        ('<tool_call>\n{"name": "search", "arguments": {"query": "the "best" pizza"}}\n</tool_call>'),
        (("search", {"query": 'the "best" pizza'}),),
        "",
    ),
    ("hermes code", _code, (CODE,), "Saving. Saved soon."),
    ("hermes mark in text", f"<tool_call>\n{written(*_marked)}\n</tool_call>", (_marked,), ""),
    (
        "hermes comment",
        ('<tool_call>\n{\n  "name": "get_weather", // tool\n  "arguments": {"city": "Rome"} # where\n}\n</tool_call>'),
        (ROME,),
        "",
    ),
    (
        "hermes missing comma",
        '<tool_call>\n{"name": "get_weather" "arguments": {"city": "Rome"}}\n</tool_call>',
        (ROME,),
        "",
    ),
    (
        "hermes bare keys",
        "<tool_call>\n{name: get_weather, arguments: {city: Rome, days: 3}}\n</tool_call>",
        (ROME3,),
        "",
    ),
    (
        "hermes escaped underscore",
        ('<tool_call>\n{"name": "get\\_weather", "arguments": {"city": "Rome"}}\n</tool_call>'),
        (ROME,),
        "",
    ),
    ("hermes functions.", f"<tool_call>\n{CALL.replace('get_w', 'functions.get_w')}\n</tool_call>", (ROME,), ""),
    ("hermes upper case", f"<TOOL_CALL>\n{CALL}\n</TOOL_CALL>", (ROME,), ""),
    ("hermes spaced mark", f"<tool_call >\n{CALL}\n</tool_call >", (ROME,), ""),
    ("hermes hyphen", f"<tool-call>\n{CALL}\n</tool-call>", (ROME,), ""),
    ("hermes square", f"[TOOL_CALL]{CALL}[/TOOL_CALL]", (ROME,), ""),
    ("hermes square lower", f"[tool_call]\n{CALL}\n[/tool_call]", (ROME,), ""),
    ("hermes tools", f"<tools>\n{CALL}\n</tools>", (ROME,), ""),
    ("hermes tool", f"<tool>{CALL}</tool>", (ROME,), ""),
    ("hermes function_calls", f"<function_calls>\n[{CALL}]\n</function_calls>", (ROME,), ""),
    ("functionary", f"<function=get_weather>{GIVEN}</function>", (ROME3,), ""),
    (
        "unicode escapes",
        '<tool_call>{"name": "get_weather", "arguments": {"city": "\\u6771\\u4eac"}}</tool_call>',
        (("get_weather", {"city": "東京"}),),
        "",
    ),
    (
        "surrogates",
        '<tool_call>{"name": "search", "arguments": {"query": "\\ud83d\\ude00",}}</tool_call>',
        (("search", {"query": "😀"}),),
        "",
    ),
    (
        "smart quotes",
        "<tool_call>\n{“name”: “get_weather”, “arguments”: {“city”: “Rome”}}\n</tool_call>",
        (ROME,),
        "",
    ),
)
"""Hermes 2 to 4, Qwen 2.5 and 3, and who was trained on them."""
