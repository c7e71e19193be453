"""The packaged list as cards: all of it, in words of what people do, with prices that keep every digit."""

from __future__ import annotations

import importlib.metadata
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.providers.cards import card_of, family_of
from core.providers.catalog import RELEASES
from data.values.registry import Capability, Category, FactSource, Modality
from tests.project.places import ROOT
from tests.registry.house import CATALOGUE


def test_all_entries_and_providers_are_there() -> None:
    cards = CATALOGUE.cards()
    assert len({card.id for card in cards}) == len(cards) > 4_000
    assert len({card.provider for card in cards}) > 130
    assert {card.category for card in cards} == set(Category)
    assert {fact.source for card in cards for fact in card.facts} == {FactSource.CATALOGUE}
    said = {fact.capability for card in cards for fact in card.facts if fact.holds}
    assert said == set(Capability), "each capability is somebody's"


def test_the_prices_have_the_day_on_which_they_came_out() -> None:
    version = importlib.metadata.version("litellm")
    lock = tomllib.loads(Path(ROOT, "uv.lock").read_text())
    (package,) = [each for each in lock["package"] if each["name"] == "litellm"]
    assert package["version"] == version
    assert (
        RELEASES[version] == package["sdist"]["upload-time"].date()
        if hasattr(package["sdist"]["upload-time"], "date")
        else date.fromisoformat(package["sdist"]["upload-time"][:10])
    )
    assert CATALOGUE.card("openai", "gpt-4o").prices.at == RELEASES[version]  # type: ignore[union-attr]


def test_a_row_becomes_a_card() -> None:
    row = {
        "litellm_provider": "p",
        "mode": "chat",
        "supports_vision": True,
        "supports_function_calling": False,
        "supports_pdf_input": True,
        "max_input_tokens": 200_000,
        "max_output_tokens": 0,
        "input_cost_per_token": Decimal("3E-6"),
        "output_cost_per_token": Decimal("0.000015"),
        "cache_creation_input_token_cost": Decimal("3.75e-06"),
        "deprecation_date": "2027-01-31",
        "supported_output_modalities": ["text", "audio", "code"],
    }
    card = card_of("p", "vendor/claude-test-4", "chat", row, version="v", at=date(2026, 1, 2))
    assert (card.id, card.label, card.family, card.category) == (
        "p/vendor/claude-test-4",
        "claude-test-4",
        "claude",
        Category.CHAT,
    )
    assert card.inputs == {Modality.TEXT, Modality.IMAGE, Modality.PDF}
    assert card.outputs == {Modality.TEXT, Modality.AUDIO}
    assert [card.can(each) for each in (Capability.VISION, Capability.TOOLS, Capability.REASONING)] == [
        True,
        False,
        None,
    ]
    assert (card.context_tokens, card.max_output_tokens, card.deprecated_on) == (200_000, None, date(2027, 1, 31))
    assert card.prices is not None
    assert (card.prices.output_token, card.prices.cache_write_token) == (Decimal("0.000015"), Decimal("0.00000375"))
    assert card.prices.tokens is not None
    assert card.prices.tokens.cached_input == card.prices.input_token, "where no other price is listed"


@pytest.mark.parametrize(
    ("mode", "capability", "category"),
    [
        ("image_generation", Capability.IMAGE_GENERATION, Category.PICTURES),
        ("image_edit", Capability.IMAGE_EDIT, Category.PICTURES),
        ("audio_speech", Capability.SPEECH, Category.SPEAK),
        ("audio_transcription", Capability.TRANSCRIPTION, Category.LISTEN),
        ("video_generation", Capability.VIDEO_GENERATION, Category.VIDEO),
        ("embedding", Capability.EMBEDDING, Category.SEARCH),
        ("rerank", Capability.RERANK, Category.SEARCH),
    ],
)
def test_a_mode_says_what_a_model_is_for(mode: str, capability: Capability, category: Category) -> None:
    card = card_of("p", "m", mode, {"input_cost_per_token": 0, "output_cost_per_token": 0}, version="v", at=None)
    assert (card.category, card.can(capability)) == (category, True)
    assert card.prices is None, "zeros alone are nobody's price"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("gpt-4o-mini-2024-07-18", "gpt"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude"),
        ("meta-llama/Llama-4-Scout-17B", "llama"),
        ("accounts/fireworks/models/deepseek-v3p1", "deepseek"),
        ("text-embedding-3-small", "embed"),
        ("gpt-oss-120b", "gpt-oss"),
        ("o3-mini", "o3"),
        ("something-new-1", "something-new"),
        ("1234", "1234"),
    ],
)
def test_the_line_of_models_is_read_from_the_name(name: str, family: str) -> None:
    assert family_of(name) == family
