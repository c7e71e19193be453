"""Qwen3-Coder's elements, Llama's JSON and Python, Mistral's lists."""

from __future__ import annotations

import json

from tests.tools.outputs.shared import CALL, CALL_OSLO, CODE, NOW, OSLO, ROME, ROME3, SOURCE, Output

_body = "<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>"
QWEN_CODER: tuple[Output, ...] = (
    ("coder", f"<tool_call>\n{_body}\n</tool_call>", (ROME3,), ""),
    ("coder without wrapper", f"Let me look.\n\n{_body}", (ROME3,), "Let me look."),
    ("coder opener missing", f"Let me look.\n\n{_body}\n</tool_call>", (ROME3,), "Let me look."),
    ("coder closer missing", f"<tool_call>\n{_body}", (ROME3,), ""),
    (
        "coder wrong closer",
        _body.replace("3\n</parameter>\n", "3\n").join(["<tool_call>\n", "\n</tool_call>"]),
        (ROME3,),
        "",
    ),
    ("coder cut", "<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>", (ROME,), ""),
    (
        "coder two",
        f"<tool_call>\n{_body}\n</tool_call>\n<tool_call>\n{_body.replace('Rome', 'Oslo')}\n</tool_call>",
        (
            ROME3,
            ("get_weather", {"city": "Oslo", "days": 3}),
        ),
        "",
    ),
    ("coder tight", _body.replace("\n", ""), (ROME3,), ""),
    ("coder none", "<tool_call>\n<function=now>\n</function>\n</tool_call>", (NOW,), ""),
    (
        "coder code",
        (
            f"<tool_call>\n<function=write_file>\n<parameter=path>\na.py\n</parameter>\n<parameter=content>\n{SOURCE}\n"
            "</parameter>\n</function>\n</tool_call>"
        ),
        (CODE,),
        "",
    ),
    (
        "coder json value",
        ('<function=search>\n<parameter=query>\nx\n</parameter>\n<parameter=tags>\n["a", "b"]\n</function>'),
        (("search", {"query": "x", "tags": ["a", "b"]}),),
        "",
    ),
    (
        "coder python value",
        ("<function=search>\n<parameter=query>\nx\n</parameter>\n<parameter=tags>\n['a', 'b']\n</function>"),
        (("search", {"query": "x", "tags": ["a", "b"]}),),
        "",
    ),
    ("seed", f"<seed:tool_call>\n{_body}\n</seed:tool_call>", (ROME3,), ""),
    ("coder quoted", _body.replace("=get_weather", '="get_weather"').replace("=city", '="city"'), (ROME3,), ""),
    (
        "coder name attribute",
        ('<function name="get_weather"><parameter name="city">Rome</parameter></function>'),
        (ROME,),
        "",
    ),
    ("coder param", '<function name="get_weather"><param name="city">Rome</param></function>', (ROME,), ""),
)
"""Qwen3-Coder, Nemotron, MiMo, Seed: XML with parameters."""
_given = '{"name": "get_weather", "parameters": {"city": "Rome"}}'
LLAMA: tuple[Output, ...] = (
    ("llama", _given, (ROME,), ""),
    ("llama tag", f"<|python_tag|>{_given}<|eom_id|>", (ROME,), ""),
    ("llama typed", '{"type": "function", "name": "get_weather", "parameters": {"city": "Rome"}}', (ROME,), ""),
    (
        "llama typed, nested",
        ('{"type": "function", "function": {"name": "get_weather", "parameters": {"city": "Rome"}}}'),
        (ROME,),
        "",
    ),
    ("llama function text", '{"function": "get_weather", "parameters": {"city": "Rome"}}', (ROME,), ""),
    ("llama days as text", _given.replace('"Rome"', '"Rome", "days": "3"'), (ROME3,), ""),
    ("llama two", f"{_given}; {_given.replace('Rome', 'Oslo')}", (ROME, OSLO), ""),
    ("llama two, lines", f"{_given}\n{_given.replace('Rome', 'Oslo')}", (ROME, OSLO), ""),
    ("llama two, commas", f"{_given}, {_given.replace('Rome', 'Oslo')}", (ROME, OSLO), ""),
    ("llama call", '<|python_tag|>get_weather.call(city="Rome")', (ROME,), ""),
    ("llama bracket", '[get_weather(city="Rome", days=3)]<|eot|>', (ROME3,), ""),
    ("llama brackets, two", "[get_weather(city='Rome'), get_weather(city='Oslo')]", (ROME, OSLO), ""),
    ("llama python start", '<|python_start|>[get_weather(city="Rome")]<|python_end|>', (ROME,), ""),
    ("llama words, bracket", 'I will look that up.\n\n[get_weather(city="Rome")]', (ROME,), "I will look that up."),
    ("llama bare python", 'get_weather(city="Rome", days=3)', (ROME3,), ""),
    ("llama words, python", 'I will look that up.\n\nget_weather(city="Rome")', (ROME,), "I will look that up."),
    ("llama function", '<function=get_weather>{"city": "Rome"}</function>', (ROME,), ""),
    ("llama function, unclosed", '<function=get_weather>{"city": "Rome"}', (ROME,), ""),
    ("llama function, brace", '<function=get_weather{"city": "Rome"}</function>', (ROME,), ""),
    ("llama function, parens", '<function=get_weather({"city": "Rome"})</function>', (ROME,), ""),
    ("llama function, bracket", '<function=get_weather>{"city": "Rome"}<function>', (ROME,), ""),
    (
        "llama function, arguments",
        ('<function=get_weather>{"name": "get_weather", "parameters": {"city": "Rome"}}</function>'),
        (ROME,),
        "",
    ),
    (
        "llama function, words",
        ('Sure.\n<function=get_weather>{"city": "Rome"}</function>\nOne moment.'),
        (ROME,),
        "Sure. One moment.",
    ),
    ("llama header", f"<|start_header_id|>assistant<|end_header_id|>\n\n{_given}<|eot_id|>", (ROME,), ""),
    ("llama prose before", f"Here is the call:\n\n{_given}", (ROME,), "Here is the call:"),
    (
        "llama prose around",
        f"Here is the call:\n{_given}\nI wait for it.",
        (ROME,),
        "Here is the call: I wait for it.",
    ),
    ("llama semicolons, tag", f"<|python_tag|>{_given};{_given.replace('Rome', 'Oslo')}", (ROME, OSLO), ""),
    ("llama null", '{"name": "get_weather", "parameters": {"city": "Rome", "days": null}}', (ROME,), ""),
    ("llama dict", "{'name': 'get_weather', 'parameters': {'city': 'Rome'}}", (ROME,), ""),
    ("llama cut", _given[:-2], (ROME,), ""),
    (
        "llama function_call",
        '{"function_call": {"name": "get_weather", "arguments": {"city": "Rome"}}}',
        (ROME,),
        "",
    ),
    (
        "llama tool_calls",
        ('{"tool_calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}], "content": null}'),
        (ROME,),
        "",
    ),
)
"""Llama 3.1 to 4."""

