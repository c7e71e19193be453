"""Tools through litellm in the dialects of Anthropic and Gemini, over real HTTP: their descriptions, calls, results."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import Response

from core.errors import ProviderError
from core.providers.features import Feature
from core.providers.learned import Learned, Trial
from core.providers.litellm_transport import LitellmTransport
from core.providers.request import ModelRequest
from data.values.calls import ErrorKind
from data.values.events import StreamEnd, TextDelta, ToolCallDelta
from data.values.models import EndpointKind, Model, Wire
from tests.gateway.calls import KEY, request
from tests.gateway.server import serve
from tests.gateway.test_direct_transport import Recorder

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
HISTORY: tuple[Any, ...] = (
    {"role": "user", "content": "Weather in Bern and Basel?"},
    {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    {"role": "user", "content": "And Basel?"},
)


@pytest.fixture
async def litellm() -> AsyncIterator[LitellmTransport]:
    transport = LitellmTransport()
    await transport.warm()
    yield transport
    await transport.aclose()


def asked(origin: str, provider: str, model: str, **options: object) -> ModelRequest:
    plain = request(origin, wire=Wire.LITELLM)
    endpoint = replace(plain.endpoint, provider=provider, kind=EndpointKind.PROVIDER)
    return replace(
        plain,
        endpoint=endpoint,
        model=Model(provider, model, model),
        messages=HISTORY,
        options={"tools": [WEATHER], **options},
    )


async def calls_of(transport: LitellmTransport, wanted: ModelRequest) -> tuple[str, dict[int, list[str]], str]:
    """The text, each call as its name and arguments, and why the answer ended."""
    text, calls, end = "", dict[int, list[str]](), ""
    async with contextlib.aclosing(transport.stream(wanted, KEY)) as deltas:
        async for delta in deltas:
            if isinstance(delta, TextDelta):
                text += delta.text
            elif isinstance(delta, ToolCallDelta):
                call = calls.setdefault(delta.index, ["", ""])
                call[0] += delta.name
                call[1] += delta.arguments
            elif isinstance(delta, StreamEnd):
                end = delta.reason
    return text, calls, end


def named_events(documents: Iterable[dict[str, Any]]) -> Response:
    body = "".join(f"event: {each.get('type', 'message')}\ndata: {json.dumps(each)}\n\n" for each in documents)
    return Response(body, media_type="text/event-stream")


def tool_use(index: int, city: str) -> list[dict[str, Any]]:
    block = {"type": "tool_use", "id": f"toolu_{index}", "name": "weather", "input": {}}
    half = len(text := json.dumps({"city": city})) // 2
    pieces = ({"type": "input_json_delta", "partial_json": piece} for piece in (text[:half], text[half:]))
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *({"type": "content_block_delta", "index": index, "delta": piece} for piece in pieces),
        {"type": "content_block_stop", "index": index},
    ]


async def test_anthropic_s(litellm: LitellmTransport) -> None:
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "claude"}
    said: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "usage": {"input_tokens": 3, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "I look."}},
        {"type": "content_block_stop", "index": 0},
        *tool_use(1, "Basel"),
        *tool_use(2, "Genève"),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    recorder = Recorder(named_events(said))
    with serve(recorder) as origin:
        text, calls, end = await calls_of(litellm, asked(origin, "anthropic", "claude-sonnet-4-5"))
    assert (text, end) == ("I look.", "tool_calls")
    assert [(name, json.loads(arguments)) for name, arguments in calls.values()] == [
        ("weather", {"city": "Basel"}),
        ("weather", {"city": "Genève"}),
    ]
    [body] = recorder.bodies
    assert [(tool["name"], tool["input_schema"]["required"]) for tool in body["tools"]] == [("weather", ["city"])]
    blocks = [block for each in body["messages"] for block in each["content"] if isinstance(block, dict)]
    assert [block["type"] for block in blocks].count("tool_use") == 1
    assert [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"] == ["c1"]


async def test_gemini_s(litellm: LitellmTransport) -> None:
    parts = [
        {"text": "I look."},
        *({"functionCall": {"name": "weather", "args": {"city": each}}} for each in ("A", "B")),
    ]
    answer = {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7},
    }
    recorder = Recorder(Response(f"data: {json.dumps(answer)}\n\n", media_type="text/event-stream"))
    with serve(recorder) as origin:
        text, calls, end = await calls_of(litellm, asked(origin, "gemini", "gemini-2.5-flash"))
    assert (text, end) == ("I look.", "tool_calls")
    assert [(name, json.loads(arguments)) for name, arguments in calls.values()] == [
        ("weather", {"city": "A"}),
        ("weather", {"city": "B"}),
    ]
    [body] = recorder.bodies
    [declared] = [
        each for tool in body["tools"] for each in tool.get("function_declarations", tool.get("functionDeclarations"))
    ]
    assert (declared["name"], declared["parameters"]["required"]) == ("weather", ["city"])
    sent = [part for each in body["contents"] for part in each["parts"]]
    assert [part["function_call"]["args"] for part in sent if "function_call" in part] == [{"city": "Bern"}]
    assert [part["function_response"]["name"] for part in sent if "function_response" in part] == ["weather"]


async def test_a_fault_inside_of_litellm_is_told_without_its_insides(litellm: LitellmTransport) -> None:
    wanted = asked("http://127.0.0.1:9", "anthropic", "claude-sonnet-4-5", tools=[{"type": "function", "function": 7}])
    with pytest.raises(ProviderError) as caught:
        await calls_of(litellm, wanted)
    assert caught.value.kind is ErrorKind.INTERNAL
    assert "Traceback" not in str(caught.value) and ".py" not in str(caught.value)


def test_claude_is_not_asked_to_think_in_a_round_whose_thoughts_are_gone() -> None:
    trial = Trial(Learned())
    wanted = asked("http://127.0.0.1:9", "anthropic", "claude-sonnet-4-5", reasoning_effort="low")
    for messages, thinks in ((HISTORY[:3], False), (HISTORY, False), (HISTORY[:1], True)):
        fitted = trial.fit(replace(wanted, messages=messages))
        assert ("reasoning_effort" in fitted.options) is thinks
        assert trial.left_out == (() if thinks else (Feature.REASONING_EFFORT,))
    signed: tuple[Any, ...] = (
        {**HISTORY[1], "thinking_blocks": [{"type": "thinking", "thinking": "x", "signature": "y"}]},
    )
    assert "reasoning_effort" in trial.fit(replace(wanted, messages=(HISTORY[0], *signed, HISTORY[2]))).options
    other = asked("http://127.0.0.1:9", "gemini", "gemini-2.5-flash", reasoning_effort="low")
    assert "reasoning_effort" in trial.fit(other).options
