"""What providers say of their models beside the names, where OpenAI's format leaves room for it.

OpenRouter has `supported_parameters` and `architecture.input_modalities` (<https://openrouter.ai/docs/api-reference>),
Mistral `capabilities` as an object of booleans (<https://docs.mistral.ai/api>), LM Studio the same as a list of words.

How many tokens a model reads is `context_length` at OpenRouter and Together AI, `max_context_length` at Mistral and
LM Studio, `max_model_len` at vLLM (which knows how it was started), `context_window` at Groq.

OpenRouter's lists say "no" by leaving a word out; LM Studio's says nothing by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.values.registry import Capability

Told = Mapping[str, Mapping[Capability, bool]]
"""What is said of models, by their names."""

_CONTEXTS = ("context_length", "max_context_length", "max_model_len", "context_window")
_MOST_TOKENS = 100_000_000

_PARAMETERS = {
    Capability.TOOLS: ("tools",),
    Capability.STRUCTURED_OUTPUT: ("structured_outputs",),
    Capability.REASONING: ("reasoning", "include_reasoning"),
}
_INPUTS = {
    Capability.VISION: ("image",),
    Capability.PDF: ("file",),
    Capability.AUDIO_INPUT: ("audio",),
    Capability.VIDEO_INPUT: ("video",),
}
_NAMED = {
    "function_calling": Capability.TOOLS,
    "tool_use": Capability.TOOLS,
    "tools": Capability.TOOLS,
    "vision": Capability.VISION,
    "audio": Capability.AUDIO_INPUT,
    "reasoning": Capability.REASONING,
    "thinking": Capability.REASONING,
}


def contexts_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many tokens the models of a list read, by their names, for those of which it says so."""
    return {row["id"]: size for row in rows if (size := _context(row))}


def told_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[Capability, bool]]:
    """What the rows of a list say; models of which they say nothing are left out.

    Args:
        rows: from another server: anything may be in them but `id`, which is a string.
    """
    return {row["id"]: said for row in rows if (said := _said(row))}


def _context(row: Mapping[str, Any]) -> int | None:
    sizes = (row.get(name) for name in _CONTEXTS)
    return next((size for size in sizes if type(size) is int and 0 < size <= _MOST_TOKENS), None)


def _said(row: Mapping[str, Any]) -> dict[Capability, bool]:
    said: dict[Capability, bool] = {}
    architecture = row.get("architecture")
    for known, words in (
        (_PARAMETERS, row.get("supported_parameters")),
        (_INPUTS, architecture.get("input_modalities") if isinstance(architecture, dict) else None),
    ):
        if isinstance(words, list) and words:
            listed = {word for word in words if isinstance(word, str)}
            said |= {capability: not listed.isdisjoint(names) for capability, names in known.items()}
    abilities = row.get("capabilities")
    if isinstance(abilities, dict):
        said |= {_NAMED[name]: holds for name, holds in abilities.items() if name in _NAMED and isinstance(holds, bool)}
    elif isinstance(abilities, list):
        said |= {_NAMED[word]: True for word in abilities if isinstance(word, str) and word in _NAMED}
    return said
