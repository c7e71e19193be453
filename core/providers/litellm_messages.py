"""Messages as litellm can be handed them: it reads more into a tool's result than text, and less into equal calls.

Each of these has a 400 at its end that comes back with every further prompt of the conversation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from core.providers.prompt_caching import marked
from core.providers.request import ChatMessage, ModelRequest

_BEFORE = "Result:\n"
_GEMINI = {"gemini", "vertex_ai"}


def told(request: ModelRequest) -> list[ChatMessage]:
    """The request's messages, with the marks of caching that the model wants."""
    messages = [_as_text(message) for message in marked(request)]
    return _equal_calls_apart(messages) if request.endpoint.provider in _GEMINI else messages


def _as_text(message: ChatMessage) -> ChatMessage:
    content = message["content"]
    if message["role"] != "tool" or not content:
        return message
    if isinstance(content, str):
        return {**message, "content": _plain(content)}
    first = content[0]  # litellm joins the texts of a list
    if first.get("type") != "text":
        return message
    return {**message, "content": [{**first, "text": _plain(str(first["text"]))}, *content[1:]]}


def _plain(result: str) -> str:
    """The result, so that Gemini gets the text: as it is, or as sound JSON.

    litellm sends what begins like a `data:` address as a picture, though nobody made sure that it is one, and what it
    can read as JSON as an object: with numbers that no JSON has, or nested so deep that it gives up.
    """
    start = result.lstrip()[:5].lower()
    is_trap = start == "data:" or (start[:1] in {"{", "["} and not _is_sound_json(result))
    return _BEFORE + result if is_trap else result


def _is_sound_json(text: str) -> bool:
    try:
        json.dumps(json.loads(text, parse_float=_finite), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError("no number of JSON's")
    return number


def _equal_calls_apart(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Equal calls of one message one after another: of those litellm sends one, and Gemini misses one for a result."""
    made: list[ChatMessage] = []
    rest = list(messages)
    while rest:
        message = rest.pop(0)
        calls = message.get("tool_calls", [])
        rounds = _rounds(calls)
        if len(rounds) < 2:
            made.append(message)
            continue
        results: list[ChatMessage] = []
        while rest and rest[0]["role"] == "tool":
            results.append(rest.pop(0))
        for place, each in enumerate(rounds):
            ids = {call.get("id") for call in each}
            said: ChatMessage = message if place == 0 else {"role": "assistant", "content": None}
            made += [{**said, "tool_calls": each}, *(one for one in results if one.get("tool_call_id") in ids)]
    return made


def _rounds(calls: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    rounds: list[list[dict[str, Any]]] = []
    seen: set[str] = set()
    for call in calls:
        made = _made(call)
        if not rounds or made in seen:
            rounds.append([])
            seen.clear()
        rounds[-1].append(call)
        seen.add(made)
    return rounds


def _made(call: dict[str, Any]) -> str:
    """What is called with what; litellm compares what it read, not how it is written."""
    function = call.get("function") or {}
    arguments = function.get("arguments", "")
    try:
        arguments = json.dumps(json.loads(arguments or "{}"), sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        arguments = str(arguments)
    return f"{function.get('name')} {arguments}"
