"""A model that an admin describes: what is asked for, how it is kept, and the card that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import GearboxError
from core.providers.cards import TAKES, family_of
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

Amount = Annotated[Decimal | None, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class DescribedModel(BaseModel):
    """What an admin says of a model. Prices are in US dollars; those of tokens for a million of them.

    A name is what the server calls the model; `provider` the prefix of a connection's models.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    provider: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    label: Annotated[str, Field(max_length=80)] = ""
    category: Category = Category.CHAT
    capabilities: frozenset[Capability] = frozenset({Capability.STREAMING})
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

    def card(self, *, enabled: bool) -> ModelCard:
        """The model as the registry shows it."""
        said = (CapabilityFact(each, True, FactSource.PERSON, self.described_at) for each in sorted(self.capabilities))
        return ModelCard(
            provider=self.provider,
            name=self.name,
            label=self.label or self.name,
            family=family_of(self.name),
            category=self.category,
            inputs=frozenset({_HEARS.get(self.category, Modality.TEXT)})
            | {TAKES[each] for each in self.capabilities if each in TAKES},
            outputs=frozenset({_GIVES.get(self.category, Modality.TEXT)}),
            facts=tuple(said),
            context_tokens=self.context_tokens,
            max_output_tokens=self.max_output_tokens,
            prices=self._prices(self.described_at.date() if self.described_at else None),
            custom=True,
            enabled=enabled,
            context_from=FactSource.PERSON,
        )

    def _prices(self, at: date | None) -> Prices | None:
        amounts = {
            "input_token": _each(self.input_per_million),
            "output_token": _each(self.output_per_million),
            "cached_token": _each(self.cached_per_million),
            "image": self.per_image,
            "input_second": self.per_second if self.category is Category.LISTEN else None,
            "output_second": self.per_second if self.category is not Category.LISTEN else None,
            "query": self.per_query,
        }
        known: dict[str, Any] = {name: amount for name, amount in amounts.items() if amount is not None}
        return Prices(_VERSION, at, **known) if known else None


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


def known_of(card: ModelCard) -> dict[str, Any]:
    """What is known of a model, as the fields of a `DescribedModel`: an admin who knows one better keeps the rest."""
    prices = card.prices or Prices(_VERSION, None)
    each = prices.input_second if card.category is Category.LISTEN else prices.output_second
    fields = {
        "label": card.label,
        "category": card.category,
        "capabilities": {fact.capability for fact in card.facts if fact.holds},
        "context_tokens": card.context_tokens,
        "max_output_tokens": card.max_output_tokens,
        "input_per_million": _of_million(prices.input_token),
        "output_per_million": _of_million(prices.output_token),
        "cached_per_million": _of_million(prices.cached_token),
        "per_image": prices.image,
        "per_second": each,
        "per_query": prices.query,
    }
    return {name: value for name, value in fields.items() if value is not None}


_WORDS: Mapping[str, str] = {"name": "the model's name", "provider": "the prefix of its provider"}


def _called(place: tuple[int | str, ...]) -> str:
    name = str(place[0]) if place else "what was entered"
    return _WORDS.get(name, name)


def _fault(error: Mapping[str, Any]) -> str:
    if error["type"] in {"string_too_short", "missing"}:
        return "is missing"
    return f"is refused ({error['msg'].removeprefix('Value error, ')})"


def _of_million(each: Decimal | None) -> Decimal | None:
    return None if each is None else each * _MILLION


def _each(per_million: Decimal | None) -> Decimal | None:
    return None if per_million is None else per_million / _MILLION
