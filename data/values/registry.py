"""What is known of models: what a person does with them, what they can do and who says so, what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum

from data.values.money import TokenPrice


class Modality(StrEnum):
    """A kind of content that goes into a model or comes out of it."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    PDF = "pdf"
    VECTOR = "vector"  # embeddings, and scores of a reranker


class Capability(StrEnum):
    """Something a model may be able to do."""

    STREAMING = "streaming"
    TOOLS = "tools"
    PARALLEL_TOOLS = "parallel_tools"
    STRUCTURED_OUTPUT = "structured_output"
    REASONING = "reasoning"
    PROMPT_CACHING = "prompt_caching"
    VISION = "vision"
    PDF = "pdf"
    AUDIO_INPUT = "audio_input"
    AUDIO_OUTPUT = "audio_output"
    VIDEO_INPUT = "video_input"
    IMAGE_GENERATION = "image_generation"
    IMAGE_EDIT = "image_edit"
    VIDEO_GENERATION = "video_generation"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    EMBEDDING = "embedding"
    RERANK = "rerank"


class Category(StrEnum):
    """What a person does with a model."""

    CHAT = "chat"  # ask, write, reason, code
    PICTURES = "pictures"  # make and change pictures
    SPEAK = "speak"  # have text read aloud
    LISTEN = "listen"  # have speech written down
    TALK = "talk"  # speak with it, in real time
    VIDEO = "video"  # make videos
    SEARCH = "search"  # find things by meaning: embeddings and reranking
    READ = "read"  # get text out of scanned documents
    CHECK = "check"  # judge content: moderation, guardrails, evaluation
    OTHER = "other"


class FactSource(StrEnum):
    """Who says that a model can do something, the least trusted first."""

    NAME = "name"  # nobody: what models called like this usually do
    CATALOGUE = "catalogue"  # the packaged list
    LISTING = "listing"  # the provider's own list of models
    PERSON = "person"  # who added the model
    PROBE = "probe"  # tried on purpose
    OBSERVED = "observed"  # seen in a call: it worked, or was refused as not supported


TRUST: tuple[FactSource, ...] = tuple(FactSource)
"""Sources in ascending order of trust: of two facts the later one here stands."""


@dataclass(frozen=True, slots=True)
class CapabilityFact:
    """One capability, whether the model has it, who says so, and since when that is known.

    `evidence` is what was seen, in words, where it was tried or used.
    """

    capability: Capability
    holds: bool
    source: FactSource
    at: datetime | None = None
    evidence: str = ""

    @property
    def weight(self) -> tuple[int, float]:
        """Of two facts about one capability the heavier one stands: of the more trusted source, then the newer."""
        return TRUST.index(self.source), self.at.timestamp() if self.at else 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model costs in `currency`, each per single unit and None where nothing is listed.

    `at` is the day on which the price list `version` came out; None where that is not known.
    """

    version: str
    at: date | None
    input_token: Decimal | None = None
    output_token: Decimal | None = None
    cached_token: Decimal | None = None
    cache_write_token: Decimal | None = None
    input_image_token: Decimal | None = None
    output_image_token: Decimal | None = None
    image: Decimal | None = None
    input_second: Decimal | None = None
    output_second: Decimal | None = None
    input_character: Decimal | None = None
    query: Decimal | None = None
    page: Decimal | None = None
    currency: str = "USD"

    @property
    def tokens(self) -> TokenPrice | None:
        """The prices of a chat's tokens; None unless both directions are listed, and one of them is not zero."""
        paid, answer = self.input_token, self.output_token
        # Two zeros stand for a free tier, an experiment or a price nobody entered: unknown, not free.
        if paid is None or answer is None or not (paid or answer):
            return None
        return TokenPrice(
            paid,
            answer,
            paid if self.cached_token is None else self.cached_token,
            self.version,
            self.currency,
            self.cache_write_token,
        )


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model as the catalogue, its provider, or whoever added it describes it. `facts` are one a capability.

    `context_from` is who says how many tokens it reads, where `context_tokens` are known.
    """

    provider: str
    name: str
    label: str
    family: str
    category: Category
    inputs: frozenset[Modality]
    outputs: frozenset[Modality]
    facts: tuple[CapabilityFact, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    prices: Prices | None = None
    deprecated_on: date | None = None
    custom: bool = False
    enabled: bool = True
    context_from: FactSource = FactSource.CATALOGUE

    @property
    def id(self) -> str:
        """The name that is stored, shown in addresses and sent to the API: `provider/name`."""
        return f"{self.provider}/{self.name}"

    def can(self, capability: Capability) -> bool | None:
        """Whether it can; None where nobody says."""
        return next((fact.holds for fact in self.facts if fact.capability is capability), None)

    def known_since(self, fact: CapabilityFact) -> datetime | None:
        """Since when one of its facts is known; what the packaged list says is as old as that list."""
        if fact.at is None and fact.source is FactSource.CATALOGUE and self.prices and self.prices.at:
            return datetime.combine(self.prices.at, time(), UTC)
        return fact.at


MOST_CARDS = 500
"""Cards on one page at most."""


class Sort(StrEnum):
    """How found models are ordered; what lacks the value comes last, ties go by id."""

    RELEVANCE = "relevance"  # what is called as it was searched for, then usable ones, then by id
    NAME = "name"
    PRICE = "price"  # of 1,000 typical turns, the cheapest first
    CONTEXT = "context"  # the longest first


@dataclass(frozen=True, slots=True)
class ModelQuery:
    """Which models are wanted: those that fit every field that is set.

    Args:
        q: words, each of which must occur in the id, label, family or provider's name; any case.
        provider, category, modality, capability: of this one; `modality` goes in or comes out.
        usable: True: only those the person can use now. False: only the others.
        min_context: tokens that must fit at least.
        max_price: the most that 1,000 typical turns may cost, in US dollars.
        deprecated: also those that their provider has ended.
        cursor: `next_cursor` of the page before.
        limit: cards a page, 1 to 500.
    """

    q: str = ""
    provider: str = ""
    category: Category | None = None
    modality: Modality | None = None
    capability: Capability | None = None
    usable: bool | None = None
    min_context: int | None = None
    max_price: Decimal | None = None
    deprecated: bool = False
    sort: Sort = Sort.RELEVANCE
    cursor: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of what was found. `etag` changes when any answer to any query of this person may have changed."""

    cards: tuple[ModelCard, ...]
    total: int
    next_cursor: str
    etag: str


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether a person can use a model now; if not, why not and what to do about it."""

    usable: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """A provider in the registry: how many of its models are known, and whether the person is connected to it."""

    slug: str
    label: str
    models: int
    connected: bool
