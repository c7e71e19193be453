"""A row of litellm's price list as a `ModelCard`: what a person does with it, what it can do, what it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from data.values.money import LongPrompt
from data.values.registry import Capability, CapabilityFact, Category, FactSource, Modality, ModelCard, Prices

CATEGORIES: Final[Mapping[str, Category]] = {
    "chat": Category.CHAT,
    "responses": Category.CHAT,
    "completion": Category.CHAT,
    "image_generation": Category.PICTURES,
    "image_edit": Category.PICTURES,
    "audio_speech": Category.SPEAK,
    "audio_transcription": Category.LISTEN,
    "realtime": Category.TALK,
    "video_generation": Category.VIDEO,
    "embedding": Category.SEARCH,
    "rerank": Category.SEARCH,
    "ocr": Category.READ,
    "extraction": Category.READ,
    "moderation": Category.CHECK,
    "guardrail": Category.CHECK,
    "evaluation": Category.CHECK,
}
"""What a person does with each of litellm's modes; what is missing is OTHER (web search, vector stores)."""

_FLAGS: Final[Mapping[str, Capability]] = {
    "supports_function_calling": Capability.TOOLS,
    "supports_parallel_function_calling": Capability.PARALLEL_TOOLS,
    "supports_response_schema": Capability.STRUCTURED_OUTPUT,
    "supports_reasoning": Capability.REASONING,
    "supports_prompt_caching": Capability.PROMPT_CACHING,
    "supports_vision": Capability.VISION,
    "supports_pdf_input": Capability.PDF,
    "supports_audio_input": Capability.AUDIO_INPUT,
    "supports_audio_output": Capability.AUDIO_OUTPUT,
    "supports_video_input": Capability.VIDEO_INPUT,
    "supports_native_streaming": Capability.STREAMING,
}
# What a mode says of itself: the capabilities, what goes in and what comes out.
_MODES: Final[Mapping[str, tuple[tuple[Capability, ...], Modality, Modality]]] = {
    "chat": ((Capability.STREAMING,), Modality.TEXT, Modality.TEXT),
    "responses": ((Capability.STREAMING,), Modality.TEXT, Modality.TEXT),
    "completion": ((Capability.STREAMING,), Modality.TEXT, Modality.TEXT),
    "image_generation": ((Capability.IMAGE_GENERATION,), Modality.TEXT, Modality.IMAGE),
    "image_edit": ((Capability.IMAGE_EDIT,), Modality.IMAGE, Modality.IMAGE),
    "audio_speech": ((Capability.SPEECH,), Modality.TEXT, Modality.AUDIO),
    "audio_transcription": ((Capability.TRANSCRIPTION,), Modality.AUDIO, Modality.TEXT),
    "realtime": ((Capability.AUDIO_INPUT, Capability.AUDIO_OUTPUT), Modality.AUDIO, Modality.AUDIO),
    "video_generation": ((Capability.VIDEO_GENERATION,), Modality.TEXT, Modality.VIDEO),
    "embedding": ((Capability.EMBEDDING,), Modality.TEXT, Modality.VECTOR),
    "rerank": ((Capability.RERANK,), Modality.TEXT, Modality.VECTOR),
    "ocr": ((), Modality.PDF, Modality.TEXT),
}
_ENDPOINTS: Final[Mapping[str, Capability]] = {
    "/v1/images/generations": Capability.IMAGE_GENERATION,
    "/v1/images/edits": Capability.IMAGE_EDIT,
    "/v1/audio/speech": Capability.SPEECH,
    "/v1/audio/transcriptions": Capability.TRANSCRIPTION,
    "/v1/videos": Capability.VIDEO_GENERATION,
}
TAKES: Final[Mapping[Capability, Modality]] = {
    Capability.VISION: Modality.IMAGE,
    Capability.PDF: Modality.PDF,
    Capability.AUDIO_INPUT: Modality.AUDIO,
    Capability.VIDEO_INPUT: Modality.VIDEO,
    Capability.IMAGE_EDIT: Modality.IMAGE,
}
# Of two names of one amount the later one here stands.
_AMOUNTS: Final[Mapping[str, str]] = {
    "input_cost_per_token": "input_token",
    "output_cost_per_token": "output_token",
    "cache_read_input_token_cost": "cached_token",
    "cache_creation_input_token_cost": "cache_write_token",
    "input_cost_per_image_token": "input_image_token",
    "output_cost_per_image_token": "output_image_token",
    "input_cost_per_image": "image",
    "output_cost_per_image": "image",
    "input_cost_per_second": "input_second",
    "output_cost_per_video_per_second": "output_second",
    "output_cost_per_second": "output_second",
    "input_cost_per_character": "input_character",
    "input_cost_per_query": "query",
    "ocr_cost_per_page": "page",
}
_OF_TOKENS: Final = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)
_LONG: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_WORDS: Final = {"text": Modality.TEXT, "image": Modality.IMAGE, "audio": Modality.AUDIO, "video": Modality.VIDEO}
_FACTS: Final = {
    (capability, holds): CapabilityFact(capability, holds, FactSource.CATALOGUE)
    for capability in Capability
    for holds in (True, False)
}
_FAMILY: Final = re.compile(r"[a-z]+(?:[ _-]?[a-z]{2,})*")
_LINES: Final = re.compile(
    r"gpt-oss|gpt-image|gpt-realtime|gpt|chatgpt|o\d(?=-|$)|claude|gemini|gemma|codellama|llama|mixtral|ministral|"
    r"magistral|codestral|devstral|pixtral|voxtral|mistral|qwen|qwq|deepseek|kimi|glm|grok|command|nova|titan|jamba|"
    r"phi|nemotron|granite|dall-e|imagen|flux|stable-diffusion|whisper|sonar|minimax|seedream|seedance|veo|sora|kling|"
    r"palmyra|hermes|yi|falcon|dbrx|solar|ernie|hunyuan|step|mimo|rerank|embed|tts"
)


