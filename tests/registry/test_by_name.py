"""What a bare name is taken for."""

from __future__ import annotations

import pytest

from core.registry.by_name import card_by_name
from data.values.registry import Capability, Category, FactSource, Modality


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("llama3:8b", Category.CHAT),
        ("qwen3-vl", Category.CHAT),
        ("tts-1-hd", Category.SPEAK),
        ("gpt-4o-mini-tts", Category.SPEAK),
        ("gemini-2.5-flash-preview-tts", Category.SPEAK),
        ("whisper-1", Category.LISTEN),
        ("gpt-4o-transcribe", Category.LISTEN),
        ("Systran/faster-whisper-large-v3", Category.LISTEN),
        ("gpt-image-1", Category.PICTURES),
        ("gemini-2.5-flash-image", Category.PICTURES),
        ("flux.1-schnell", Category.PICTURES),
        ("stable-diffusion-3.5", Category.PICTURES),
        ("sora-2", Category.VIDEO),
        ("veo-3.1", Category.VIDEO),
        ("bge-m3", Category.SEARCH),
        ("bge-reranker-v2-m3", Category.SEARCH),
        ("nomic-embed-text", Category.SEARCH),
        ("omni-moderation-latest", Category.OTHER),
        ("gpt-realtime", Category.OTHER),
        ("transformer-chat", Category.CHAT),
        ("fluxion-7b", Category.CHAT),
    ],
)
def test_a_name_says_what_a_model_is_for(name: str, category: Category) -> None:
    card = card_by_name("box", name)
    assert (card.category, card.id) == (category, f"box/{name}")
    assert {fact.source for fact in card.facts} <= {FactSource.NAME}
    assert bool(card.facts) == (category is not Category.OTHER)


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("gpt-image-1", True),
        ("qwen-image-edit", True),
        ("flux.1-kontext-dev", True),
        ("flux.1-schnell", False),
        ("stable-diffusion-3.5", False),
        ("edit-llama", False),
    ],
)
def test_a_name_says_which_models_also_change_pictures(name: str, edits: bool) -> None:
    card = card_by_name("box", name)
    assert card.can(Capability.IMAGE_EDIT) is (True if edits else None)
    assert (Modality.IMAGE in card.inputs) == edits
