"""What is said of a model by everybody who says something, made into one card: of two facts the more trusted stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from core.providers.cards import TAKES
from core.providers.facts import Known, Place
from core.providers.features import Feature
from data.values.models import Model
from data.values.registry import Capability, CapabilityFact, Category, FactSource, ModelCard

_REFUSED: Mapping[Feature, Capability] = {
    Feature.TOOLS: Capability.TOOLS,
    Feature.PARALLEL_TOOLS: Capability.PARALLEL_TOOLS,
    Feature.STRUCTURED_OUTPUT: Capability.STRUCTURED_OUTPUT,
    Feature.VISION: Capability.VISION,
    Feature.AUDIO_INPUT: Capability.AUDIO_INPUT,
    Feature.STREAMING: Capability.STREAMING,
}
"""What a refusal refutes. Not reasoning: one whose effort can't be chosen may think all the same."""


def found_out(known: Known, refusals: Mapping[Place, Mapping[Feature, datetime]]) -> dict[Place, list[CapabilityFact]]:
    """Every fact of every place, refusals among them."""
    found = {place: list(facts) for place, facts in known.items()}
    for place, refused in refusals.items():
        for feature, at in refused.items():
            if capability := _REFUSED.get(feature):
                fact = CapabilityFact(capability, False, FactSource.OBSERVED, at, "Its server refused it in a call.")
                found.setdefault(place, []).append(fact)
    return found


def as_found(model: Model, found: Iterable[CapabilityFact], context: int | None = None) -> Model:
    """The model of a chat with what was found out about it; the packaged list weighs less than all of that.

    Args:
        context: how many tokens it reads, where its server's own list says so.
    """
    if context is not None:
        model = replace(model, context_tokens=context)
    stands: dict[Capability, CapabilityFact] = {}
    for fact in found:
        known = stands.get(fact.capability)
        if known is None or fact.weight >= known.weight:
            stands[fact.capability] = fact
    if not stands:
        return model
    vision, audio, tools, reasoning = (
        stands[each].holds if each in stands else said
        for each, said in (
            (Capability.VISION, model.vision),
            (Capability.AUDIO_INPUT, model.audio),
            (Capability.TOOLS, model.tools),
            (Capability.REASONING, model.reasoning),
        )
    )
    return replace(model, vision=vision, audio=audio, tools=tools, reasoning=reasoning)


def corrected(card: ModelCard, found: Iterable[CapabilityFact]) -> ModelCard:
    """The card with what was found out about it."""
    stands = {fact.capability: fact for fact in card.facts}
    for fact in found:
        known = stands.get(fact.capability)
        if known is None or fact.weight >= known.weight:
            stands[fact.capability] = fact
    inputs = card.inputs
    if card.category is Category.CHAT:
        told = {TAKES[each]: fact.holds for each, fact in stands.items() if each in TAKES}
        inputs = (inputs | {each for each, holds in told.items() if holds}) - {
            each for each, holds in told.items() if not holds
        }
    return replace(card, facts=tuple(stands.values()), inputs=inputs)
