"""OpenAI's chat completion wire, server side: the JSON of chunks, whole answers and errors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from core.sandbox.script import Script

MODEL, PLAIN = "scripted", "scripted-no-tools"
EMBEDDING, IMAGE, SPEECH = "scripted-embedding", "scripted-image", "scripted-speech"
IMAGE_2, SPEECH_2 = "scripted-image-2", "scripted-speech-2"
TRANSCRIPTION, RERANK, VIDEO = "scripted-transcription", "scripted-rerank", "scripted-video"
IMAGES, SPEECHES = (IMAGE, IMAGE_2), (SPEECH, SPEECH_2)
MODELS = (MODEL, PLAIN, EMBEDDING, *IMAGES, *SPEECHES, TRANSCRIPTION, RERANK, VIDEO)
"""One for each thing to do, two where people pick another; the name says that it is scripted."""
_CREATED = int(time.time())


def models() -> dict[str, Any]:
    """The answer of `GET /models`."""
    return {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": _CREATED, "owned_by": "gearbox-sandbox"} for name in MODELS
        ],
    }


def error(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """An error body."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def usage(script: Script) -> dict[str, Any]:
    """Token counts of a whole reply; a token is a word here."""
    sent = len(script.thought) + len(script.pieces)
    return {
        "prompt_tokens": script.prompt_tokens,
        "completion_tokens": sent,
        "total_tokens": script.prompt_tokens + sent,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": len(script.thought)},
    }


def completion(call_id: str, script: Script) -> dict[str, Any]:
    """The answer to a request without `stream`."""
    message: dict[str, Any] = {"role": "assistant", "content": script.text, "refusal": None}
    if script.thought:
        message["reasoning_content"] = "".join(script.thought)
    if script.sources:
        message["annotations"] = _annotations(script)
    if script.calls:
        message |= {"content": None, "tool_calls": [_call(place, *call) for place, call in enumerate(script.calls)]}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": script.finish_reason}
    return {**_head(call_id, "chat.completion"), "choices": [choice], "usage": usage(script)}


def content_events(call_id: str, script: Script) -> Iterator[bytes]:
    """The role event, one event a word, of the reasoning first, one for what is cited, three for each tool call."""
    yield _event(call_id, {"role": "assistant", "content": "", "refusal": None})
    for piece in script.thought:
        yield _event(call_id, {"reasoning_content": piece})
    for piece in script.pieces:
        yield _event(call_id, {"content": piece})
    if script.sources:
        yield _event(call_id, {"annotations": _annotations(script)})
    for place, (name, arguments) in enumerate(script.calls):
        yield _event(call_id, {"tool_calls": [{"index": place} | _call(place, name, "")]})
        for piece in (arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]):
            yield _event(call_id, {"tool_calls": [{"index": place, "function": {"arguments": piece}}]})


def closing_events(call_id: str, script: Script, *, include_usage: bool) -> Iterator[bytes]:
    """The finish reason, the usage if it was asked for, and the terminator."""
    yield _event(call_id, {}, script.finish_reason)
    if include_usage:
        yield sse({**_head(call_id, "chat.completion.chunk"), "choices": [], "usage": usage(script)})
    yield b"data: [DONE]\n\n"


def sse(document: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def _call(place: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_sandbox_{place}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _annotations(script: Script) -> list[dict[str, Any]]:
    """Citations of the whole reply."""
    cited = {"start_index": 0, "end_index": len(script.text)}
    return [
        {"type": "url_citation", "url_citation": {"url": url, "title": title, **cited}} for url, title in script.sources
    ]


def _event(call_id: str, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return sse({**_head(call_id, "chat.completion.chunk"), "choices": [choice]})


def _head(call_id: str, kind: str) -> dict[str, Any]:
    return {"id": call_id, "object": kind, "created": int(time.time()), "model": MODEL}
