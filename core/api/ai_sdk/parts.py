"""The UI message stream protocol, version 1: deltas become typed parts, as server-sent events.

Read in `uiMessageChunkSchema` of the npm package `ai` 6.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from core.providers.attempts import Candidate
from core.providers.metering import cost_of, estimate_usage
from data.values.calls import TokenUsage
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    LeftOut,
    ReasoningDelta,
    SourceDelta,
    StreamEnd,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from data.values.sources import Source

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-vercel-ai-ui-message-stream": "v1",
    "x-accel-buffering": "no",  # proxies that buffer would hold the words back until the end
}
DONE = b"data: [DONE]\n\n"
_REASONS = {"stop": "stop", "length": "length", "content_filter": "content-filter", "tool_calls": "tool-calls"}


@dataclass(slots=True)
class _Call:
    id: str
    name: str = ""
    arguments: str = ""


class PartWriter:
    """Writes one answer.

    Args:
        candidates: who may answer; the first does, unless a fallback is noted.
        message_id: of the message that the parts make, or go on with.
    """

    def __init__(self, candidates: list[Candidate], message_id: str) -> None:
        self._candidates = candidates
        self._candidate = candidates[0]
        self._message_id = message_id
        self._open: tuple[str, str] | None = None
        self._blocks = 0
        self._calls: dict[int, _Call] = {}
        self._usage: TokenUsage | None = None
        self._fallback: dict[str, str] | None = None
        self._left_out: tuple[str, ...] = ()
        self._sources: set[str] = set()
        self._text = self._reasoning = 0

    def note(self, event: AttemptEvent) -> None:
        """Another model answers, or without part of what was asked: the message says so, and why. Before the start."""
        if not isinstance(event, AnotherTry):
            self._left_out = event.features if isinstance(event, LeftOut) else ()
            return
        self._left_out = ()  # of the call that failed
        if event.is_fallback:
            by = next((each for each in self._candidates if _names(each) == (event.provider, event.model)), None)
            self._candidate = by or self._candidate
            failed = f"{event.failed_provider}/{event.failed_model}"
            self._fallback = {"failed": failed, "model": self._candidate.request.model.id, "reason": str(event.kind)}

    def start(self) -> bytes:
        """How every message begins."""
        metadata: dict[str, Any] = {"model": self._candidate.request.model.id}
        made = part("start", messageId=self._message_id, messageMetadata=metadata) + part("start-step")
        if self._fallback is not None:
            made += part("data-fallback", data=self._fallback)
        return made + part("data-left-out", data={"features": self._left_out}) if self._left_out else made

    def write(self, delta: Delta) -> bytes:
        """One delta's parts; at the end all that is left, the terminator included. Empty for a usage report."""
        if isinstance(delta, TextDelta):
            self._text += len(delta.text)
            return self._piece("text", delta.text)
        if isinstance(delta, ReasoningDelta):
            self._reasoning += len(delta.text)
            return self._piece("reasoning", delta.text)
        if isinstance(delta, ToolCallDelta):
            self._text += len(delta.name) + len(delta.arguments)
            return self._close() + self._called(delta)
        if isinstance(delta, SourceDelta):
            return self._source(delta.source)
        if isinstance(delta, UsageReport):
            self._usage = delta.usage
            return b""
        return self._end(delta)

    def failed(self, words: str) -> bytes:
        """An answer that can't go on. The client keeps what it has, without calls whose input is not whole."""
        return self._close() + part("error", errorText=words) + part("finish", finishReason="error") + DONE

    def aborted(self) -> bytes:
        """An answer that Gearbox stops, because it is being ended; not for who hangs up, and hears nothing any more."""
        return self._close() + part("abort", reason="Gearbox is being stopped.") + DONE

    def _piece(self, kind: str, text: str) -> bytes:
        if not text:
            return b""
        begun = b""
        if self._open is None or self._open[0] != kind:
            begun = self._close()
            self._blocks += 1
            self._open = kind, f"{kind}-{self._blocks}"
            begun += part(f"{kind}-start", id=self._open[1])
        return begun + part(f"{kind}-delta", id=self._open[1], delta=text)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        kind, block_id = self._open
        self._open = None
        return part(f"{kind}-end", id=block_id)

    def _source(self, source: Source) -> bytes:
        """A page, once: a part of a message has no place in its text."""
        if source.url in self._sources:
            return b""
        self._sources.add(source.url)
        title = {"title": source.title} if source.title else {}
        return part("source-url", sourceId=f"source-{len(self._sources)}", url=source.url, **title)

    def _called(self, delta: ToolCallDelta) -> bytes:
        call = self._calls.setdefault(delta.index, _Call(delta.id or f"call_{uuid.uuid4().hex[:24]}"))
        call.arguments += delta.arguments
        if call.name:
            return (
                part("tool-input-delta", toolCallId=call.id, inputTextDelta=delta.arguments) if delta.arguments else b""
            )
        if not delta.name:
            return b""
        call.name = delta.name
        made = part("tool-input-start", toolCallId=call.id, toolName=call.name)
        return made + (
            part("tool-input-delta", toolCallId=call.id, inputTextDelta=call.arguments) if call.arguments else b""
        )

    def _whole(self, call: _Call) -> bytes:
        told = {"toolCallId": call.id, "toolName": call.name}
        try:
            return part("tool-input-available", **told, input=from_json(call.arguments or "{}", allow_inf_nan=False))
        except ValueError:
            words = "The model called this tool with something that is not JSON."
            return part("tool-input-error", **told, input=call.arguments, errorText=words)

    def _end(self, end: StreamEnd) -> bytes:
        calls = [self._calls[index] for index in sorted(self._calls) if self._calls[index].name]
        reason = "tool_calls" if calls and end.reason in {"unknown", "stop"} else end.reason
        finished = _REASONS.get(reason, "stop" if reason == "unknown" else "other")
        made = self._close() + b"".join(map(self._whole, calls)) + part("finish-step")
        return made + part("finish", finishReason=finished, messageMetadata=self._metadata()) + DONE

    def _metadata(self) -> dict[str, Any]:
        """What the answer used, and cost at list prices: `cost` is a decimal in words, null where nobody knows."""
        request = self._candidate.request
        usage = self._usage or estimate_usage(request.messages, text_chars=self._text, reasoning_chars=self._reasoning)
        cost = cost_of(request.model.price, usage)
        return {
            "model": request.model.id,
            "usage": {
                "inputTokens": usage.input,
                "outputTokens": usage.output,
                "totalTokens": usage.input + usage.output,
                "reasoningTokens": usage.reasoning,
                "cachedInputTokens": usage.cached,
                "estimated": usage.estimated,
            },
            "cost": None if cost.amount is None else format(cost.amount, "f"),
            "currency": None if cost.amount is None else cost.currency,
            **({} if self._fallback is None else {"fallback": self._fallback}),
            **({"leftOut": self._left_out} if self._left_out else {}),
        }


def _names(candidate: Candidate) -> tuple[str, str]:
    return candidate.request.model.provider, candidate.request.model.name


def part(kind: str, **fields: Any) -> bytes:
    """A part of the stream as a server-sent event."""
    # A lone surrogate can't be written in UTF-8; its backslash form is just what JSON has for it.
    text = json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode("utf-8", "backslashreplace")
