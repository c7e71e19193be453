"""A model without native tools calls them all the same: the official client sees ordinary tool calls."""

from __future__ import annotations

from typing import Any

import pytest
from openai import OpenAI

from core.sandbox.dialects import DIALECTS
from core.tools.checked import load
from tests.v1.test_chat import TOOLS, says

load()  # takes seconds on a busy machine, and a client here waits 20

MODEL = "sandbox/scripted-no-tools"
GIVEN = '{"city": "sandbox", "days": 2}'


@pytest.mark.parametrize("dialect", DIALECTS)
def test_calls_in_every_dialect_are_ordinary_calls(client: OpenAI, dialect: str) -> None:
    asked = says(f"[[pace:instant]][[dialect:{dialect}]] get_weather")
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=asked, tools=TOOLS)
    choice = raw.parse().choices[0]
    calls: list[Any] = choice.message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls] == [("get_weather", GIVEN)]
    assert (choice.finish_reason, raw.headers["x-gearbox-tools"]) == ("tool_calls", "prompted")


def test_a_stream_and_the_result_that_follows(client: OpenAI) -> None:
    asked = says("[[pace:instant]] get_tides")
    chunks = list(
        client.chat.completions.create(model=MODEL, messages=asked, tools=TOOLS, tool_choice="required", stream=True)
    )
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert not any(chunk.choices[0].delta.content for chunk in chunks)
    call: Any = next(call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or [])
    function = {"name": call.function.name, "arguments": call.function.arguments}
    made: Any = {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": function}]}
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": "high at noon"}
    answer = client.chat.completions.create(model=MODEL, messages=[*asked, made, result], tools=TOOLS)
    assert answer.choices[0].message.content == "I am the sandbox. The tool answered: high at noon"
    assert answer.choices[0].finish_reason == "stop"


def test_text_of_a_model_with_native_tools_is_read_too(client: OpenAI) -> None:
    asked = says("[[pace:instant]][[dialect:qwen]] get_weather and get_tides")
    raw = client.chat.completions.with_raw_response.create(
        model="sandbox/scripted", messages=asked, tools=TOOLS, parallel_tool_calls=False
    )
    assert "x-gearbox-tools" not in raw.headers
    assert len(raw.parse().choices[0].message.tool_calls or []) == 1
