from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version

import pytest

from core.providers.catalog import Catalogue
from core.providers.directory import CHAT, PROVIDERS
from core.providers.offer import Offer
from core.providers.picker import chats_by_name
from data.values.models import Endpoint, EndpointKind


def test_prices_are_the_lists_own_digits(catalogue: Catalogue) -> None:
    model = catalogue.find("openai", "gpt-4o")
    assert model is not None
    assert model.price is not None
    assert (str(model.price.input), model.price.output) == ("0.0000025", Decimal("0.00001"))
    assert model.price.cached_input == Decimal("0.00000125")
    assert model.price.version == f"litellm-{version('litellm')}"
    assert model.id == "openai/gpt-4o"
    assert (model.context_tokens, model.max_output_tokens) == (128_000, 16_384)
    assert model.vision
    assert model.tools
    assert not model.reasoning


def test_what_is_not_chat_is_not_found(catalogue: Catalogue) -> None:
    assert catalogue.find("openai", "text-embedding-3-small") is None
    assert catalogue.mode_of("openai", "text-embedding-3-small") == "embedding"
    assert catalogue.find("openai", "no-such-model") is None
    assert catalogue.models_of("no-such-provider") == []


def test_models_of_responses_only_paths_are_kept_from_the_direct_transport(catalogue: Catalogue) -> None:
    everything = {model.name for model in catalogue.models_of("openai")}
    chat = {model.name for model in catalogue.models_of("openai", CHAT)}
    assert "gpt-5.5-pro" in everything - chat
    assert "gpt-5.5" in chat


def test_deprecated_models_are_known_but_not_offered() -> None:
    before = Catalogue(lambda: datetime(2026, 10, 22, tzinfo=UTC))
    after = Catalogue(lambda: datetime(2026, 10, 23, tzinfo=UTC))
    assert "gpt-4" in {model.name for model in before.models_of("openai")}
    assert "gpt-4" not in {model.name for model in after.models_of("openai")}
    assert after.find("openai", "gpt-4")


def test_dated_snapshots_are_known_but_not_offered_beside_their_alias(catalogue: Catalogue) -> None:
    names = {model.name for model in catalogue.models_of("openai")}
    assert "gpt-5.4" in names
    assert "gpt-5.4-2026-03-05" not in names
    assert catalogue.find("openai", "gpt-5.4-2026-03-05")


def test_a_fine_tune_costs_what_its_base_costs(catalogue: Catalogue) -> None:
    tuned = catalogue.find("openai", "ft:gpt-4o-mini-2024-07-18:acme::abc123")
    assert tuned is not None
    assert tuned.price is not None
    assert tuned.price.input == Decimal("0.0000003")
    assert not any(model.name.startswith("ft:") for model in catalogue.models_of("openai"))


def test_no_price_is_zero(catalogue: Catalogue) -> None:
    free = catalogue.find("gemini", "gemma-4-31b-it")
    assert free is not None
    assert free.price is None
    prices = [model.price for provider in PROVIDERS for model in catalogue.models_of(provider) if model.price]
    assert len(prices) > 300
    assert all(price.input > 0 or price.output > 0 for price in prices)


@pytest.mark.parametrize("slug", sorted(set(PROVIDERS) - {"openrouter", "nvidia_nim"}))
def test_every_listed_provider_has_a_sensible_first_model(catalogue: Catalogue, slug: str) -> None:
    provider = PROVIDERS[slug]
    endpoint = Endpoint("e", slug, provider.label, EndpointKind.PROVIDER, provider.wire)
    first = Offer(catalogue).first(endpoint, None)
    assert first is not None
    assert chats_by_name(first.name)
    assert first.provider == slug
    assert any(first.name == name or _matches(first.name, name) for name in provider.suggested), first.name


def _matches(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)


def test_perplexity_offers_only_what_its_agent_api_answers(catalogue: Catalogue) -> None:
    names = {model.name for model in catalogue.models_of("perplexity", PROVIDERS["perplexity"].modes)}
    assert "preset/pro-search" in names
    assert not names & {"sonar", "sonar-pro", "perplexity/sonar"}


def test_reading_the_list_does_not_import_litellm() -> None:
    code = (
        "import sys\n"
        "from core.providers.catalog import Catalogue\n"
        "assert Catalogue().models_of('openai')\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('litellm', 'openai', 'keyring')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
