"""The packaged list's cards under the ids of Gearbox's connections: litellm has other names for some providers."""

from __future__ import annotations

from dataclasses import replace

from core.providers.catalog import Catalogue
from core.providers.directory import PROVIDERS
from data.values.registry import ModelCard


def packaged_cards(catalogue: Catalogue) -> dict[str, ModelCard]:
    """All of them by id."""
    slugs = {provider.catalogue_slug: provider.slug for provider in PROVIDERS.values()}
    cards: dict[str, ModelCard] = {}
    for card in catalogue.cards():
        slug = slugs.get(card.provider, card.provider)
        # The slug's own entries first, where the list has both.
        known = card if slug == card.provider else replace(card, provider=slug)
        cards.setdefault(known.id, known)
    return cards


def packaged_card(catalogue: Catalogue, model_id: str) -> ModelCard | None:
    """One of them; that of its base model for a fine-tune."""
    slug, _, name = model_id.partition("/")
    slugs = (slug, PROVIDERS[slug].catalogue_slug) if slug in PROVIDERS else (slug,)
    card = next((found for each in slugs if (found := catalogue.card(each, name))), None)
    if card is None or card.id == model_id:
        return card
    return replace(card, provider=slug, name=name, label=card.label if card.name == name else name)
