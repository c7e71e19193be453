"""How fast, how reliably and at what price models answer, as analysts may see it; and what others would have cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from core.access.access import Access
from core.access.policy import Permission
from core.errors import NotFound
from core.providers.catalog import Catalogue
from core.providers.metering import cost_of
from core.providers.offer import listed_price
from core.registry.service import Registry
from core.team_names import called
from core.usage import FRESHEN_S
from data.analytics.performance import performance_facts
from data.analytics.performance_values import Filters, Grouping, PerformanceFacts, Traffic
from data.analytics.period import Period, span_before, span_of
from data.values.actor import Actor
from data.values.calls import TokenUsage
from data.values.money import TokenPrice
from data.values.registry import MOST_CARDS, Category, ModelCard, ModelQuery
from data.warehouse.writer import WarehouseStatus, WarehouseWriter


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be looked at: calls of a period that fit filters, beside each other `by` model or provider.

    `what_if` is the id of a model that they are to be priced as.
    """

    period: Period = Period.MONTH
    filters: Filters = field(default_factory=Filters)
    by: Grouping = Grouping.MODEL
    what_if: str | None = None


@dataclass(frozen=True, slots=True)
class Instead:
    """What the chats of one model would have cost elsewhere; without a model those of `rest` others together.

    Args:
        there: of all these calls, in the currency of the other model.
        compared: calls whose own cost is known in that currency; `actual` is what they cost, `compared_there` what
            they would have. A call whose own price is not known is in `there` alone.
    """

    model_id: str | None
    rest: int
    calls: int
    estimated: int
    input_tokens: int
    output_tokens: int
    there: Decimal
    compared: int
    actual: Decimal
    compared_there: Decimal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The traffic at another model's prices; `total` is of all its rows."""

    model_id: str
    price: TokenPrice
    rows: tuple[Instead, ...]
    total: Instead


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """What the page shows, and when it was made (UTC); `teams` are names by id, of those to filter by."""

    facts: PerformanceFacts
    what_if: WhatIf | None
    made_at: datetime
    teams: Mapping[str, str]


class PerformanceService:
    """What the Performance page asks for."""

    def __init__(
        self,
        access: Access,
        writer: WarehouseWriter,
        prices: Callable[[Actor], Mapping[str, TokenPrice]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        team_names: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._access = access
        self._writer = writer
        self._prices = prices
        self._clock = clock
        self._team_names = team_names

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone, whose days its pages count."""
        return self._writer.zone

    def view(self, actor: Actor, question: Question) -> PerformanceView:
        """The calls of a period that ends with today.

        Raises:
            AccessRefused: the actor may not see what everybody's calls came to.
            NotFound: this person knows of no priced model by the id of `what_if`.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        price = None
        if question.what_if is not None:
            price = self._prices(actor).get(question.what_if)
            if price is None:
                raise NotFound("No model with a price is known by this id.", "Choose another model to compare with.")
        self._writer.flush(FRESHEN_S)
        now = self._clock()
        with self._writer.reader() as cursor:
            facts = performance_facts(
                cursor,
                span_of(question.period, now, self.zone),
                span_before(question.period, now, self.zone),
                question.filters,
                by=question.by,
                viewer=actor.user_id,
                above=None if price is None else _limits(price),
            )
        what_if = None
        if price is not None and question.what_if is not None:
            what_if = priced_as(question.what_if, price, facts.traffic)
        return PerformanceView(facts, what_if, now, called(facts.options.teams, self._team_names()))

    def prices(self, actor: Actor) -> Mapping[str, TokenPrice]:
        """What the tokens of the chat models cost that this person can see, by id, those they can use first.

        Raises:
            AccessRefused: the actor may not see what everybody's calls came to, or no models.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return self._prices(actor)

    def status(self) -> WarehouseStatus:
        """How the warehouse is doing."""
        return self._writer.status()


def listed_prices(registry: Registry, catalogue: Catalogue, actor: Actor) -> dict[str, TokenPrice]:
    """Today's prices of the chat models that the registry shows somebody, by id; those they can use first."""
    found: dict[str, TokenPrice] = {}
    query, cursor = ModelQuery(category=Category.CHAT, limit=MOST_CARDS), ""
    while True:
        page = registry.search(actor, ModelQuery(category=query.category, limit=query.limit, cursor=cursor))
        for card in page.cards:
            if price := _price_of(card, catalogue):
                found[card.id] = price
        cursor = page.next_cursor
        if not cursor:
            return found


def priced_as(model_id: str, price: TokenPrice, traffic: Iterable[Traffic]) -> WhatIf:
    """The traffic at the prices of a model. Pure.

    Tokens are taken as they were: another model cuts text otherwise, and writes more or less. What was read from a
    provider's cache is taken as read from this one's.
    """
    limits = _limits(price)
    rows: dict[tuple[str | None, int], Instead] = {}
    for each in traffic:
        tokens = TokenUsage(each.input_tokens, each.output_tokens, each.cached_tokens)
        # Within a tier every call has the same prices, so the sum of tokens costs what the calls do one by one.
        flat = price if each.tier == 0 else price.of_prompt(limits[each.tier - 1] + 1)
        there = cost_of(_without_tiers(flat), tokens).amount or Decimal()
        known = each.cost is not None and each.currency == price.currency
        row = Instead(
            each.model_id, each.rest, each.calls, each.estimated, each.input_tokens, each.output_tokens, there,
            each.calls if known else 0,
            (each.cost or Decimal()) if known else Decimal(),
            there if known else Decimal(),
        )  # fmt: skip
        key = each.model_id, each.rest
        rows[key] = _sum(rows[key], row) if key in rows else row
    total = Instead(None, 0, 0, 0, 0, 0, Decimal(), 0, Decimal(), Decimal())
    for row in rows.values():
        total = _sum(total, row)
    return WhatIf(model_id, price, tuple(rows.values()), total)


def _sum(one: Instead, other: Instead) -> Instead:
    return Instead(
        one.model_id,
        one.rest,
        one.calls + other.calls,
        one.estimated + other.estimated,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.there + other.there,
        one.compared + other.compared,
        one.actual + other.actual,
        one.compared_there + other.compared_there,
    )


def _limits(price: TokenPrice) -> list[int]:
    return sorted(tier.above for tier in price.long)


def _without_tiers(price: TokenPrice) -> TokenPrice:
    """The sum of many prompts is no long prompt."""
    return TokenPrice(price.input, price.output, price.cached_input, price.version, price.currency, price.cache_write)


def _price_of(card: ModelCard, catalogue: Catalogue) -> TokenPrice | None:
    """Its tokens, with the prices of long prompts where the list has them; who describes a model says none of those."""
    if card.prices is None or card.prices.tokens is None:
        return None
    return (
        card.prices.tokens if card.custom else listed_price(catalogue, card.provider, card.name) or card.prices.tokens
    )
