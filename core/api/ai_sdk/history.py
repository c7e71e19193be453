"""From the AI SDK's messages to OpenAI's, which the gateway takes."""

from __future__ import annotations

import base64
import binascii
import json
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any

from core.api.ai_sdk.bodies import UIMessage, UIPart
from core.api.v1.errors import Unusable

_SOUNDS = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_UNFINISHED = "There is no result: the conversation went on without it."
_DENIED = "The person did not allow this call."


def history_of(messages: Sequence[UIMessage], system: str | None = None) -> list[dict[str, Any]]:
    """OpenAI's messages; `system` comes before all of them. A message with nothing for a model in it is left out.

    Raises:
        Unusable: a file is of no use to a model, or nothing is left; says which message it is.
    """
    made: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    for place, message in enumerate(messages):
        if message.role == "assistant":
            for step in _steps(message.parts):
                made += _step(step)
        elif message.role == "system":
            made += [{"role": "system", "content": text}] if (text := _text(message.parts)) else []
        elif content := _content(message.parts, place):
            made.append({"role": "user", "content": content})
    if not any(each["role"] != "system" for each in made):
        raise Unusable("No message has anything for a model in it.", "Send text or a file.", param="messages")
    return made


def _text(parts: Sequence[UIPart]) -> str:
    return "".join(part.text for part in parts if part.type == "text")


def _content(parts: Sequence[UIPart], place: int) -> str | list[dict[str, Any]]:
    """A user's: plain text where there is nothing else, which every server takes."""
    kept = [part for part in parts if part.type == "file" or (part.type == "text" and part.text)]
    if all(part.type == "text" for part in kept):
        return _text(kept)
    return [{"type": "text", "text": part.text} if part.type == "text" else _file(part, place) for part in kept]


def _file(part: UIPart, place: int) -> dict[str, Any]:
    kind = part.media_type.partition(";")[0].strip().lower()
    param, where = f"messages.{place}.parts", f"(messages.{place})"
    if not part.url.startswith(("data:", "https://", "http://")):
        raise Unusable(
            f"A file's url is neither a data: nor an http(s) URL {where}.", "Send it as a data: URL.", param=param
        )
    if kind.startswith("image/") or kind == "image":
        return {"type": "image_url", "image_url": {"url": part.url}}
    if not part.url.startswith("data:"):
        raise Unusable(
            f"Only pictures may be addresses {where}.", "Send what the file holds, as a data: URL.", param=param
        )
    head, _, held = part.url.partition(",")
    encoded = head.lower().endswith(";base64")
    if sound := _SOUNDS.get(kind):
        if not encoded:
            raise Unusable(f"A sound's data: URL is not in base64 {where}.", "Encode it in base64.", param=param)
        return {"type": "input_audio", "input_audio": {"data": held, "format": sound}}
    if kind.startswith("text/") or kind == "application/json":
        return {"type": "text", "text": f"{part.filename or 'File'}:\n{_decoded(held, encoded, param)}"}
    return {"type": "file", "file": {"filename": part.filename or "file", "file_data": part.url}}


def _decoded(held: str, encoded: bool, param: str) -> str:
    try:
        return base64.b64decode(held, validate=True).decode() if encoded else urllib.parse.unquote(held)
    except (binascii.Error, UnicodeDecodeError):
        raise Unusable(
            f"A text file's data: URL can't be read ({param}).", "Send UTF-8 in base64.", param=param
        ) from None


def _steps(parts: Sequence[UIPart]) -> Iterator[list[UIPart]]:
    """The parts between `step-start`s: each step was one answer of a model."""
    step: list[UIPart] = []
    for part in parts:
        if part.type == "step-start":
            yield step
            step = []
        else:
            step.append(part)
    yield step


def _step(parts: Sequence[UIPart]) -> list[dict[str, Any]]:
    """An answer, then a result for each of its calls: providers refuse a history where one is missing."""
    calls = [part for part in parts if part.tool and part.call_id and part.state != "input-streaming"]
    text = _text(parts)
    if not calls:
        return [{"role": "assistant", "content": text}] if text else []
    made = [{"id": part.call_id, "type": "function", "function": _function(part)} for part in calls]
    results = [{"role": "tool", "tool_call_id": part.call_id, "content": _result(part)} for part in calls]
    return [{"role": "assistant", "content": text or None, "tool_calls": made}, *results]


def _function(part: UIPart) -> dict[str, str]:
    given = part.raw_input if part.input is None else part.input
    if not isinstance(given, dict):  # not what the tool was to be called with; providers refuse all but an object
        given = {} if given is None else {"input": given}
    return {"name": part.tool, "arguments": json.dumps(given, ensure_ascii=False)}


def _result(part: UIPart) -> str:
    if part.state == "output-available":
        return _plain(part.output)
    if part.state == "output-error":
        return f"Error: {part.error_text or 'the tool failed'}"
    return _DENIED if part.state == "output-denied" else _UNFINISHED


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
