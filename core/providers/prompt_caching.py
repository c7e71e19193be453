"""Marks for providers that cache the beginning of a prompt only where they are told to.

Anthropic's models do, directly and through OpenRouter. Most others (OpenAI, Gemini, DeepSeek, xAI, Groq, Moonshot AI)
cache by themselves, and would refuse the mark or ignore it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.providers.request import ChatMessage, ModelRequest, text_in

# Anthropic caches nothing below 1,024 to 4,096 tokens, by model; a write costs a quarter more than plain input.
LONG_CHARS = 8_000
_MARK = {"type": "ephemeral"}


def marked(request: ModelRequest) -> list[ChatMessage]:
    """The messages, with marks behind a long system prompt and behind a long history where the model wants them.

    The second one is on the newest message: the next turn of the conversation then finds all before it cached.
    """
    messages = list(request.messages)
    if not _wants_marks(request) or _marked_already(messages):
        return messages
    system = [place for place, message in enumerate(messages) if message["role"] in {"system", "developer"}]
    if system and sum(len(text_in(messages[place])) for place in system) >= LONG_CHARS:
        messages[system[-1]] = _with_mark(messages[system[-1]])
    # A first question may stay the only one: then there is nobody to read what was written.
    talking = any(message["role"] == "assistant" for message in messages)
    if talking and sum(len(text_in(message)) for message in messages) >= LONG_CHARS:
        messages[-1] = _with_mark(messages[-1])
    return messages


def _wants_marks(request: ModelRequest) -> bool:
    provider, name = request.endpoint.provider, request.model.name
    return provider == "anthropic" or (provider == "openrouter" and name.startswith("anthropic/"))


def _marked_already(messages: Sequence[ChatMessage]) -> bool:
    """Whether the caller set marks: then they know best, and four is the most there can be."""
    parts = (part for message in messages if isinstance(content := message["content"], list) for part in content)
    return any("cache_control" in part for part in parts)


def _with_mark(message: ChatMessage) -> ChatMessage:
    content = message["content"]
    if isinstance(content, str) and content:
        content = [{"type": "text", "text": content}]
    if not content or isinstance(content, str):
        return message
    parts: list[dict[str, Any]] = [*content[:-1], {**content[-1], "cache_control": _MARK}]
    return {**message, "content": parts}
