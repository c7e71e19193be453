"""How models are offered: which names chat at all, which one comes first, and the words they are grouped by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from core.providers.addresses import is_loopback
from data.values.models import Endpoint, EndpointKind, Model
from data.values.money import TokenPrice

LOW_COST_PER_MILLION = Decimal("0.50")
"""US dollars per million tokens, three of input to one of output, up to which a model counts as low cost."""

LONG_DOCUMENT_TOKENS = 200_000
"""Context from which a model takes long documents: about 500 pages of English at 400 tokens a page."""

_NO_CHAT = re.compile(
    r"(?:^|[-_/:.\s])(?:"
    r"embed\w*|bge|e5|gte|minilm|rerank\w*|"
    r"tts\d*|whisper|transcri\w*|voxtral|speech|audio|voice|orpheus|lyria|realtime|live|"
    r"image\w*|imagen|dall|flux|diffusion|banana|sora|veo|video|"
    r"moderation|guard|safeguard|ocr|computer|robotics|container|fim|babbage|davinci"
    r")(?=$|[-_/:.\s\d])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def chats_by_name(name: str) -> bool:
    """False for names that plainly say something else: embeddings, speech, pictures, guards."""
    return not _NO_CHAT.search(name)


def suggested(models: Sequence[Model], patterns: Iterable[str] = ()) -> Model | None:
    """A sensible first model: the first pattern that matches decides, then the highest version, then the plainest name.

    Without a match it is the first model that can call tools, else the first.
    """
    for pattern in patterns:
        if matches := [model for model in models if fnmatchcase(model.name, pattern)]:
            return max(matches, key=lambda model: (_version(model.name), -len(model.name)))
    return next((model for model in models if model.tools), models[0] if models else None)


def categories(model: Model, endpoint: Endpoint) -> tuple[str, ...]:
    """The groups of the model picker that a model belongs to, at least one, in the words people use."""
    if endpoint.kind is EndpointKind.SANDBOX:
        return ("Sandbox",)
    here = endpoint.kind in (EndpointKind.LOCAL, EndpointKind.CUSTOM) and is_loopback(endpoint.base_url)
    found = (
        ("On this machine", here),
        ("Reasoning", model.reasoning),
        ("Sees images", model.vision),
        ("Low cost", model.price is not None and per_million(model.price) <= LOW_COST_PER_MILLION),
        ("Long documents", (model.context_tokens or 0) >= LONG_DOCUMENT_TOKENS),
    )
    return tuple(name for name, applies in found if applies) or ("Other",)


def per_million(price: TokenPrice) -> Decimal:
    """The price of a million tokens, three of input to one of output."""
    return (3 * price.input + price.output) / 4 * 1_000_000


def _version(name: str) -> tuple[Decimal, ...]:
    # "4.20" is older than "4.7" at every provider that counts like this, so these are decimals and no integer pairs.
    return tuple(Decimal(number) for number in _NUMBER.findall(name))
