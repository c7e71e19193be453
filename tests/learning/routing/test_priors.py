"""Published figures as priors: which row a name means, and what the numbers hold to."""

import re
from itertools import pairwise

import pytest

from data.learning.routing.priors import MEASURED, NEUTRAL, priors, row_of, sources
from data.values.tasks import Task


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("anthropic/claude-3.5-sonnet", "claude-3-5-sonnet-20241022"),
        ("bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022"),
        ("anthropic/claude-sonnet-4-20250514", "claude-4-sonnet-20250514-base"),
        ("openai/gpt-5-2025-08-07", "gpt-5-2025-08-07"),
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("azure/gpt-35-turbo", "gpt-3.5-turbo-0125"),
        ("groq/llama-3.3-70b-versatile", "llama-3.3-70b-instruct-turbo"),
        ("fireworks_ai/accounts/fireworks/models/llama-v3p1-405b-instruct", "meta-llama-3.1-405b-instruct-turbo"),
        ("bedrock/amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("mistral/mistral-large-latest", "mistral-large-2411"),
        ("openai/o3", "o3-2025-04-16-medium"),
        ("xai/grok-3-mini", "grok-3-mini-beta-high"),
        ("openai/dall-e-3", "DALL-E 3"),
    ],
)
def test_a_name_means_the_row_of_its_model(name: str, row: str) -> None:
    assert row_of(name) == row
    assert max(prior.weight for prior in priors(name).values()) == MEASURED


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("anthropic/claude-opus-6", "claude-opus-4-8-xhigh-effort"),
        ("openai/gpt-5.7", "gpt-5-2025-08-07"),
        ("gemini/gemini-4-pro", "gemini-3.1-pro-preview-high"),
        ("ollama/dolphin-2.9-llama3-8b", "meta-llama-3-8b-instruct"),
        ("ollama/llama3.2:3b", "meta-llama-3.1-8b-instruct-turbo"),
        ("deepseek/deepseek-chat", "deepseek-v3.2"),
    ],
)
def test_a_new_model_starts_at_its_relatives_with_half_the_weight(name: str, row: str) -> None:
    assert row_of(name) == row
    assert max(prior.weight for prior in priors(name).values()) == MEASURED / 2


@pytest.mark.parametrize("name", ["sandbox/scripted", "somebody/new", "", "openai/text-embedding-3-large", "/"])
def test_what_nothing_is_published_of_is_neutral(name: str) -> None:
    assert row_of(name) is None
    assert set(priors(name).values()) == {NEUTRAL}
    assert set(priors(name)) == set(Task)


def test_pictures_have_figures_of_their_own_and_texts_none_of_pictures() -> None:
    assert priors("openai/gpt-image-1")[Task.IMAGE].quality > priors("openai/dall-e-3")[Task.IMAGE].quality
    assert priors("openai/gpt-image-1")[Task.CODE] == NEUTRAL
    assert priors("openai/gpt-5")[Task.IMAGE] == NEUTRAL


def test_generations_and_sizes_are_in_their_order() -> None:
    for row in (
        ("gpt-3.5-turbo", "gpt-4o", "gpt-5", "gpt-5.5"),
        ("llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b"),
        ("claude-3-haiku", "claude-3-5-sonnet", "claude-opus-4-8"),
        ("qwen3:1.7b", "qwen3:8b", "qwen3:235b"),
    ):
        for older, newer in pairwise(row):
            assert priors(older)[Task.OTHER].quality < priors(newer)[Task.OTHER].quality, (older, newer)


def test_every_prior_is_a_quality_that_washes_out() -> None:
    for name in ("gpt-5.5", "llama-2-7b", "dall-e-3", "llama-9-9000b", "qwen3:0.1b"):
        for prior in priors(name).values():
            assert 0.3 <= prior.quality <= 0.96
            assert 0 < prior.weight <= MEASURED


def test_every_figure_has_a_dated_source_with_an_address_that_cannot_change() -> None:
    for source in sources():
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", source.date)
        assert re.search(r"/blob/[0-9a-f]{40}/", source.address), "a commit, not a branch"
