"""Tool calls on the wire: options out as they are, pieces of calls in, whole answers as well."""

from __future__ import annotations

import pytest

from core.providers.openai_wire import ChunkReader, request_body
from core.providers.request import ModelRequest, text_in
from data.values.events import TextDelta, ToolCallDelta
from data.values.models import Endpoint, EndpointKind, Model, Wire

ENDPOINT = Endpoint("e", "box", "Box", EndpointKind.CUSTOM, Wire.OPENAI, "http://127.0.0.1:1/v1")
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def test_options_are_sent_and_never_replace_what_gearbox_says() -> None:
    options = {"tools": TOOLS, "parallel_tool_calls": True, "model": "another", "stream": False}
    body = request_body(
        ModelRequest(ENDPOINT, Model("box", "m", "m"), ({"role": "user", "content": "hi"},), options=options)
    )
    assert (body["tools"], body["parallel_tool_calls"], body["model"], body["stream"]) == (TOOLS, True, "m", True)


def test_parallel_calls_come_in_pieces_beside_text() -> None:
    reader = ChunkReader()
    pieces = [
        {"content": "Looking.", "tool_calls": [{"index": 0, "id": "a", "function": {"name": "look", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"x":'}}, {"index": 1, "id": "b", "function": {}}]},
    ]
    deltas = [delta for piece in pieces for delta in reader.read({"choices": [{"delta": piece}]})]
    assert deltas == [
        TextDelta("Looking."),
        ToolCallDelta(0, "a", "look"),
        ToolCallDelta(0, arguments='{"x":'),
        ToolCallDelta(1, "b"),
    ]


def test_a_whole_answer_numbers_its_calls() -> None:
    calls = [{"id": name, "function": {"name": "look", "arguments": "{}"}} for name in "ab"]
    deltas = ChunkReader().read({"choices": [{"message": {"content": None, "tool_calls": calls}}]})
    assert deltas == [ToolCallDelta(0, "a", "look", "{}"), ToolCallDelta(1, "b", "look", "{}")]


def test_what_is_no_call_is_no_completion() -> None:
    with pytest.raises(ValueError, match="tool call"):
        ChunkReader().read({"choices": [{"delta": {"tool_calls": ["look"]}}]})


def test_the_text_of_parts_and_of_calls_counts() -> None:
    call = {"id": "a", "function": {"name": "look", "arguments": "{}"}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert text_in({"role": "user", "content": [{"type": "text", "text": "hi"}, picture]}) == "hi"
    assert text_in({"role": "assistant", "content": None, "tool_calls": [call]}) == "look\n{}"
