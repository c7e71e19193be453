"""Refuses what a strict server refuses of the messages of a chat request in OpenAI's shape."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from core.chat.sound_headers import sound_type

_DATA_URI = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})")
_TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")  # begun as Gemini wants it
_CALL_ID = re.compile(r"[a-zA-Z0-9]{9}")  # as Mistral wants them
_FIELDS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls"},
    "tool": {"role", "content", "tool_call_id"},
}
_FOLLOWS = {
    None: {"user"},
    "user": {"assistant"},
    "assistant": {"user"},
    "tool": {"assistant"},
}


def check(messages: Sequence[Mapping[str, Any]], *, pictures: bool, tools: bool, sounds: bool = False) -> None:
    """Assert that any provider takes these.

    Args:
        pictures, sounds: its model sees, or hears.
        tools: there are tools in its request.
    """
    json.dumps(messages, allow_nan=False, ensure_ascii=False).encode()
    said = list(messages)
    if said and said[0]["role"] == "system":
        _text(said.pop(0)["content"])
    before: str | None = None
    waiting: list[str] = []
    ids: set[str] = set()
    for message in said:
        role = message["role"]
        assert set(message) <= _FIELDS[role], f"{role} with {sorted(message)}"
        if waiting:
            assert role == "tool", "a call without its result"
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert role in _FOLLOWS[before], f"{role} after {before}"
        if role == "user":
            _content(message["content"], pictures, sounds)
        elif role == "tool":
            _text(message["content"])
        elif calls := message.get("tool_calls"):
            assert tools, "calls in a request without tools"
            if message["content"] is not None:
                _text(message["content"])
            waiting = [_call(call, ids) for call in calls]
        else:
            assert "tool_calls" not in message, "an empty list of calls"
            _text(message["content"])
        before = role
    assert not waiting, "a call without its result"
    assert before == "user", "nothing is asked"


def _text(content: Any) -> None:
    assert isinstance(content, str) and content.strip(), f"no text: {content!r}"


def _content(content: Any, pictures: bool, sounds: bool) -> None:
    if isinstance(content, str):
        _text(content)
        return
    assert content, "an empty list"
    for part in content:
        if part["type"] == "text":
            assert set(part) == {"type", "text"}
            _text(part["text"])
        elif part["type"] == "input_audio":
            assert sounds, "a sound for a model that hears none"
            assert set(part) == {"type", "input_audio"} and set(part["input_audio"]) == {"data", "format"}
            kinds = {"wav": "audio/wav", "mp3": "audio/mpeg"}
            sound = base64.b64decode(part["input_audio"]["data"], validate=True)
            assert sound_type(sound) == kinds[part["input_audio"]["format"]]
        else:
            assert pictures, "a picture for a model that sees none"
            assert set(part) == {"type", "image_url"} and set(part["image_url"]) == {"url"}
            found = _DATA_URI.fullmatch(part["image_url"]["url"])
            assert found, part["image_url"]["url"][:60]
            with Image.open(io.BytesIO(base64.b64decode(found[2], validate=True))) as opened:
                assert Image.MIME[opened.format or ""] == found[1]


def _call(call: Mapping[str, Any], ids: set[str]) -> str:
    assert set(call) == {"id", "type", "function"} and call["type"] == "function"
    assert set(call["function"]) == {"name", "arguments"}
    assert _TOOL_NAME.fullmatch(call["function"]["name"])
    assert _CALL_ID.fullmatch(call["id"])
    assert call["id"] not in ids, "two calls with one id"
    ids.add(call["id"])
    assert isinstance(json.loads(call["function"]["arguments"], parse_constant=_refuse), dict)
    return str(call["id"])


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
