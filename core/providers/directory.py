"""The providers that need nothing but a key: where they are, how they are spoken to, where a key comes from.

Addresses were checked against litellm 1.106's own (`constants.openai_compatible_endpoints` and its transformations).
Each slug is litellm's prefix for the provider.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.providers.addresses import origin_of
from data.values.models import Endpoint, Wire

CHAT: Final = frozenset({"chat"})
CHAT_AND_RESPONSES: Final = frozenset({"chat", "responses"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A known provider.

    `base_url` is where the direct transport, or for `Wire.LITELLM` litellm, sends its requests; a key is bound to its
    origin. `catalogue` is the provider's name in litellm's price list, `modes` which of its entries answer a chat
    here: the direct transport speaks /chat/completions only. `name_prefix` begins the full names where the list has
    short ones too, and is left out of labels. `suggested` are name patterns of a sensible first
    model, the best first; among the matches the highest version wins.
    """

    slug: str
    label: str
    base_url: str
    key_url: str
    key_placeholder: str
    suggested: tuple[str, ...]
    wire: Wire = Wire.OPENAI
    catalogue: str = ""
    modes: frozenset[str] = CHAT
    name_prefix: str = ""

    @property
    def catalogue_slug(self) -> str:
        """The provider's name in the price list, for chats."""
        return self.catalogue or self.slug

    @property
    def catalogue_slugs(self) -> tuple[str, ...]:
        """All its names there: chats of some are listed apart from the rest."""
        return (self.catalogue, self.slug) if self.catalogue else (self.slug,)


_ALL = (
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        "https://platform.openai.com/api-keys",
        "sk-...",
        ("gpt-[0-9]*-sol", "gpt-[0-9]*"),
    ),
    Provider(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com",
        "https://platform.claude.com/settings/keys",
        "sk-ant-...",
        ("claude-sonnet-*", "claude-*"),
        wire=Wire.LITELLM,
        modes=CHAT_AND_RESPONSES,
    ),
    Provider(
        "gemini",
        "Google Gemini",
        "https://generativelanguage.googleapis.com",
        "https://aistudio.google.com/apikey",
        "AIza...",
        ("gemini-[0-9]*-flash", "gemini-flash-latest"),
        wire=Wire.LITELLM,
        modes=CHAT_AND_RESPONSES,
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "https://openrouter.ai/settings/keys",
        "sk-or-...",
        ("openrouter/auto",),
    ),
    Provider(
        "mistral",
        "Mistral AI",
        "https://api.mistral.ai/v1",
        "https://console.mistral.ai/api-keys",
        "API key",
        ("mistral-medium-latest", "mistral-large-latest"),
    ),
    Provider(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "https://console.groq.com/keys",
        "gsk_...",
        ("openai/gpt-oss-120b", "openai/gpt-oss-*"),
    ),
    Provider(
        "deepseek",
        "DeepSeek",
        "https://api.deepseek.com/v1",
        "https://platform.deepseek.com/api_keys",
        "sk-...",
        ("deepseek-flash", "deepseek-v*-flash", "deepseek-v*"),
    ),
    Provider(
        "xai", "xAI", "https://api.x.ai/v1", "https://console.x.ai", "xai-...", ("grok-[0-9].[0-9]", "grok-[0-9]*")
    ),
    Provider(
        "together_ai",
        "Together AI",
        "https://api.together.ai/v1",
        "https://api.together.ai/settings/api-keys",
        "API key",
        ("openai/gpt-oss-120b", "deepseek-ai/DeepSeek-V*-Flash*"),
    ),
    Provider(
        "fireworks_ai",
        "Fireworks AI",
        "https://api.fireworks.ai/inference/v1",
        "https://app.fireworks.ai/settings/users/api-keys",
        "fw_...",
        ("accounts/fireworks/models/glm-[0-9]*", "accounts/fireworks/models/deepseek-v*"),
        name_prefix="accounts/fireworks/models/",
    ),
    Provider(
        # Perplexity ended /chat/completions on 2026-09-27; its Agent API speaks the Responses format, which litellm
        # translates to (docs.perplexity.ai, "Migrate from Sonar to the Agent API").
        "perplexity",
        "Perplexity",
        "https://api.perplexity.ai",
        "https://www.perplexity.ai/settings/api",
        "pplx-...",
        ("preset/pro-search", "openai/gpt-*-sol"),
        wire=Wire.LITELLM,
        modes=frozenset({"responses"}),
    ),
    Provider(
        "cerebras",
        "Cerebras",
        "https://api.cerebras.ai/v1",
        "https://cloud.cerebras.ai",
        "csk-...",
        ("gpt-oss-120b",),
    ),
    Provider(
        "moonshot",
        "Moonshot AI",
        "https://api.moonshot.ai/v1",
        "https://platform.moonshot.ai/console/api-keys",
        "sk-...",
        ("kimi-k[0-9]*",),
    ),
    Provider(
        "nvidia_nim",
        "NVIDIA NIM",
        "https://integrate.api.nvidia.com/v1",
        "https://build.nvidia.com/settings/api-keys",
        "nvapi-...",
        ("openai/gpt-oss-120b", "nvidia/*nemotron*super*"),
    ),
    Provider(
        "cohere",
        "Cohere",
        "https://api.cohere.com",
        "https://dashboard.cohere.com/api-keys",
        "API key",
        ("command-a-plus-*", "command-a-*"),
        wire=Wire.LITELLM,
        catalogue="cohere_chat",
        modes=CHAT_AND_RESPONSES,
    ),
)

PROVIDERS: Final = MappingProxyType({provider.slug: provider for provider in _ALL})
"""Every known provider by slug, in the order in which they are offered."""

SANDBOX: Final = "sandbox"
RESERVED: Final = frozenset({*PROVIDERS, SANDBOX})
"""Prefixes of model ids that no local or custom endpoint may take."""

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
"""What a prefix of a model id looks like."""


def key_origin(endpoint: Endpoint) -> str:
    """The origin that requests to `endpoint` go to; empty when that is unknown, which no key is bound to."""
    if endpoint.base_url:
        return origin_of(endpoint.base_url)
    provider = PROVIDERS.get(endpoint.provider)
    return origin_of(provider.base_url) if provider else ""
