"""What a model is, as rows of a label and words: in its own view, and beside other models."""

from __future__ import annotations

from core.clock import utc_now
from data.values.registry import FactSource, ModelCard
from pages.models.words import CATEGORIES, ending, kinds, per_thousand, tokens
from pages.usage_words import NONE
from pages.visit import Visit

_FROM = {FactSource.LISTING: " (its provider's own list)"}


def facts_of(visit: Visit, card: ModelCard) -> dict[str, str]:
    """The rows. Words of a provider are among them: not escaped yet."""
    registry = visit.services.registry
    providers = {provider.slug: provider.label for provider in registry.providers(visit.actor)}
    ends = {"Served": ending(card.deprecated_on, utc_now().date())} if card.deprecated_on else {}
    return {
        "What for": CATEGORIES[card.category],
        "1,000 typical turns": per_thousand(registry.typical_cost(card), card),
        "Takes": kinds(card.inputs),
        "Makes": kinds(card.outputs),
        "Context": tokens(card.context_tokens) + _FROM.get(card.context_from, ""),
        "Longest answer": tokens(card.max_output_tokens),
        "Provider": providers.get(card.provider, card.provider),
        "Family": card.family or NONE,
        **ends,
    }
