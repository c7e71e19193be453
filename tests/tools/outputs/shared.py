"""What the outputs call, and the tools that they call."""

from __future__ import annotations

import json
from typing import Any

from core.tools.values import ToolSpec

TEXT = {"type": "string"}
TOOLS = {
    "get_weather": ToolSpec(
        "get_weather",
        "",
        {"type": "object", "properties": {"city": TEXT, "days": {"type": "integer"}}, "required": ["city"]},
    ),
    "search": ToolSpec("search", "", {"type": "object", "properties": {"query": TEXT, "tags": {"type": "array"}}}),
    "now": ToolSpec("now", "", {"type": "object", "properties": {}}),
    "write_file": ToolSpec(
        "write_file",
        "",
        {"type": "object", "properties": {"path": TEXT, "content": TEXT}, "required": ["path", "content"]},
    ),
}
Call = tuple[str, dict[str, Any]]
Output = tuple[str, str, tuple[Call, ...], str]
"""Its name, the text, what it calls, and what of it is for people."""

ROME: Call = ("get_weather", {"city": "Rome"})
ROME3: Call = ("get_weather", {"city": "Rome", "days": 3})
OSLO: Call = ("get_weather", {"city": "Oslo"})
NOW: Call = ("now", {})
CODE: Call = ("write_file", {"path": "a.py", "content": 'def f(x):\n    return {"x": [x, "<b>"]}\n'})
GIVEN = json.dumps(ROME3[1])
SOURCE = CODE[1]["content"]


def written(name: str, arguments: Any, key: str = "arguments", called: str = "name") -> str:
    return json.dumps({called: name, key: arguments}, ensure_ascii=False)


CALL = written("get_weather", {"city": "Rome"})
CALL3 = written("get_weather", ROME3[1])
CALL_OSLO = written("get_weather", {"city": "Oslo"})
CALL_CODE = written(*CODE)
