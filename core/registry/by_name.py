"""What a bare name says of a model that only a server's list has: a guess, and told as one."""

from __future__ import annotations

import re
from typing import Final

from core.providers.cards import family_of
from core.providers.picker import chats_by_name
from data.values.registry import Capability, CapabilityFact, Category, FactSource, Modality, ModelCard

_CHAT: Final = (Category.CHAT, Capability.STREAMING, Modality.TEXT, Modality.TEXT)
_PICTURES: Final = (Category.PICTURES, Capability.IMAGE_GENERATION, Modality.TEXT, Modality.IMAGE)
# Words of a name, capability, what goes in, what comes out. The first that is found says it: a reranker is often called
# after the embedder that it was made of, and gpt-4o-mini-tts after a model that chats.
_WORDS: Final = (
    (r"rerank\w*", (Category.SEARCH, Capability.RERANK, Modality.TEXT, Modality.VECTOR)),
    (r"embed\w*|bge|e5|gte|minilm", (Category.SEARCH, Capability.EMBEDDING, Modality.TEXT, Modality.VECTOR)),
    (r"whisper|transcri\w+", (Category.LISTEN, Capability.TRANSCRIPTION, Modality.AUDIO, Modality.TEXT)),
    (r"tts\d*|orpheus|speech", (Category.SPEAK, Capability.SPEECH, Modality.TEXT, Modality.AUDIO)),
    (r"sora|veo|video", (Category.VIDEO, Capability.VIDEO_GENERATION, Modality.TEXT, Modality.VIDEO)),
    (r"dall|image\w*|flux|diffusion|banana", _PICTURES),
)
_KINDS: Final = tuple(
    (re.compile(rf"(?:^|[-_/:.\s])(?:{words})(?=$|[-_/:.\s\d])", re.IGNORECASE), kind) for words, kind in _WORDS
)
# Of models that draw: those that also change pictures they are given.
_EDITS: Final = re.compile(r"(?:^|[-_/:.\s])(?:edit|kontext|banana|gpt-image|scripted-image)(?=$|[-_/:.\s\d])", re.I)


def card_by_name(provider: str, name: str) -> ModelCard:
    """The model as its name suggests; OTHER, without a fact, for what neither chats nor is known by a word."""
    kind = next((kind for pattern, kind in _KINDS if pattern.search(name)), None)
    if kind is None and chats_by_name(name):
        kind = _CHAT
    if kind is None:
        text = frozenset({Modality.TEXT})
        return ModelCard(provider, name, name, family_of(name), Category.OTHER, text, text)
    category, capability, taken, given = kind
    edits = category is Category.PICTURES and _EDITS.search(name) is not None
    takes = frozenset({taken, Modality.IMAGE} if edits else {taken})
    able = (capability, Capability.IMAGE_EDIT) if edits else (capability,)
    facts = tuple(CapabilityFact(each, True, FactSource.NAME) for each in able)
    return ModelCard(provider, name, name, family_of(name), category, takes, frozenset({given}), facts)
