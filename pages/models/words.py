"""Models in the words of the page. What a provider says itself, names above all, is escaped where it is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from core.registry.typical import CHARACTERS, INPUT_TOKENS, OUTPUT_TOKENS, SECONDS
from data.analytics.usage import Spend
from data.values.registry import Capability, Category, FactSource, Modality, ModelCard, Prices, Sort
from pages.usage_words import NONE, NOT_PRICED, count, money

CATEGORIES: Mapping[Category, str] = {
    Category.CHAT: "Chat and write",
    Category.PICTURES: "Make pictures",
    Category.SPEAK: "Read aloud",
    Category.LISTEN: "Write down speech",
    Category.TALK: "Talk live",
    Category.VIDEO: "Make videos",
    Category.SEARCH: "Find by meaning",
    Category.READ: "Read scans",
    Category.CHECK: "Check content",
    Category.OTHER: "Other",
}
CAPABILITIES: Mapping[Capability, str] = {
    Capability.STREAMING: "Answer word by word",
    Capability.TOOLS: "Use tools",
    Capability.PARALLEL_TOOLS: "Use several tools at once",
    Capability.STRUCTURED_OUTPUT: "Answer in a given JSON shape",
    Capability.REASONING: "Think before it answers",
    Capability.PROMPT_CACHING: "Take a repeated prompt for less",
    Capability.VISION: "See pictures",
    Capability.PDF: "Read PDF files",
    Capability.AUDIO_INPUT: "Hear sound",
    Capability.AUDIO_OUTPUT: "Answer aloud",
    Capability.VIDEO_INPUT: "Watch videos",
    Capability.IMAGE_GENERATION: "Make pictures",
    Capability.IMAGE_EDIT: "Change pictures",
    Capability.VIDEO_GENERATION: "Make videos",
    Capability.SPEECH: "Read text aloud",
    Capability.TRANSCRIPTION: "Write down speech",
    Capability.EMBEDDING: "Turn text into vectors",
    Capability.RERANK: "Rank texts for a question",
}
MODALITIES: Mapping[Modality, str] = {
    Modality.TEXT: "text",
    Modality.IMAGE: "pictures",
    Modality.AUDIO: "sound",
    Modality.VIDEO: "video",
    Modality.PDF: "PDF",
    Modality.VECTOR: "vectors",
}
SORTS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "Usable first",
    Sort.PRICE: "Cheapest first",
    Sort.CONTEXT: "Longest context",
    Sort.NAME: "By name",
}
SOURCES: Mapping[FactSource, str] = {
    FactSource.NAME: "a guess by its name",
    FactSource.CATALOGUE: "price list",
    FactSource.LISTING: "its provider",
    FactSource.PERSON: "entered here",
    FactSource.PROBE: "tried here",
    FactSource.OBSERVED: "seen in use",
}
_A_CHAT = f"{INPUT_TOKENS:,} tokens in and {OUTPUT_TOKENS:,} out"
TURNS: Mapping[Category, str] = {
    Category.CHAT: _A_CHAT,
    Category.PICTURES: "one picture",
    Category.SPEAK: f"{CHARACTERS:,} characters read aloud",
    Category.LISTEN: f"{SECONDS} seconds of speech",
    Category.TALK: _A_CHAT,
    Category.VIDEO: f"{SECONDS} seconds of video",
    Category.SEARCH: f"one query, or {INPUT_TOKENS:,} tokens",
    Category.READ: "one page",
    Category.CHECK: _A_CHAT,
    Category.OTHER: "one query",
}
"""What `core.registry.typical` counts as one turn of a model."""
_BRIEFLY: Mapping[Capability, str] = {
    Capability.TOOLS: "uses tools",
    Capability.REASONING: "thinks first",
    Capability.VISION: "sees pictures",
    Capability.PDF: "reads PDF",
    Capability.AUDIO_INPUT: "hears",
    Capability.IMAGE_EDIT: "changes pictures",
}
_MILLION, _THOUSAND, _MINUTE = 1_000_000, 1_000, 60
_PRICES = (
    ("Text in", "input_token", _MILLION, "million tokens"),
    ("Text out", "output_token", _MILLION, "million tokens"),
    ("Text in, repeated", "cached_token", _MILLION, "million tokens"),
    ("Text in, kept for later", "cache_write_token", _MILLION, "million tokens"),
    ("Pictures in", "input_image_token", _MILLION, "million tokens"),
    ("Pictures out", "output_image_token", _MILLION, "million tokens"),
    ("Characters in", "input_character", _MILLION, "million characters"),
    ("Pictures, each", "image", 1, "picture"),
    ("Sound or video in", "input_second", _MINUTE, "minute"),
    ("Sound or video out", "output_second", _MINUTE, "minute"),
    ("Queries", "query", _THOUSAND, "1,000 queries"),
    ("Pages", "page", _THOUSAND, "1,000 pages"),
)


def dollars(amount: Decimal, currency: str = "USD") -> str:
    """An amount; the Markdown of a page needs it escaped."""
    return money(Spend(currency, amount))


def per_thousand(amount: Decimal | None, card: ModelCard) -> str:
    """What 1,000 typical turns cost; an unknown price is never nothing."""
    return NOT_PRICED if amount is None or card.prices is None else dollars(amount, card.prices.currency)


def price_of(amount: Decimal | None, card: ModelCard) -> str:
    """What it costs in a few words: typical turns where it chats, else the first price that is listed."""
    if amount is not None:
        return f"{per_thousand(amount, card)} per 1,000 turns"
    return next(iter(listed(card.prices).values()), NOT_PRICED) if card.prices else NOT_PRICED


def listed(prices: Prices) -> dict[str, str]:
    """Every listed price by what is paid for."""
    found = ((label, getattr(prices, name), number, unit) for label, name, number, unit in _PRICES)
    return {
        label: f"{dollars(price * number, prices.currency)} per {unit}"
        for label, price, number, unit in found
        if price is not None
    }


def tokens(number: int | None) -> str:
    """A count of tokens."""
    return NONE if number is None else f"{short(number)} tokens"


def short(number: int) -> str:
    """128k, 1M, 1.05M."""
    return re.sub(r"\.0+(?=[kMB])", "", count(number))


def kinds(modalities: frozenset[Modality]) -> str:
    """Kinds of content in their usual order: text, pictures."""
    return ", ".join(MODALITIES[each] for each in Modality if each in modalities) or NONE


def briefly(card: ModelCard) -> list[str]:
    """What tells it apart from others, in a few words each."""
    return [words for capability, words in _BRIEFLY.items() if card.can(capability)]


def ending(day: date, today: date) -> str:
    """Until when its provider serves it."""
    return f"{'ended' if day <= today else 'ends'} {calendar_day(day)}"


def calendar_day(day: date) -> str:
    """12 May 2026."""
    return f"{day.day} {day:%B %Y}"
