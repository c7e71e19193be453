"""Prices of calls with long prompts, from the packaged list."""

from __future__ import annotations

from decimal import Decimal

from core.providers.catalog import Catalogue
from core.providers.metering import cost_of
from data.values.calls import TokenUsage


def test_a_long_prompt_has_prices_of_its_own() -> None:
    model = Catalogue().find("gemini", "gemini-2.5-pro")
    assert model is not None
    assert model.price is not None
    (tier,) = model.price.long
    assert (tier.above, tier.input, tier.output) == (200_000, Decimal("0.0000025"), Decimal("0.000015"))
    usual = cost_of(model.price, TokenUsage(200_000, 100))
    long = cost_of(model.price, TokenUsage(200_001, 100, cached=1))
    assert usual.amount == 200_000 * model.price.input + 100 * model.price.output
    assert long.amount == 200_000 * tier.input + tier.cached_input + 100 * tier.output


def test_every_tier_of_the_list_is_read() -> None:
    catalogue = Catalogue()
    tiers = [
        (model.price.long, model)
        for provider in ("openai", "anthropic", "gemini", "xai", "openrouter")
        for model in catalogue.models_of(provider)
        if model.price and model.price.long
    ]
    assert len(tiers) > 5
    for long, model in tiers:
        assert model.price is not None
        assert all(tier.above >= 100_000 and tier.input >= model.price.input for tier in long)
