"""OpenAI's chat completion wire format, client side: requests out, chunks and whole answers in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.providers.failures import message_of
from core.providers.prompt_caching import marked
from core.providers.request import ModelRequest
from core.providers.sources_named import SourcesNamed
from data.values.calls import ErrorKind, TokenUsage
from data.values.events import Delta, ReasoningDelta, TextDelta, ToolCallDelta

_OPENAI_HOST = "https://api.openai.com/"
_ERROR_KINDS = {
    "invalid_api_key": ErrorKind.AUTH,
    "authentication_error": ErrorKind.AUTH,
    "permission_error": ErrorKind.AUTH,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "rate_limit_error": ErrorKind.RATE_LIMIT,
    "insufficient_quota": ErrorKind.RATE_LIMIT,
    "invalid_request_error": ErrorKind.BAD_REQUEST,
    "context_length_exceeded": ErrorKind.BAD_REQUEST,
    "model_not_found": ErrorKind.NOT_FOUND,
}


def request_body(request: ModelRequest) -> dict[str, Any]:
    """The JSON of `POST {base_url}/chat/completions`, streamed where the server does that."""
    body: dict[str, Any] = {**request.options, "model": request.model.name, "messages": marked(request)}
    body["stream"] = request.streams
    if request.streams and request.asks_usage:
        body["stream_options"] = {"include_usage": True}
    sampling = request.sampling
    if sampling.temperature is not None:
        body["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.max_tokens is not None:
        # OpenAI's reasoning models refuse the old name; most other servers know only that one.
        own = request.endpoint.base_url.startswith(_OPENAI_HOST)
        body["max_completion_tokens" if own else "max_tokens"] = sampling.max_tokens
    return body


class ChunkReader:
    """Turns the chunks of one stream into deltas; keeps usage and finish reason, which may come in any order."""

    def __init__(self) -> None:
        self.usage: TokenUsage | None = None
        self.finish_reason: str | None = None
        self._sources = SourcesNamed()

    def read(self, chunk: Mapping[str, Any]) -> list[Delta]:
        """The deltas of one chunk, or of a whole answer.

        Raises:
            ValueError: it is not a chat completion.
        """
        if usage := chunk.get("usage"):
            # Some servers send a running count in every chunk: the last one stands.
            self.usage = usage_of(usage)
        choices = chunk.get("choices")
        if not choices:
            if choices is None and not usage:
                raise ValueError("no choices")
            return self._sources.after([], chunk)
        try:
            choice = choices[0]
            delta = choice.get("delta") or choice.get("message") or {}
            if reason := choice.get("finish_reason"):
                self.finish_reason = str(reason)
            content = delta.get("content")
            reasoning = delta.get("reasoning_content") or delta.get("reasoning")
            calls = delta.get("tool_calls")
            self._sources.cited(delta)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError("a choice has no delta") from error
        deltas: list[Delta] = []
        if reasoning and isinstance(reasoning, str):
            deltas.append(ReasoningDelta(reasoning))
        if content:
            deltas.extend([TextDelta(content)] if isinstance(content, str) else _from_parts(content))
        if calls and isinstance(calls, list):
            deltas.extend(_calls(calls))
        return self._sources.after(deltas, chunk)


def usage_of(usage: Any) -> TokenUsage | None:
    """Token counts from a `usage` object; None where it counts nothing (some servers send zeros)."""
    if not isinstance(usage, Mapping):
        return None
    counted = TokenUsage(
        input=count(usage, "prompt_tokens"),
        output=count(usage, "completion_tokens"),
        cached=count(usage.get("prompt_tokens_details"), "cached_tokens")
        or count(usage, "prompt_cache_hit_tokens"),  # DeepSeek's name
        reasoning=count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        written=count(usage, "cache_creation_input_tokens")  # litellm's name, as Anthropic's
        or count(usage.get("prompt_tokens_details"), "cache_write_tokens"),  # OpenRouter's
    )
    return counted if counted.input or counted.output else None


def stream_error(error: Any) -> tuple[ErrorKind, str]:
    """Kind and message of an `error` object in the middle of a stream."""
    kind = ErrorKind.PROVIDER
    if isinstance(error, Mapping):
        for name in ("code", "type"):
            kind = _ERROR_KINDS.get(str(error.get(name)), kind)
            if kind is not ErrorKind.PROVIDER:
                break
    return kind, message_of(error)


def _calls(calls: list[Any]) -> list[Delta]:
    """Pieces of tool calls; whole answers carry no index, so their place in the list stands for it."""
    deltas: list[Delta] = []
    for place, call in enumerate(calls):
        if not isinstance(call, Mapping):
            raise ValueError("a tool call is no object")
        function = call.get("function") or {}
        index = call.get("index")
        deltas.append(
            ToolCallDelta(
                index if isinstance(index, int) else place,
                str(call.get("id") or ""),
                str(function.get("name") or ""),
                str(function.get("arguments") or ""),
            )
        )
    return deltas


def _from_parts(content: Any) -> list[Delta]:
    """Content as a list of typed parts, as Mistral sends it."""
    deltas: list[Delta] = []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, Mapping) and isinstance(text := part.get("text"), str):
            deltas.append(TextDelta(text))
        elif isinstance(part, Mapping) and isinstance(thinking := part.get("thinking"), list):
            deltas.extend(ReasoningDelta(delta.text) for delta in _from_parts(thinking) if isinstance(delta, TextDelta))
    return deltas


def count(source: Any, name: str) -> int:
    """A number of tokens in an object of counts; 0 where it is missing or none."""
    value = source.get(name) if isinstance(source, Mapping) else None
    return max(int(value), 0) if isinstance(value, int | float) else 0
