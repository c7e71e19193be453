"""Tokens of DeepSeek and Kimi; Gemma's and Gemini's Python, JSON and tokens."""

from __future__ import annotations

from tests.tools.outputs.shared import CALL, CALL3, CALL_OSLO, GIVEN, NOW, OSLO, ROME, ROME3, Output

bar, low = "\uff5c", "\u2581"


def wide(text: str) -> str:
    return text.replace("<|", f"<{bar}").replace("|>", f"{bar}>").replace("~", low)


_v3 = wide(
    "<|tool~calls~begin|><|tool~call~begin|>function<|tool~sep|>get_weather\n```json\n"
    f"{GIVEN}\n```<|tool~call~end|><|tool~calls~end|>"
)
_v31 = wide(f"<|tool~calls~begin|><|tool~call~begin|>get_weather<|tool~sep|>{GIVEN}<|tool~call~end|><|tool~calls~end|>")
_dsml = (
    '<|DSML|function_calls>\n<|DSML|invoke name="get_weather">\n'
    '<|DSML|parameter name="city" string="true">Rome</|DSML|parameter>\n'
    '<|DSML|parameter name="days" string="false">3</|DSML|parameter>\n</|DSML|invoke>\n</|DSML|function_calls>'
).replace("|", bar)
_kimi = (
    "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>"
    f"{GIVEN}<|tool_call_end|><|tool_calls_section_end|>"
)
DEEPSEEK: tuple[Output, ...] = (
    ("v3", _v3, (ROME3,), ""),
    ("v3 end of sentence", _v3 + wide("<|end~of~sentence|>"), (ROME3,), ""),
    ("v3 words", f"Let me look.\n{_v3}", (ROME3,), "Let me look."),
    ("v3 unclosed", _v3[: _v3.rindex("```") + 3], (ROME3,), ""),
    ("v3 inner only", _v3[_v3.index(">") + 1 : -len(wide("<|tool~calls~end|>"))], (ROME3,), ""),
    ("v3 fence missing", _v3.replace("```json\n", "").replace("\n```", ""), (ROME3,), ""),
    ("v31", _v31, (ROME3,), ""),
    ("v31 ascii", _v31.replace(bar, "|").replace(low, "_"), (ROME3,), ""),
    (
        "v31 two",
        wide(
            '<|tool~calls~begin|><|tool~call~begin|>get_weather<|tool~sep|>{"city": "Rome"}<|tool~call~end|>'
            '<|tool~call~begin|>get_weather<|tool~sep|>{"city": "Oslo"}<|tool~call~end|><|tool~calls~end|>'
        ),
        (ROME, OSLO),
        "",
    ),
    (
        "v31 none",
        wide("<|tool~calls~begin|><|tool~call~begin|>now<|tool~sep|>{}<|tool~call~end|><|tool~calls~end|>"),
        (NOW,),
        "",
    ),
    ("v31 cut", _v31[: _v31.index(wide("<|tool~call~end"))][:-1], (ROME3,), ""),
    ("v32", _dsml, (ROME3,), ""),
    ("v32 words", f"Let me look.\n\n{_dsml}", (ROME3,), "Let me look."),
    ("v32 ascii", _dsml.replace(bar, "|"), (ROME3,), ""),
    ("v4", _dsml.replace("function_calls", "tool_calls"), (ROME3,), ""),
    ("v32 unclosed", _dsml[: _dsml.rindex("</")], (ROME3,), ""),
    ("v32 invoke only", _dsml[_dsml.index("\n") + 1 : _dsml.rindex("\n")], (ROME3,), ""),
    (
        "v32 two",
        _dsml.replace(
            f"</{bar}DSML{bar}function_calls>",
            f'<{bar}DSML{bar}invoke name="now">\n</{bar}DSML{bar}invoke>\n</{bar}DSML{bar}function_calls>',
        ),
        (ROME3, NOW),
        "",
    ),
    ("v32 json", (f'<{bar}DSML{bar}invoke name="get_weather">\n{GIVEN}\n</{bar}DSML{bar}invoke>'), (ROME3,), ""),
    ("kimi", _kimi, (ROME3,), ""),
    ("kimi words", f"I look.{_kimi}<|im_end|>", (ROME3,), "I look."),
    ("kimi section lost", _kimi[_kimi.index(">") + 1 : _kimi.rindex("<")], (ROME3,), ""),
    ("kimi id only", _kimi.replace("functions.get_weather:0", "get_weather:0"), (ROME3,), ""),
    ("kimi argument mark lost", _kimi.replace("<|tool_call_argument_begin|>", " "), (ROME3,), ""),
    ("kimi singular section", _kimi.replace("tool_calls_section", "tool_call_section"), (ROME3,), ""),
    (
        "kimi two",
        (
            "<|tool_calls_section_begin|>"
            '<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Rome"}<|tool_call_end|>\n'
            '<|tool_call_begin|>functions.get_weather:1<|tool_call_argument_begin|>{"city": "Oslo"}<|tool_call_end|>'
            "<|tool_calls_section_end|>"
        ),
        (ROME, OSLO),
        "",
    ),
    ("kimi cut", _kimi[: _kimi.index("<|tool_call_end")], (ROME3,), ""),
    ("kimi bare id", f"functions.get_weather:0{GIVEN}", (ROME3,), ""),
)
"""DeepSeek V3, R1, V3.1, V3.2 and V4, and Kimi K2."""

