"""What the registry's routes answer."""

from __future__ import annotations

from datetime import date, datetime

from typing_extensions import TypedDict

from data.values.registry import Capability, Category, FactSource, Modality, ProviderCard


class Providers(TypedDict):
    """Providers."""

    providers: list[ProviderCard]


class CapabilityCount(TypedDict):
    """A capability, and how many models have it."""

    name: Capability
    models: int


class Capabilities(TypedDict):
    """The words that filters take."""

    capabilities: list[CapabilityCount]
    modalities: list[Modality]
    categories: list[Category]


class Fact(TypedDict):
    """Whether a model has a capability, who says so, since when, and what was seen where it was tried or used."""

    holds: bool
    source: FactSource
    at: datetime | None
    evidence: str


class Finding(TypedDict):
    """What a try showed; null where it told nothing, as when the model could not be reached."""

    holds: bool | None
    evidence: str


class Probed(TypedDict):
    """What came of trying a model out, and what it cost. `cost` is text, and null where the model has no price."""

    model: str
    at: datetime
    findings: dict[Capability, Finding]
    calls: int
    cost: str | None
    currency: str


class KnownModel(TypedDict):
    """A model. Prices are text, so that no digit is lost, each for one token, picture, second and so on; absent ones
    are not known. `per_1000_turns` is null where there is no price, never zero."""

    id: str
    provider: str
    name: str
    label: str
    family: str
    category: Category
    inputs: list[Modality]
    outputs: list[Modality]
    capabilities: dict[Capability, Fact]
    context_tokens: int | None
    context_from: FactSource | None
    max_output_tokens: int | None
    prices: dict[str, str | None] | None
    per_1000_turns: str | None
    deprecated_on: date | None
    custom: bool
    enabled: bool


class ModelForYou(KnownModel):
    """A model, and whether you can use it now; if not, why not and what to do about it."""

    usable: bool
    reason: str
    remedy: str


class ModelPage(TypedDict):
    """Models, how many fit in all, and what asks for the next page."""

    models: list[ModelForYou]
    total: int
    next_cursor: str
