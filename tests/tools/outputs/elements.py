"""GLM and MiniMax."""

from __future__ import annotations

from tests.tools.outputs.shared import CALL, CALL3, CALL_OSLO, CODE, NOW, OSLO, ROME, ROME3, SOURCE, Output

_glm = (
    "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>\n"
    "<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>"
)
_m2 = (
    '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Rome</parameter>\n'
    '<parameter name="days">3</parameter>\n</invoke>\n</minimax:tool_call>'
)
_m3 = (
    ']<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name="get_weather">]<]minimax[>[<city>Rome]<]minimax[>[</city>'
    "]<]minimax[>[<days>3]<]minimax[>[</days>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>"
)
GLM_AND_MINIMAX: tuple[Output, ...] = (
    ("glm", _glm, (ROME3,), ""),
    ("glm tight", _glm.replace("\n", ""), (ROME3,), ""),
    ("glm value opener lost", _glm.replace("\n", "").replace("<arg_value>Rome", "Rome"), (ROME3,), ""),
    ("glm value closer lost", _glm.replace("Rome</arg_value>", "Rome"), (ROME3,), ""),
    ("glm none", "<tool_call>now</tool_call>", (NOW,), ""),
    ("glm none, unclosed", "<tool_call>now\n", (NOW,), ""),
    ("glm unclosed", _glm.removesuffix("</tool_call>"), (ROME3,), ""),
    ("glm two", f"{_glm}\n{_glm.replace('Rome', 'Oslo')}", (ROME3, ("get_weather", {"city": "Oslo", "days": 3})), ""),
    ("glm number text", _glm.replace("Rome", "1945"), (("get_weather", {"city": "1945", "days": 3}),), ""),
    (
        "glm list",
        (
            "<tool_call>search\n<arg_key>query</arg_key>\n<arg_value>x</arg_value>\n<arg_key>tags</arg_key>\n"
            '<arg_value>["a", "b"]</arg_value>\n</tool_call>'
        ),
        (("search", {"query": "x", "tags": ["a", "b"]}),),
        "",
    ),
    (
        "glm lines",
        (
            f"<tool_call>write_file\n<arg_key>path</arg_key>\n<arg_value>a.py</arg_value>\n<arg_key>content</arg_key>\n"
            f"<arg_value>{SOURCE}</arg_value>\n</tool_call>"
        ),
        (CODE,),
        "",
    ),
    ("glm4", 'get_weather\n{"city": "Rome"}', (ROME,), ""),
    ("glm json", f"<tool_call>\n{CALL3}\n</tool_call>", (ROME3,), ""),
    ("glm think", f"</think>{_glm}", (ROME3,), "</think>"),
    ("m2", _m2, (ROME3,), ""),
    ("m2 words", f"Let me look.\n{_m2}\n", (ROME3,), "Let me look."),
    ("m2 end token", f"{_m2}[e~[", (ROME3,), ""),
    ("m2 cut", _m2[: _m2.index("</invoke>")], (ROME3,), ""),
    ("m2 invoke only", _m2.replace("<minimax:tool_call>\n", "").replace("\n</minimax:tool_call>", ""), (ROME3,), ""),
    ("m2 quotes lost", _m2.replace('"', ""), (ROME3,), ""),
    ("m1", f"<tool_calls>\n{CALL}\n{CALL_OSLO}\n</tool_calls>", (ROME, OSLO), ""),
    ("m3", _m3, (ROME3,), ""),
    ("m3 tokens gone", _m3.replace("]<]minimax[>[", ""), (ROME3,), ""),
)
"""GLM 4.5 to 5, MiniMax M1 to M3."""
