"""OpenAI's chat completion wire, our side: deltas become chunks, or one whole answer.

A chunk is put together from bytes: its frame is the same for the whole answer, and only the text is encoded.
"""

from __future__ import annotations

import json
import time
import uuid
from json.encoder import encode_basestring
from typing import Any

from core.api.v1.shapes import Annotation
from core.providers.metering import estimate_usage
from core.providers.request import ModelRequest
from data.values.calls import TokenUsage
from data.values.events import Delta, ReasoningDelta, SourceDelta, StreamEnd, TextDelta, ToolCallDelta, UsageReport
from data.values.sources import Source

DONE = b"data: [DONE]\n\n"


class AnswerState:
    """What has to be known of an answer at its end, however it is sent."""

    def __init__(self, request: ModelRequest, model: str = "") -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self.model = model or request.model.id
        self.usage: TokenUsage | None = None
        self.finish_reason = "stop"
        self._request = request
        self._text = 0
        self._reasoning = 0
        self._call_ids: dict[int, str] = {}

    def note(self, delta: Delta) -> None:
        """Take note of a delta as it goes by."""
        if isinstance(delta, TextDelta):
            self._text += len(delta.text)
        elif isinstance(delta, ReasoningDelta):
            self._reasoning += len(delta.text)
        elif isinstance(delta, ToolCallDelta):
            self._text += len(delta.name) + len(delta.arguments)
        elif isinstance(delta, UsageReport):
            self.usage = delta.usage
        elif isinstance(delta, SourceDelta):
            return
        elif delta.reason != "unknown":
            self.finish_reason = delta.reason
        elif self._call_ids:
            self.finish_reason = "tool_calls"

    def call_id(self, delta: ToolCallDelta) -> str:
        """The id of a call whose first piece this is, its own or ours; empty for later pieces."""
        if delta.index in self._call_ids:
            return ""
        self._call_ids[delta.index] = delta.id or f"call_{uuid.uuid4().hex[:24]}"
        return self._call_ids[delta.index]

    def usage_body(self) -> dict[str, Any]:
        """Token counts: the provider's, else estimated from lengths and marked so."""
        usage = self.usage or estimate_usage(
            self._request.messages, text_chars=self._text, reasoning_chars=self._reasoning
        )
        body: dict[str, Any] = {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        }
        return body | {"estimated": True} if usage.estimated else body


class ChunkWriter:
    """Writes one answer as server-sent events."""

    def __init__(self, state: AnswerState, *, include_usage: bool) -> None:
        self._state = state
        self._include_usage = include_usage
        head = {
            "id": state.id,
            "object": "chat.completion.chunk",
            "created": state.created,
            "model": state.model,
        }
        self._head = "data: " + json.dumps(head, ensure_ascii=False)[:-1]
        self._before = self._head + ',"choices":[{"index":0,"delta":{'
        self._after = '},"logprobs":null,"finish_reason":null}]' + (',"usage":null' if include_usage else "") + "}\n\n"

    def role(self) -> bytes:
        """The first chunk."""
        return self._chunk('"role":"assistant","content":"","refusal":null')

    def write(self, delta: Delta) -> bytes:
        """One delta's chunk; at the end all that is left, the terminator included. Empty for a usage report."""
        self._state.note(delta)
        if isinstance(delta, TextDelta):
            return self._chunk('"content":' + encode_basestring(delta.text))
        if isinstance(delta, ReasoningDelta):
            return self._chunk('"reasoning_content":' + encode_basestring(delta.text))
        if isinstance(delta, ToolCallDelta):
            return self._chunk('"tool_calls":' + json.dumps([self._call(delta)]))
        if isinstance(delta, SourceDelta):
            return self._chunk('"annotations":' + json.dumps([_annotation(delta.source)]))
        return self._end() if isinstance(delta, StreamEnd) else b""

    def _call(self, delta: ToolCallDelta) -> dict[str, Any]:
        function = {"name": delta.name} if delta.name else {}
        call: dict[str, Any] = {"index": delta.index, "function": {**function, "arguments": delta.arguments}}
        if call_id := self._state.call_id(delta):
            call |= {"id": call_id, "type": "function"}
        return call

    def _chunk(self, delta: str) -> bytes:
        # A lone surrogate can't be written in UTF-8; its backslash form is just what JSON has for it.
        return (self._before + delta + self._after).encode("utf-8", "backslashreplace")

    def _end(self) -> bytes:
        end = self._chunk("").replace(
            b'"finish_reason":null', f'"finish_reason":{encode_basestring(self._state.finish_reason)}'.encode()
        )
        if self._include_usage:
            usage = json.dumps(self._state.usage_body())
            end += f'{self._head},"choices":[],"usage":{usage}}}\n\n'.encode("utf-8", "backslashreplace")
        return end + DONE


class WholeWriter:
    """Collects one answer."""

    def __init__(self, state: AnswerState) -> None:
        self._state = state
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._annotations: list[Annotation] = []

    def add(self, delta: Delta) -> None:
        """Take the next delta."""
        self._state.note(delta)
        if isinstance(delta, TextDelta):
            self._text.append(delta.text)
        elif isinstance(delta, ReasoningDelta):
            self._reasoning.append(delta.text)
        elif isinstance(delta, ToolCallDelta):
            if call_id := self._state.call_id(delta):
                function = {"name": "", "arguments": ""}
                self._calls[delta.index] = {"id": call_id, "type": "function", "function": function}
            function = self._calls[delta.index]["function"]
            function["name"] += delta.name
            function["arguments"] += delta.arguments
        elif isinstance(delta, SourceDelta):
            self._annotations.append(_annotation(delta.source))

    def body(self) -> bytes:
        """The whole answer."""
        text = "".join(self._text)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text or (None if self._calls else ""),
            "refusal": None,
        }
        if self._reasoning:
            message["reasoning_content"] = "".join(self._reasoning)
        if self._calls:
            message["tool_calls"] = [self._calls[index] for index in sorted(self._calls)]
        if self._annotations:
            message["annotations"] = self._annotations
        state = self._state
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": state.finish_reason}
        answer = {
            "id": state.id,
            "object": "chat.completion",
            "created": state.created,
            "model": state.model,
            "choices": [choice],
            "usage": state.usage_body(),
        }
        return json.dumps(answer).encode()


def _annotation(source: Source) -> Annotation:
    # OpenAI's clients expect both numbers: a source of the whole answer stands at no word of it.
    start, end = source.start or 0, source.end or 0
    cited = {"url": source.url, "title": source.title, "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": cited}