GOOGLE: tuple[Output, ...] = (
    ("gemma", '```tool_code\nget_weather(city="Rome")\n```', (ROME,), ""),
    ("gemma print", '```tool_code\nprint(get_weather(city="Rome", days=3))\n```', (ROME3,), ""),
    (
        "gemma words",
        ('Let me look.\n\n```tool_code\nget_weather(city="Rome")\n```\n\nThat is it.'),
        (ROME,),
        "Let me look. That is it.",
    ),
    ("gemma lines", ('```tool_code\nget_weather(city="Rome")\nget_weather(city="Oslo")\n```'), (ROME, OSLO), ""),
    ("gemma assigned", '```tool_code\nweather = get_weather(city="Rome")\nprint(weather)\n```', (ROME,), ""),
    ("gemma unclosed", '```tool_code\nget_weather(city="Rome")', (ROME,), ""),
    ("gemma python fence", '```python\nprint(get_weather(city="Rome"))\n```', (ROME,), ""),
    ("gemma json fence", f"```json\n{CALL3}\n```", (ROME3,), ""),
    ("gemma json list", f"```json\n[\n  {CALL},\n  {CALL_OSLO}\n]\n```", (ROME, OSLO), ""),
    ("gemma parameters", '```json\n{"name": "get_weather", "parameters": {"city": "Rome"}}\n```', (ROME,), ""),
    ("gemma tool_name", '```json\n{"tool_name": "get_weather", "tool_input": {"city": "Rome"}}\n```', (ROME,), ""),
    ("gemma brackets", '[get_weather(city="Rome")]', (ROME,), ""),
    ("gemini", '```tool_code\nprint(default_api.get_weather(city="Rome", days=3))\n```', (ROME3,), ""),
    ("gemini bare", 'tool_code\nprint(default_api.get_weather(city="Rome"))', (ROME,), ""),
    ("gemini call", 'print(default_api.get_weather(city="Rome"))', (ROME,), ""),
    ("gemini call:", 'call:default_api:get_weather{city:"Rome"}', (ROME,), ""),
    (
        "gemini assigned",
        ("```tool_code\nresult = default_api.get_weather(\n    city='Rome',\n    days=3,\n)\nprint(result)\n```"),
        (ROME3,),
        "",
    ),
    (
        "gemini list",
        ('```tool_code\nprint(default_api.search(query="x", tags=["a", "b"]))\n```'),
        (("search", {"query": "x", "tags": ["a", "b"]}),),
        "",
    ),
    (
        "gemma triple",
        ('```tool_code\nwrite_file(path="n", content="""one\ntwo""")\n```'),
        (("write_file", {"path": "n", "content": "one\ntwo"}),),
        "",
    ),
    ("gemma4", '<|tool_call>call:get_weather{city:<|"|>Rome<|"|>,days:3}<tool_call|>', (ROME3,), ""),
    ("gemma4 colon", '<|tool_call>:get_weather{city:<|"|>Rome<|"|>}<tool_call|>', (ROME,), ""),
    ("gemma4 unclosed", '<|tool_call>call:get_weather{city:<|"|>Rome<|"|>}', (ROME,), ""),
    ("gemma4 parens", '<|tool_call>call:get_weather(city: "Rome", days: 3)<tool_call|>', (ROME3,), ""),
    (
        "gemma4 two",
        (
            '<|tool_call>call:get_weather{city:<|"|>Rome<|"|>}<tool_call|>'
            '<|tool_call>call:get_weather{city:<|"|>Oslo<|"|>}<tool_call|>'
        ),
        (ROME, OSLO),
        "",
    ),
    (
        "gemma4 words",
        ('I look.\n<|tool_call>call:get_weather{city:<|"|>Rome<|"|>}<tool_call|><turn|>'),
        (ROME,),
        "I look.",
    ),
    (
        "gemma4 list",
        ('<|tool_call>call:search{query:<|"|>say "hi", {now}<|"|>,tags:[<|"|>a<|"|>,<|"|>b<|"|>]}<tool_call|>'),
        (("search", {"query": 'say "hi", {now}', "tags": ["a", "b"]}),),
        "",
    ),
    (
        "functiongemma",
        ("<start_function_call>call:get_weather{city:<escape>Rome<escape>}<end_function_call>"),
        (ROME,),
        "",
    ),
    ("gemma end of turn", '[get_weather(city="Rome")]<end_of_turn>', (ROME,), ""),
)
"""Gemma 2 to 4, Gemini where its function calls come as text."""
