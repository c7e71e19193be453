"""Refuses what Anthropic's Messages API refuses of a request, by its documentation.

Sources: the API's reference of "Create a Message", and its pages on tool use, vision and prompt caching.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chat.strict_pictures import is_picture

_FIELDS = {
    "model", "messages", "max_tokens", "system", "tools", "tool_choice", "stream", "temperature", "top_p", "top_k",
    "stop_sequences", "metadata", "thinking",
}  # fmt: skip
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_PICTURE_CHARS = 5 * 1024 * 1024
_MOST_PICTURES = 100
_MOST_MARKS = 4


def check_anthropic(body: Mapping[str, Any]) -> None:
    """Assert that the API takes this."""
    assert set(body) <= _FIELDS, sorted(set(body) - _FIELDS)
    assert isinstance(body["max_tokens"], int) and body["max_tokens"] >= 1
    marks = [block for block in _blocks_of(body) if "cache_control" in block]
    assert len(marks) <= _MOST_MARKS
    if "system" in body:
        assert body["system"], "an empty system prompt"
        for block in body["system"]:
            assert set(block) <= {"type", "text", "cache_control"} and block["type"] == "text"
            _text(block["text"])
    declared = {_tool(tool) for tool in body.get("tools", ())}
    assert "tools" not in body or declared, "an empty list of tools"
    _messages(body["messages"], has_tools=bool(declared))


def _messages(messages: Sequence[Mapping[str, Any]], *, has_tools: bool) -> None:
    assert messages, "no messages"
    waiting: list[str] = []
    seen: set[str] = set()
    pictures = 0
    for place, message in enumerate(messages):
        assert set(message) == {"role", "content"}
        assert message["role"] == ("user", "assistant")[place % 2], f"{message['role']} at {place}"
        content = message["content"]
        assert isinstance(content, list) and content, "a message without content"
        if message["role"] == "assistant":
            waiting = _said(content, seen)
            assert has_tools or not waiting, "calls in a request without tools"
        else:
            _results(content, waiting)
            waiting = []
            pictures += sum(block["type"] == "image" for block in content)
    assert messages[-1]["role"] == "user", "newer models take no beginning of their answer"
    assert pictures <= _MOST_PICTURES


def _said(content: Sequence[Mapping[str, Any]], seen: set[str]) -> list[str]:
    """The ids of the calls in an answer, which come after its words."""
    calls: list[str] = []
    for block in content:
        if block["type"] == "text":
            assert not calls, "words behind calls"
            _text_block(block)
            continue
        assert block["type"] == "tool_use", block["type"]
        assert set(block) <= {"type", "id", "name", "input", "cache_control"}
        assert _ID.fullmatch(block["id"]) and block["id"] not in seen
        assert _NAME.fullmatch(block["name"])
        assert isinstance(block["input"], dict)
        seen.add(block["id"])
        calls.append(block["id"])
    return calls


def _results(content: Sequence[Mapping[str, Any]], waiting: Sequence[str]) -> None:
    """One result for each call before, ahead of anything else."""
    results = [block for block in content if block["type"] == "tool_result"]
    assert [block["type"] for block in content[: len(results)]] == ["tool_result"] * len(results)
    assert sorted(block["tool_use_id"] for block in results) == sorted(waiting)
    for block in content:
        if block["type"] == "tool_result":
            assert set(block) <= {"type", "tool_use_id", "content", "is_error", "cache_control"}
            inner = block["content"]
            if isinstance(inner, str):
                _text(inner)
            else:
                assert inner, "an empty result"
                for each in inner:
                    _shown(each)
        else:
            _shown(block)


def _shown(block: Mapping[str, Any]) -> None:
    if block["type"] == "text":
        _text_block(block)
        return
    assert block["type"] == "image", block["type"]
    assert set(block) <= {"type", "source", "cache_control"}
    source = block["source"]
    assert set(source) == {"type", "media_type", "data"} and source["type"] == "base64"
    assert source["media_type"] in _PICTURES
    assert len(source["data"]) <= _PICTURE_CHARS
    assert is_picture(source["data"], source["media_type"])


def _text_block(block: Mapping[str, Any]) -> None:
    assert set(block) <= {"type", "text", "cache_control"}
    _text(block["text"])


def _text(text: Any) -> None:
    assert isinstance(text, str) and text.strip(), f"no text: {text!r}"


def _tool(tool: Mapping[str, Any]) -> str:
    assert set(tool) <= {"name", "description", "input_schema", "type", "cache_control"}
    assert tool.get("type", "custom") == "custom"
    assert _NAME.fullmatch(tool["name"])
    assert tool["input_schema"]["type"] == "object"
    return str(tool["name"])


def _blocks_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    said = [block for message in body["messages"] for block in message["content"]]
    return [*body.get("system", ()), *body.get("tools", ()), *said]
