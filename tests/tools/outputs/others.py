"""Granite, Phi, Command, gpt-oss and more."""

from __future__ import annotations

import re

from tests.tools.outputs.shared import CALL, CALL_OSLO, GIVEN, OSLO, ROME, ROME3, Output

_command = '[\n    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Rome"}}\n]'
_claude = '<invoke name="get_weather">\n<parameter name="city">Rome</parameter>\n</invoke>'
_spaced = f"<function_calls>\n{_claude}\n</function_calls>".replace("</", "</a:")
OTHERS: tuple[Output, ...] = (
    ("granite", f"<|tool_call|>[{CALL}]", (ROME,), ""),
    ("granite 3.1", f"<tool_call>[{CALL}]", (ROME,), ""),
    ("granite end", f"<|tool_call|>[{CALL}]<|end_of_text|>", (ROME,), ""),
    ("granite 20b", f"<function_call> {CALL} <function_call> {CALL_OSLO}", (ROME, OSLO), ""),
    ("phi", f"functools[{CALL}]", (ROME,), ""),
    ("phi two", f"functools[{CALL}, {CALL_OSLO}]", (ROME, OSLO), ""),
    ("phi blank", f"functools [{CALL}]", (ROME,), ""),
    ("phi words", f"Let me look. functools[{CALL}]", (ROME,), "Let me look."),
    (
        "phi tags",
        ('functools[{"name": "search", "arguments": {"query": "x", "tags": ["a", "b"]}}]'),
        (("search", {"query": "x", "tags": ["a", "b"]}),),
        "",
    ),
    ("phi token", f"<|tool_call|>[{CALL}]<|/tool_call|>", (ROME,), ""),
    ("command a", f"<|START_ACTION|>{_command}<|END_ACTION|>", (ROME,), ""),
    (
        "command a thinking",
        (f"<|START_THINKING|>I will look.<|END_THINKING|><|START_ACTION|>{_command}<|END_ACTION|>"),
        (ROME,),
        "I will look.",
    ),
    ("command r", f"Action: ```json\n{_command}\n```", (ROME,), ""),
    ("command response", "<|START_RESPONSE|>It rains.<|END_RESPONSE|>", (), "It rains."),
    (
        "gpt-oss",
        ('<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Rome"}<|call|>'),
        (ROME,),
        "",
    ),
    (
        "gpt-oss analysis",
        (
            "<|channel|>analysis<|message|>They ask for Rome.<|end|><|start|>assistant<|channel|>commentary "
            'to=functions.get_weather <|constrain|>json<|message|>{"city": "Rome"}<|call|>'
        ),
        (ROME,),
        "",
    ),
    (
        "gpt-oss preamble",
        (
            "<|channel|>commentary<|message|>Let me look.<|end|><|start|>assistant<|channel|>commentary "
            'to=functions.get_weather <|constrain|>json<|message|>{"city": "Rome"}<|call|>'
        ),
        (ROME,),
        "Let me look.",
    ),
    (
        "gpt-oss order",
        ('<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Rome"}<|call|>'),
        (ROME,),
        "",
    ),
    (
        "gpt-oss analysis call",
        ('<|channel|>analysis to=functions.get_weather code<|message|>{"city": "Rome"}<|call|>'),
        (ROME,),
        "",
    ),
    (
        "gpt-oss final",
        ("<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>It rains.<|return|>"),
        (),
        "It rains.",
    ),
    (
        "gpt-oss tokens gone",
        ('analysisThey ask for Rome.assistantcommentary to=functions.get_weather json{"city": "Rome"}'),
        (ROME,),
        "analysisThey ask for Rome.",
    ),
    ("gpt-oss commentary", 'commentary to=functions.get_weather json{"city": "Rome"}', (ROME,), ""),
    ("gpt-oss to", 'to=functions.get_weather {"city": "Rome"}', (ROME,), ""),
    (
        "gpt-oss cut",
        '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Rome"',
        (ROME,),
        "",
    ),
    ("xlam", f"[{CALL}]", (ROME,), ""),
    ("xlam two", f"[{CALL}, {CALL_OSLO}]", (ROME, OSLO), ""),
    ("xlam tool_calls", f'{{"tool_calls": [{CALL}]}}', (ROME,), ""),
    ("xlam think", f"</think>[{CALL}]", (ROME,), "</think>"),
    ("xlam key", f'{{"tool_call": {CALL}}}', (ROME,), ""),
    ("internlm", f"I look.<|action_start|><|plugin|>\n{CALL}<|action_end|>\n", (ROME,), "I look."),
    ("jamba", f"<tool_calls>[\n  {CALL}\n]</tool_calls>", (ROME,), ""),
    ("lfm", '<|tool_call_start|>[get_weather(city="Rome")]<|tool_call_end|>', (ROME,), ""),
    ("olmo", '<function_calls>\nget_weather(city="Rome", days=3)\n</function_calls>', (ROME3,), ""),
    ("exaone", f"<tool_call>{CALL}</tool_call>[|endofturn|]", (ROME,), ""),
    ("nemotron", f"<TOOLCALL>[{CALL}]</TOOLCALL>", (ROME,), ""),
    ("apriel", f"<tool_calls>[{CALL}]</tool_calls>\n[BEGIN FINAL RESPONSE]\n", (ROME,), "[BEGIN FINAL RESPONSE]"),
    (
        "hunyuan",
        f"<tool_calls>\n<tool_call>get_weather\n```json\n{GIVEN}\n```\n</tool_call>\n</tool_calls>",
        (ROME3,),
        "",
    ),
    ("ernie", f"</think>\n\n<tool_call>\n{CALL}\n</tool_call>\n", (ROME,), "</think>"),
    ("longcat", f"<longcat_tool_call>{CALL}</longcat_tool_call>", (ROME,), ""),
    ("claude", f"<function_calls>\n{_claude}\n</function_calls>", (ROME,), ""),
    ("claude, name space", re.sub(r"<(?=\w)", "<a:", _spaced), (ROME,), ""),
    ("claude invoke", f"I look.\n{_claude}", (ROME,), "I look."),
    (
        "claude 2",
        (
            "<function_calls>\n<invoke>\n<tool_name>get_weather</tool_name>\n<parameters>\n<city>Rome</city>\n"
            "<days>3</days>\n</parameters>\n</invoke>\n</function_calls>"
        ),
        (ROME3,),
        "",
    ),
    (
        "claude tool_use",
        ('<tool_use>\n<name>get_weather</name>\n<arguments>{"city": "Rome"}</arguments>\n</tool_use>'),
        (ROME,),
        "",
    ),
    (
        "anthropic json",
        '{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Rome"}}',
        (ROME,),
        "",
    ),
    ("cline", "<get_weather>\n<city>Rome</city>\n<days>3</days>\n</get_weather>", (ROME3,), ""),
    ("cline words", "I look.\n\n<get_weather>\n<city>Rome</city>\n</get_weather>", (ROME,), "I look."),
    (
        "react",
        'Thought: I need the weather.\nAction: get_weather\nAction Input: {"city": "Rome"}',
        (ROME,),
        "Thought: I need the weather.",
    ),
    ("react one line", 'Action: get_weather({"city": "Rome"})', (ROME,), ""),
    ("react python", 'Thought: x\nAction: get_weather(city="Rome")', (ROME,), "Thought: x"),
    ("react bold", '**Action:** get_weather\n**Action Input:** {"city": "Rome"}', (ROME,), ""),
    (
        "react json",
        'Action:\n```json\n{"action": "get_weather", "action_input": {"city": "Rome"}}\n```',
        (ROME,),
        "",
    ),
    ("react bracket", 'Action: get_weather[{"city": "Rome"}]', (ROME,), ""),
    (
        "react observation",
        ('Action: get_weather\nAction Input: {"city": "Rome"}\nObservation: '),
        (ROME,),
        "Observation:",
    ),
    ("smolagents", 'Action:\n{\n  "name": "get_weather",\n  "arguments": {"city": "Rome"}\n}', (ROME,), ""),
    ("recipient", '{"recipient_name": "functions.get_weather", "parameters": {"city": "Rome"}}', (ROME,), ""),
    (
        "tool_uses",
        ('{"tool_uses": [{"recipient_name": "functions.get_weather", "parameters": {"city": "Rome"}}]}'),
        (ROME,),
        "",
    ),
    ("name as key", '{"get_weather": {"city": "Rome"}}', (ROME,), ""),
    ("tool args", '{"tool": "get_weather", "args": {"city": "Rome"}}', (ROME,), ""),
    ("tool flat", '{"tool": "get_weather", "city": "Rome"}', (ROME,), ""),
    ("fenced tool key", '```json\n{\n  "tool": "get_weather",\n  "input": {"city": "Rome"}\n}\n```', (ROME,), ""),
    ("fence closed late", f"```json\n{CALL}\n", (ROME,), ""),
    ("fence in a line", f"```json {CALL} ```", (ROME,), ""),
    ("fence javascript", f"```javascript\n{CALL}\n```", (ROME,), ""),
    ("fence bash", f"```bash\n{CALL}\n```", (ROME,), ""),
    ("fence python dict", "```python\n{'name': 'get_weather', 'arguments': {'city': 'Rome'}}\n```", (ROME,), ""),
    (
        "tool_calls json",
        (f'```json\n{{"tool_calls": [{{"id": "1", "type": "function", "function": {CALL}}}]}}\n```'),
        (ROME,),
        "",
    ),
    ("functions call", 'functions.get_weather({"city": "Rome"})', (ROME,), ""),
    ("name object", 'get_weather({"city": "Rome", "days": 3})', (ROME3,), ""),
    ("tool_code no fence", '<tool_code>\nget_weather(city="Rome")\n</tool_code>', (ROME,), ""),
    ("arrow", f"<|tool_call_begin|>{CALL}<|tool_call_end|>", (ROME,), ""),
    (
        "code fence xml",
        (f"```xml\n<tool_use>\n<name>get_weather</name>\n<arguments>{GIVEN}</arguments>\n</tool_use>\n```"),
        (ROME3,),
        "",
    ),
    ("crlf", f"<tool_call>\r\n{CALL}\r\n</tool_call>\r\n", (ROME,), ""),
    (
        "non-breaking",
        '<tool_call>\n{"name":\u00a0"get_weather",\u00a0"arguments": {"city": "Rome"}}\n</tool_call>',
        (ROME,),
        "",
    ),
    ("byte order mark", f"\ufeff<tool_call>{CALL}</tool_call>", (ROME,), "\ufeff"),
    (
        "html escaped",
        (
            "<tool_call>\n{&quot;name&quot;: &quot;get_weather&quot;, &quot;arguments&quot;: {&quot;city&quot;: "
            "&quot;Rome&quot;}}\n</tool_call>"
        ),
        (ROME,),
        "",
    ),
)
"""Granite, Phi, Command, gpt-oss, xLAM, InternLM, Jamba, Claude's older form, ReAct."""
