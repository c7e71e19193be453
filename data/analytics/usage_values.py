"""What the Usage page is made of: values that `data.analytics.usage_facts` fills.

Amounts are decimals, each currency for itself; times aware UTC; days are the workspace's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from data.analytics.anomalies import Anomaly
from data.analytics.forecast import Forecast
from data.analytics.movers import Mover
from data.analytics.period import Span

NO_TEAM = "-"
"""Stands for "of no team" in filters and rows: no id is written so."""


class Dimension(StrEnum):
    """By what calls are told apart; the value is a column of `usage_daily` where it is no id of two."""

    MODEL = "model"
    PROVIDER = "provider"
    TEAM = "team"
    MODALITY = "modality"
    TASK = "task"
    SURFACE = "surface"


class Measure(StrEnum):
    """What is counted."""

    CALLS = "calls"
    TOKENS = "tokens"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls: those that fit every field that is set. `model` is its name at its provider."""

    team: str | None = None
    provider: str | None = None
    model: str | None = None
    surface: str | None = None
    modality: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be looked at; `by` tells calls apart."""

    filters: Filters = field(default_factory=Filters)
    by: Dimension = Dimension.MODEL
    measure: Measure = Measure.CALLS


@dataclass(frozen=True, slots=True)
class Sums:
    """Some calls in numbers.

    `unpriced` used tokens of a model without a known price; `estimated` have a cost that rests on estimated tokens;
    `unknown` are calls whose process died before they ended. Of `cache_asked` calls that Gearbox's own cache may answer
    `cache_hits` were answered by it. `samples` are made up. `spend` and `saved` hold an amount for each currency.
    """

    calls: int = 0
    failures: int = 0
    unknown: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_estimated: int = 0
    unpriced: int = 0
    estimated: int = 0
    cache_asked: int = 0
    cache_hits: int = 0
    samples: int = 0
    images: Decimal = Decimal()
    media_seconds: Decimal = Decimal()
    spend: Mapping[str, Decimal] = field(default_factory=dict)
    saved: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """In and out together."""
        return self.input_tokens + self.output_tokens

    def of(self, measure: Measure, currency: str) -> Decimal:
        """How much it is; of costs those in one currency."""
        if measure is Measure.COST:
            return self.spend.get(currency, Decimal())
        return Decimal(self.calls if measure is Measure.CALLS else self.tokens)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One hour or day; `sums` is None where the calls are of too few people."""

    start: datetime
    sums: Sums | None


@dataclass(frozen=True, slots=True)
class Group:
    """What one model, team, ... came to; with `rest` it is what so many others came to together.

    `before` is None where that was of too few people.
    """

    name: str | None
    rest: int
    now: Sums
    before: Sums | None


@dataclass(frozen=True, slots=True)
class Active:
    """How many different people asked something: today, in the last 7 and 30 days; and as long before each."""

    day: int
    week: int
    month: int
    day_before: int
    week_before: int
    month_before: int


@dataclass(frozen=True, slots=True)
class OddDay:
    """A day of the period that stands out."""

    day: date
    found: Anomaly


@dataclass(frozen=True, slots=True)
class Month:
    """What the calendar month has cost so far, and what it may come to.

    `forecast` is None where there is too little to say.
    """

    first: date
    last: date
    currency: str
    spent: Decimal
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to filter by, in the period."""

    of: Mapping[Dimension, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UsageFacts:
    """Everything the page shows.

    Args:
        span: the period; `before_end` is up to when the one before it is counted.
        totals: None where there are calls, but of too few people; so is `before`, which is also None without any.
        failing: days on which an unusual share of calls failed.
        is_watched: whether there are enough days before the period to tell `odd` and `failing` ones.
        currency: that of charts of cost.
        groups: the larger ones first.
        movers: the groups that changed the sum most, of those that may be told apart.
        month: None where nothing has a price.
        last_day: of the last call there ever was, where there is none in the period.
        ran: each query by the name of its part, with what it ran with.
    """

    span: Span
    before_end: datetime
    totals: Sums | None
    before: Sums | None
    currency: str
    active: Active | None
    buckets: tuple[Bucket, ...]
    odd: tuple[OddDay, ...]
    failing: tuple[OddDay, ...]
    is_watched: bool
    groups: tuple[Group, ...]
    movers: tuple[Mover[str], ...]
    month: Month | None
    options: Options
    last_day: date | None
    ran: Mapping[str, tuple[str, Mapping[str, Any]]]