MISTRAL: tuple[Output, ...] = (
    ("mistral", f"[TOOL_CALLS] [{CALL}]", (ROME,), ""),
    ("mistral tight", f"[TOOL_CALLS][{CALL}]</s>", (ROME,), ""),
    ("mistral object", f"[TOOL_CALLS]{CALL}", (ROME,), ""),
    ("mistral with id", f'[TOOL_CALLS][{CALL[:-1]}, "id": "9Ae3bDc2F"}}]', (ROME,), ""),
    ("mistral two", f"[TOOL_CALLS][{CALL}, {CALL_OSLO}]", (ROME, OSLO), ""),
    ("mistral args", '[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}', (ROME,), ""),
    ("mistral name", '[TOOL_CALLS]get_weather{"city": "Rome"}', (ROME,), ""),
    ("mistral call id", '[TOOL_CALLS]get_weather[CALL_ID]9Ae3bDc2F[ARGS]{"city": "Rome"}', (ROME,), ""),
    (
        "mistral args, two",
        ('[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}</s>'),
        (ROME, OSLO),
        "",
    ),
    (
        "mistral args, words",
        ('Let me look.[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}\n\nThat is it.'),
        (ROME,),
        "Let me look. That is it.",
    ),
    ("mistral args, blank", '[TOOL_CALLS] get_weather [ARGS] {"city": "Rome"}', (ROME,), ""),
    ("mistral args only", 'get_weather[ARGS]{"city": "Rome"}', (ROME,), ""),
    ("mistral none", "[TOOL_CALLS]now[ARGS]{}", (NOW,), ""),
    ("mistral closed", f"[TOOL_CALLS][{CALL}][/TOOL_CALLS]", (ROME,), ""),
    ("mistral text after", f"[TOOL_CALLS][{CALL}]\n\nI looked.", (ROME,), "I looked."),
    ("mistral orphan closer", "Nothing to do.[/TOOL_CALLS]", (), "Nothing to do."),
    ("mistral list unclosed", f"[TOOL_CALLS][{CALL}", (ROME,), ""),
    ("mistral quotes", f"[TOOL_CALLS][{json.loads(CALL)!s}]", (ROME,), ""),
    ("mistral fenced", f"[TOOL_CALLS]\n```json\n[{CALL}]\n```", (ROME,), ""),
    ("mistral code", f"[TOOL_CALLS]write_file[ARGS]{json.dumps(CODE[1])}", (CODE,), ""),
    (
        "mistral newline",
        '[TOOL_CALLS]write_file[ARGS]{"path": "n", "content": "one\ntwo"}',
        (("write_file", {"path": "n", "content": "one\ntwo"}),),
        "",
    ),
    ("mistral marker lost", f"[{CALL}]", (ROME,), ""),
    ("mistral tool_calls word", f"TOOL_CALLS: [{CALL}]", (ROME,), "TOOL_CALLS:"),
)
"""Mistral 7B v0.3, Nemo, Small 3, Devstral, Magistral."""
