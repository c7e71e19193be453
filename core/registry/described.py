"""A model that an admin describes: what is asked for, how it is kept, and the card that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import GearboxError
from core.providers.cards import family_of
from core.registry.by_name import card_by_name
from core.registry.truth import corrected
from data.values.registry import Capability, CapabilityFact, Category, FactSource, Modality, ModelCard, Prices

_VERSION = "entered"
_GIVES = {
    Category.PICTURES: Modality.IMAGE,
    Category.SPEAK: Modality.AUDIO,
    Category.TALK: Modality.AUDIO,
    Category.VIDEO: Modality.VIDEO,
    Category.SEARCH: Modality.VECTOR,
}
_HEARS = {Category.LISTEN: Modality.AUDIO, Category.TALK: Modality.AUDIO, Category.READ: Modality.PDF}
_MILLION = Decimal(1_000_000)

MEANS: Final[Mapping[Category, Capability]] = {
    Category.CHAT: Capability.STREAMING,
    Category.PICTURES: Capability.IMAGE_GENERATION,
    Category.SPEAK: Capability.SPEECH,
    Category.LISTEN: Capability.TRANSCRIPTION,
    Category.VIDEO: Capability.VIDEO_GENERATION,
    Category.SEARCH: Capability.EMBEDDING,
}
"""What Gearbox makes calls for, and what a model of each kind can do at least."""

ASKED: Final = (
    Capability.TOOLS,
    Capability.VISION,
    Capability.REASONING,
    Capability.STRUCTURED_OUTPUT,
    Capability.PDF,
    Capability.AUDIO_INPUT,
)
"""What a chat model is asked for beside that: who says which of these it can says that it can't do the others."""

Amount = Annotated[Decimal | None, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class DescribedModel(BaseModel):
    """What an admin says of a model, None where they say nothing.

    Prices are in US dollars; those of tokens for a million of them.

    A name is what the server calls the model; `provider` the prefix of a connection's models.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    provider: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    label: Annotated[str, Field(max_length=80)] = ""
    category: Category | None = None
    capabilities: frozenset[Capability] | None = None
    context_tokens: Annotated[int | None, Field(ge=1, le=100_000_000)] = None
    max_output_tokens: Annotated[int | None, Field(ge=1, le=100_000_000)] = None
    input_per_million: Amount = None
    output_per_million: Amount = None
    cached_per_million: Amount = None
    per_image: Amount = None
    per_second: Amount = None
    per_query: Amount = None
    described_at: datetime | None = None

    @field_validator("label", "name")
    @classmethod
    def _printable(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("has characters that can't be printed")
        return text

    @property
    def id(self) -> str:
        """`provider/name`."""
        return f"{self.provider}/{self.name}"

    def said(self) -> dict[str, Any]:
        """The fields that say something, to be said again together with more."""
        return self.model_dump(exclude_none=True, exclude_defaults=True, exclude={"described_at"})

    def card(self, listed: ModelCard | None, *, enabled: bool) -> ModelCard:
        """The model as the registry shows it: what `listed` says of it stays, as said by the list.

        A model of another kind than the list says is another model: then the list says nothing of it.
        """
        known = self._known(listed)
        card = corrected(known, self._facts(known.category))
        entered = self.context_tokens is not None
        return replace(
            card,
            label=self.label or known.label,
            context_tokens=self.context_tokens if entered else known.context_tokens,
            context_from=FactSource.PERSON if entered else known.context_from,
            max_output_tokens=self.max_output_tokens or known.max_output_tokens,
            prices=self._prices(known),
            custom=True,
            enabled=enabled,
        )

    def _known(self, listed: ModelCard | None) -> ModelCard:
        if listed is not None and self.category in {None, listed.category}:
            # Their age goes by the list's prices, which may be others now.
            return replace(listed, facts=tuple(replace(each, at=listed.known_since(each)) for each in listed.facts))
        guessed = card_by_name(self.provider, self.name)
        if self.category is None and guessed.category is not Category.OTHER:
            return guessed
        if self.category is guessed.category:  # what else its name says it can, a picture model to change them, stays
            return corrected(guessed, self._of_kind(guessed.category).facts)
        return self._of_kind(self.category or Category.CHAT)

    def _of_kind(self, category: Category) -> ModelCard:
        means = MEANS.get(category)
        facts = () if means is None else (CapabilityFact(means, True, FactSource.PERSON, self.described_at),)
        return ModelCard(
            provider=self.provider,
            name=self.name,
            label=self.name,
            family=family_of(self.name),
            category=category,
            inputs=frozenset({_HEARS.get(category, Modality.TEXT)}),
            outputs=frozenset({_GIVES.get(category, Modality.TEXT)}),
            facts=facts,
        )

    def _facts(self, category: Category) -> list[CapabilityFact]:
        if self.capabilities is None:
            return []
        asked = ASKED if category is Category.CHAT else ()
        said = {each: each in self.capabilities for each in (*asked, *sorted(self.capabilities))}
        return [CapabilityFact(each, holds, FactSource.PERSON, self.described_at) for each, holds in said.items()]

    def _prices(self, known: ModelCard) -> Prices | None:
        """The list's prices with what was entered in their place; those entered alone where that is all there is."""
        listens = known.category is Category.LISTEN
        amounts = {
            "input_token": _each(self.input_per_million),
            "output_token": _each(self.output_per_million),
            "cached_token": _each(self.cached_per_million),
            "image": self.per_image,
            "input_second": self.per_second if listens else None,
            "output_second": None if listens else self.per_second,
            "query": self.per_query,
        }
        entered: dict[str, Any] = {name: amount for name, amount in amounts.items() if amount is not None}
        if not entered:
            return known.prices
        at = self.described_at.date() if self.described_at else None
        if known.prices is None or _amounts(known.prices) <= entered.keys():
            return Prices(_VERSION, at, **entered)
        return replace(known.prices, version=f"{_VERSION}, the rest {known.prices.version}", at=at, **entered)


def described(**fields: Any) -> DescribedModel:
    """What an admin entered, checked.

    Raises:
        GearboxError: a field can't be; says which and why.
    """
    try:
        return DescribedModel.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(f"{_called(each['loc'])} {_fault(each)}" for each in error.errors())
        raise GearboxError(f"The model can't be added: {faults}.", "Correct what it names.") from None


_WORDS: Mapping[str, str] = {"name": "the model's name", "provider": "the prefix of its provider"}


def _called(place: tuple[int | str, ...]) -> str:
    name = str(place[0]) if place else "what was entered"
    return _WORDS.get(name, name)


def _fault(error: Mapping[str, Any]) -> str:
    if error["type"] in {"string_too_short", "missing"}:
        return "is missing"
    return f"is refused ({error['msg'].removeprefix('Value error, ')})"


def _amounts(prices: Prices) -> set[str]:
    """The names of the amounts that are listed."""
    return {
        each.name
        for each in fields_of(prices)
        if each.name not in {"version", "at", "currency"} and getattr(prices, each.name) is not None
    }


def _each(per_million: Decimal | None) -> Decimal | None:
    return None if per_million is None else per_million / _MILLION
