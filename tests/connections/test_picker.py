from __future__ import annotations

from decimal import Decimal

import pytest

from core.providers.directory import PROVIDERS, key_origin
from core.providers.picker import LONG_DOCUMENT_TOKENS, categories, chats_by_name, suggested
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.money import TokenPrice

PROVIDER = Endpoint("p", "openai", "OpenAI", EndpointKind.PROVIDER, Wire.OPENAI, "https://api.openai.com/v1")


def priced(dollars_in: str, dollars_out: str) -> TokenPrice:
    each = [Decimal(dollars) / 1_000_000 for dollars in (dollars_in, dollars_out)]
    return TokenPrice(each[0], each[1], each[0], "test")


@pytest.mark.parametrize(
    "name",
    [
        "text-embedding-3-small",
        "nomic-embed-text:latest",
        "mxbai-embed-large",
        "bge-m3",
        "BAAI/bge-large-en-v1.5",
        "tts-1-hd",
        "gpt-4o-mini-tts",
        "whisper-1",
        "gpt-4o-transcribe",
        "scripted-transcription",
        "dall-e-3",
        "gpt-image-1",
        "grok-2-image",
        "black-forest-labs/FLUX.1-schnell",
        "omni-moderation-latest",
        "gpt-realtime",
        "gpt-audio-mini",
        "sora-2",
        "meta-llama/llama-prompt-guard-2-22m",
        "openai/gpt-oss-safeguard-20b",
        "rerank-v3.5",
        "computer-use-preview",
        "lyria-3-pro-preview",
        "davinci-002",
    ],
)
def test_names_that_do_not_chat(name: str) -> None:
    assert not chats_by_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-5.5",
        "llama3.2:3b",
        "qwen2.5-vl:7b",
        "llava:13b",
        "meta-llama/Llama-3.2-90B-Vision-Instruct",
        "mistral-small-latest",
        "deepseek-r1:14b",
        "olive-7b",
        "claude-opus-5",
        "gemma-3-27b-it",
        "phi4",
        "soraya-7b",
        "open-mistral-nemo",
        "command-r7b-12-2024",
    ],
)
def test_names_that_chat(name: str) -> None:
    assert chats_by_name(name)


@pytest.mark.parametrize(
    ("model", "endpoint", "expected"),
    [
        (Model("sandbox", "scripted", ""), Endpoint("s", "sandbox", "", EndpointKind.SANDBOX, Wire.OPENAI), "Sandbox"),
        (
            Model("ollama", "a", ""),
            Endpoint("l", "ollama", "", EndpointKind.LOCAL, Wire.OPENAI, "http://127.0.0.1:11434/v1"),
            "On this machine",
        ),
        (
            Model("mine", "a", ""),
            Endpoint("c", "mine", "", EndpointKind.CUSTOM, Wire.OPENAI, "http://localhost:1/v1"),
            "On this machine",
        ),
        (
            Model("far", "a", ""),
            Endpoint("c", "far", "", EndpointKind.CUSTOM, Wire.OPENAI, "https://a.example/v1"),
            "Other",
        ),
        (Model("openai", "a", "", reasoning=True), PROVIDER, "Reasoning"),
        (Model("openai", "a", "", vision=True), PROVIDER, "Sees images"),
        (Model("openai", "a", "", price=priced("0.40", "0.80")), PROVIDER, "Low cost"),
        (Model("openai", "a", "", price=priced("0.40", "0.81")), PROVIDER, "Other"),
        (Model("openai", "a", "", context_tokens=LONG_DOCUMENT_TOKENS), PROVIDER, "Long documents"),
        (Model("openai", "a", "", context_tokens=LONG_DOCUMENT_TOKENS - 1), PROVIDER, "Other"),
    ],
)
def test_categories(model: Model, endpoint: Endpoint, expected: str) -> None:
    assert categories(model, endpoint) == (expected,)


def test_a_model_may_be_in_several_categories() -> None:
    model = Model("openai", "a", "", context_tokens=10**6, price=priced("0.1", "0.2"), vision=True, reasoning=True)
    assert categories(model, PROVIDER) == ("Reasoning", "Sees images", "Low cost", "Long documents")


def test_the_highest_version_of_the_first_pattern_wins() -> None:
    names = ["grok-4.20", "grok-4.7", "grok-4.7-fast", "grok-4.3", "other-9"]
    models = [Model("x", name, name) for name in names]
    found = suggested(models, ["absent-*", "grok-[0-9]*"])
    assert found
    assert found.name == "grok-4.7"
    assert suggested([]) is None
    assert suggested([Model("x", "a", ""), Model("x", "b", "", tools=True)]) == Model("x", "b", "", tools=True)


def test_every_provider_has_an_https_origin_for_its_key() -> None:
    assert len(PROVIDERS) >= 15
    for provider in PROVIDERS.values():
        address = provider.base_url if provider.wire is Wire.OPENAI else ""
        endpoint = Endpoint("e", provider.slug, provider.label, EndpointKind.PROVIDER, provider.wire, address)
        assert key_origin(endpoint).startswith("https://")
        assert provider.key_url.startswith("https://")
    unknown = Endpoint("e", "unknown", "", EndpointKind.CUSTOM, Wire.OPENAI, "")
    assert key_origin(unknown) == ""