def card_of(provider: str, name: str, mode: str, row: Mapping[str, Any], *, version: str, at: date | None) -> ModelCard:
    """The card of one row; `mode` is litellm's word, `at` the day on which the list came out."""
    facts = _facts(mode, row)
    inputs, outputs = _modalities(mode, row, {fact.capability for fact in facts if fact.holds})
    return ModelCard(
        provider=provider,
        name=name,
        label=name.rpartition("/")[2] or name,
        family=family_of(name),
        category=CATEGORIES.get(mode, Category.OTHER),
        inputs=inputs,
        outputs=outputs,
        facts=facts,
        context_tokens=_count(row.get("max_input_tokens")),
        max_output_tokens=_count(row.get("max_output_tokens")),
        prices=_prices(row, version, at),
        deprecated_on=day_of(row.get("deprecation_date")),
    )


def family_of(name: str) -> str:
    """The line of models that a name belongs to: gpt for gpt-4o-mini, claude for us.anthropic.claude-3-haiku."""
    last = name.rpartition("/")[2].lower()
    if line := _LINES.search(last):
        return line[0]
    word = _FAMILY.match(last)
    return word[0] if word else last


def day_of(text: Any) -> date | None:
    """A date as the list writes it; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


def _facts(mode: str, row: Mapping[str, Any]) -> tuple[CapabilityFact, ...]:
    said = {_FLAGS[flag]: row[flag] for flag in _FLAGS.keys() & row.keys() if isinstance(row[flag], bool)}
    own: tuple[Capability, ...] = _MODES[mode][0] if mode in _MODES else ()
    paths = row.get("supported_endpoints") or ()
    for capability in (*own, *(_ENDPOINTS[path] for path in paths if path in _ENDPOINTS)):
        said.setdefault(capability, True)
    # One object for each fact that there can be: four thousand models share three dozen.
    return tuple(_FACTS[capability, said[capability]] for capability in sorted(said))


def _modalities(
    mode: str, row: Mapping[str, Any], holds: set[Capability]
) -> tuple[frozenset[Modality], frozenset[Modality]]:
    _, taken, given = _MODES.get(mode, ((), Modality.TEXT, Modality.TEXT))
    inputs = {taken} | {modality for capability, modality in TAKES.items() if capability in holds}
    outputs = {given} | ({Modality.AUDIO} if Capability.AUDIO_OUTPUT in holds else set())
    inputs |= {_WORDS[word] for word in row.get("supported_modalities") or () if word in _WORDS}
    outputs |= {_WORDS[word] for word in row.get("supported_output_modalities") or () if word in _WORDS}
    return frozenset(inputs), frozenset(outputs)


def _prices(row: Mapping[str, Any], version: str, at: date | None) -> Prices | None:
    amounts: dict[str, Any] = {
        field: amount for name, field in _AMOUNTS.items() if name in row and (amount := _decimal(row[name])) is not None
    }
    # Zeros alone stand for a free tier or a price nobody entered: unknown, not free.
    return Prices(version, at, **amounts) if any(amounts.values()) else None


def long_prompts(row: Mapping[str, Any]) -> tuple[LongPrompt, ...]:
    """The prices of calls with long prompts; what a tier does not name costs what it always does."""
    usual = [_decimal(row.get(name)) for name in _OF_TOKENS]
    tiers = []
    for match in filter(None, map(_LONG.fullmatch, row)):
        at = [_decimal(row.get(f"{name}_above_{match[1]}k_tokens")) for name in _OF_TOKENS]
        paid, answer, cached, written = (own if own is not None else kept for own, kept in zip(at, usual, strict=True))
        if paid and answer is not None:
            tiers.append(LongPrompt(int(match[1]) * 1000, paid, answer, paid if cached is None else cached, written))
    return tuple(tiers)


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0 else None


def _decimal(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
