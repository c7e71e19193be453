"""Parts of a chat request that a model may refuse: told by the words servers refuse them with, and done without.

The words are those of OpenAI, vLLM, Ollama, llama.cpp, Groq, Mistral, OpenRouter and litellm. Only what a request
really carries can be refused, and what is wrong with a value (a bad schema, a number out of range) refutes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from core.providers.prompted import carries_tools, instructed, prompted
from core.providers.request import ChatMessage, ModelRequest


class Feature(StrEnum):
    """Something that a request may carry and a model may refuse."""

    PARALLEL_TOOLS = "parallel_tools"
    TOOLS = "tools"
    STRUCTURED_OUTPUT = "structured_output"
    VISION = "vision"
    AUDIO_INPUT = "audio_input"
    REASONING_EFFORT = "reasoning_effort"
    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"
    STREAM_USAGE = "stream_usage"
    STREAMING = "streaming"


UNSEEN: Final = {Feature.MAX_TOKENS, Feature.MAX_COMPLETION_TOKENS, Feature.STREAM_USAGE, Feature.STREAMING}
"""What an answer lacks nothing without: it goes by another name, or comes in one piece."""

PICTURE_WAS_HERE: Final = "[A picture was attached here. This model can't see pictures.]"
SOUND_WAS_HERE: Final = "[A sound was attached here. This model can't hear sounds.]"
_KINDS: Final = {
    Feature.VISION: ("image_url", PICTURE_WAS_HERE),
    Feature.AUDIO_INPUT: ("input_audio", SOUND_WAS_HERE),
}

_REFUSED: Final = re.compile(
    r"not support|n't support|unsupported|not permitted|not allowed|unrecognized|unknown (?:parameter|field|argument)"
    r"|unexpected keyword|extra_forbidden|tool choice requires|not (?:a )?(?:multimodal|vision)|at most 0 image"
    r"|no endpoints found that|content must be a string|mmproj|use 'max_(?:completion_)?tokens' instead"
    r"|must be verified to stream"
)
_VALUE: Final = re.compile(r"invalid schema|supported values are|must be (?:between|less|greater|at)|context length")
# In this order: the first whose words occur is meant, so the more particular names come first.
_WORDS: Final[Mapping[Feature, re.Pattern[str]]] = {
    # First: a server that takes tools or a schema in whole answers only loses neither.
    Feature.STREAMING: re.compile(r"\bstream(?:ing|ed)?\b"),
    Feature.PARALLEL_TOOLS: re.compile(r"parallel[_ -]tool"),
    Feature.REASONING_EFFORT: re.compile(
        r"reasoning[_ -]effort|reasoning\.effort|does not support (?:thinking|think)\b"
    ),
    Feature.STRUCTURED_OUTPUT: re.compile(r"response[_ -]format|json[_ -]schema|json mode|structured output"),
    Feature.AUDIO_INPUT: re.compile(r"audio|\bsound|content must be a string"),
    Feature.VISION: re.compile(r"image|vision|multimodal|picture|content must be a string|mmproj"),
    Feature.TEMPERATURE: re.compile(r"\btemperature\b"),
    Feature.TOP_P: re.compile(r"\btop_p\b"),
    Feature.MAX_TOKENS: re.compile(r"\bmax_tokens\b"),
    Feature.MAX_COMPLETION_TOKENS: re.compile(r"\bmax_completion_tokens\b"),
    Feature.TOOLS: re.compile(r"\btools?\b|tool[_ -](?:choice|call|use)|function[_ -]call"),
}
_INSTEAD: Final = re.compile(r"use '?max_(?:completion_)?tokens'? instead")


def refuted(words: str, request: ModelRequest) -> Feature | None:
    """Which part of `request` a server's words say it can't take; None where they say something else."""
    said = words.lower().replace("`", "'")
    # Ours alone: whatever is wrong with it, it can go.
    if "stream_options" in said and _carries(request, Feature.STREAM_USAGE):
        return Feature.STREAM_USAGE
    if _VALUE.search(said) or not _REFUSED.search(said):
        return None
    said = _INSTEAD.sub("", said)
    return next((each for each, pattern in _WORDS.items() if pattern.search(said) and _carries(request, each)), None)


def lacks_thoughts(request: ModelRequest) -> bool:
    """Whether Claude would refuse to think: a round of tools has to begin with the signed thoughts that led to it.

    They are in no OpenAI-shaped history. <https://docs.claude.com/en/docs/build-with-claude/extended-thinking>
    """
    if request.endpoint.provider != "anthropic" or not _carries(request, Feature.REASONING_EFFORT):
        return False
    last = next((each for each in reversed(request.messages) if each["role"] == "assistant"), None)
    return last is not None and bool(last.get("tool_calls")) and not last.get("thinking_blocks")


def without(request: ModelRequest, feature: Feature) -> ModelRequest:
    """The same request, the nearest that does without one feature; unchanged where it has none of it."""
    if not _carries(request, feature):
        return request
    sampling, options, messages = request.sampling, dict(request.options), request.messages
    match feature:
        case Feature.VISION | Feature.AUDIO_INPUT:
            messages = tuple(_less(message, *_KINDS[feature]) for message in messages)
        case Feature.STRUCTURED_OUTPUT:
            messages = _instructed(messages, options.pop("response_format"))
        case Feature.TEMPERATURE:
            sampling = replace(sampling, temperature=None)
        case Feature.TOP_P:
            sampling = replace(sampling, top_p=None)
        case Feature.MAX_TOKENS:
            options["max_completion_tokens"] = sampling.max_tokens
            sampling = replace(sampling, max_tokens=None)
        case Feature.MAX_COMPLETION_TOKENS:
            sampling = replace(sampling, max_tokens=options.pop("max_completion_tokens"))
        case Feature.TOOLS:
            return prompted(request)
        case Feature.PARALLEL_TOOLS:
            options.pop("parallel_tool_calls")
        case Feature.REASONING_EFFORT:
            options.pop("reasoning_effort")
        case Feature.STREAM_USAGE:
            return replace(request, asks_usage=False)
        case Feature.STREAMING:
            return replace(request, streams=False)
    return replace(request, messages=messages, sampling=sampling, options=options)


def _carries(request: ModelRequest, feature: Feature) -> bool:
    options, sampling = request.options, request.sampling
    match feature:
        case Feature.VISION | Feature.AUDIO_INPUT:
            kind, _ = _KINDS[feature]
            carries = any(part.get("type") == kind for message in request.messages for part in _parts(message))
        case Feature.STRUCTURED_OUTPUT:
            carries = isinstance(options.get("response_format"), Mapping)
        case Feature.TOOLS:
            carries = carries_tools(request)
        case Feature.MAX_COMPLETION_TOKENS:
            carries = isinstance(options.get("max_completion_tokens"), int) and sampling.max_tokens is None
        case Feature.TEMPERATURE | Feature.TOP_P | Feature.MAX_TOKENS:
            carries = getattr(sampling, feature.value) is not None
        case Feature.PARALLEL_TOOLS:
            carries = "parallel_tool_calls" in options
        case Feature.REASONING_EFFORT:
            carries = "reasoning_effort" in options
        case Feature.STREAM_USAGE:
            carries = request.asks_usage and request.streams
        case Feature.STREAMING:
            carries = request.streams
    return carries


def _parts(message: ChatMessage) -> list[dict[str, Any]]:
    content = message.get("content")
    return content if isinstance(content, list) else []


def _less(message: ChatMessage, kind: str, placeholder: str) -> ChatMessage:
    """The message with words in the place of its parts of one kind."""
    parts = _parts(message)
    if all(part.get("type") != kind for part in parts):
        return message
    if all(part.get("type") in {kind, "text"} for part in parts):
        # Servers that take nothing but text often want one string, not a list with one text in it.
        texts = [placeholder if part.get("type") == kind else str(part.get("text", "")) for part in parts]
        return {**message, "content": "\n".join(texts)}
    said = {"type": "text", "text": placeholder}
    return {**message, "content": [said if part.get("type") == kind else part for part in parts]}


def _instructed(messages: tuple[ChatMessage, ...], wanted: Mapping[str, Any]) -> tuple[ChatMessage, ...]:
    """The messages with the wanted format said in words: in the system message, as many servers take only one."""
    if wanted.get("type") not in {"json_schema", "json_object"}:
        return messages
    described = wanted.get("json_schema")
    schema = described.get("schema") if isinstance(described, Mapping) else None
    words = "Answer with one JSON object and nothing else."
    if schema is not None:
        words += f" It must fit this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    return instructed(messages, words)
