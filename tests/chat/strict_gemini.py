"""Refuses what Gemini's generateContent refuses of a request, by its documentation.

Sources: the API's reference of `Content`, `Part` and `FunctionDeclaration`, its pages on function calling and images,
and the words of its 400s: "function call turn comes immediately after a user turn or after a function response turn",
"the number of function response parts is equal to the number of function call parts". Both spellings of names are read.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chat.strict_pictures import is_picture

_FIELDS = {"contents", "system_instruction", "tools", "toolConfig", "generationConfig", "safetySettings"}
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}")
_PICTURES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}
_SOUNDS = {"audio/wav", "audio/mp3", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"}
_BODY_CHARS = 20 * 1024 * 1024
_BESIDE = {"thoughtSignature"}
_NAMELESS = {"function_call": "functionCall", "function_response": "functionResponse", "inline_data": "inlineData"}


def check_gemini(body: Mapping[str, Any], *, takes_ids: bool) -> None:
    """Assert that the API takes this; `takes_ids` for Gemini 3 and newer: older ones refuse ids of calls."""
    assert set(body) <= _FIELDS, sorted(set(body) - _FIELDS)
    if "system_instruction" in body:
        assert body["system_instruction"]["parts"], "an empty system prompt"
        for part in body["system_instruction"]["parts"]:
            assert set(part) == {"text"}
            _text(part["text"])
    declared = [each for tool in body.get("tools", ()) for each in tool["function_declarations"]]
    assert "tools" not in body or declared, "an empty list of tools"
    assert all(_NAME.fullmatch(each["name"]) for each in declared)
    assert sum(len(str(content)) for content in body["contents"]) <= _BODY_CHARS
    _contents(body["contents"], has_tools=bool(declared), takes_ids=takes_ids)


def _contents(contents: Sequence[Mapping[str, Any]], *, has_tools: bool, takes_ids: bool) -> None:
    assert contents, "no contents"
    waiting: list[Mapping[str, Any]] = []
    for place, content in enumerate(contents):
        assert set(content) == {"role", "parts"}
        assert content["role"] == ("user", "model")[place % 2], f"{content['role']} at {place}"
        assert content["parts"], "a content without parts"
        held = [_part(part) for part in content["parts"]]
        calls = [value for kind, value in held if kind == "functionCall"]
        results = [value for kind, value in held if kind == "functionResponse"]
        if content["role"] == "model":
            assert not results
            assert has_tools or not calls, "calls in a request without tools"
            assert [kind for kind, _ in held if kind not in {"text", "functionCall"}] == []
            waiting = calls
        else:
            assert not calls
            assert not results or len(results) == len(held), "results beside something else"
            assert [each["name"] for each in results] == [each["name"] for each in waiting], "not one result for a call"
            ids = [each.get("id") for each in results]
            assert ids == [each.get("id") for each in waiting]
            assert all(ids) if takes_ids else not any(ids)
            waiting = []
    assert contents[-1]["role"] == "user", "nothing is asked"


def _part(part: Mapping[str, Any]) -> tuple[str, Any]:
    """Its kind and what it holds: exactly one thing."""
    [kind] = set(part) - _BESIDE
    value = part[kind]
    kind = _NAMELESS.get(kind, kind)
    if kind == "text":
        _text(value)
    elif kind == "inlineData":
        assert set(value) == {"data", "mime_type"}
        if value["mime_type"] in _SOUNDS:
            base64.b64decode(value["data"], validate=True)
            return kind, value
        assert value["mime_type"] in _PICTURES, value["mime_type"]
        assert is_picture(value["data"], value["mime_type"])
    elif kind == "functionCall":
        assert set(value) <= {"name", "args", "id"}
        assert _NAME.fullmatch(value["name"]) and isinstance(value["args"], dict)
    else:
        assert kind == "functionResponse", kind
        assert set(value) <= {"name", "response", "id"}, "a text of a tool was taken for something else"
        assert _NAME.fullmatch(value["name"]) and isinstance(value["response"], dict) and value["response"]
    return kind, value


def _text(text: Any) -> None:
    assert isinstance(text, str) and text.strip(), f"no text: {text!r}"
