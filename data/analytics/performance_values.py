"""What the Performance page is made of: values that `data.analytics.performance` fills.

Durations are milliseconds, amounts decimals in their own currency, times aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from data.analytics.period import Span


class Grouping(StrEnum):
    """By what calls are told apart."""

    MODEL = "model"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls: those that fit every field that is set.

    `model` is its name at its provider, `team` an id, or NO_TEAM for calls of none.
    """

    provider: str | None = None
    model: str | None = None
    surface: str | None = None
    task: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """What half, 95 and 99 of a hundred calls were at least as good as, and of how many calls that is told."""

    n: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """How some calls went.

    Args:
        calls: all of them; `failures` ended in an error, or with Gearbox itself.
        ttft: milliseconds to the first token, of calls where one came.
        whole: milliseconds to the end, of calls that were answered by a provider.
        rate: tokens a second after the first token, of answered calls whose tokens the provider counted.
    """

    calls: int
    failures: int
    ttft: Times
    whole: Times
    rate: Times


@dataclass(frozen=True, slots=True)
class Totals:
    """All calls together.

    Args:
        answers: what one model gave in one turn of a day, or to a program; `by_fallback` where it stood in.
        to_judge: the same, also where it was stopped.
        cache_hits, not_chat, no_tokens: calls that say nothing of what a chat model's tokens would cost: answered by
            Gearbox's own cache, for something else than chat, or without a count of tokens.
        samples: calls of sample data.
    """

    answers: int
    by_fallback: int
    to_judge: int
    input_tokens: int
    cached_tokens: int
    cache_hits: int
    not_chat: int
    no_tokens: int
    samples: int
    speed: Speed


@dataclass(frozen=True, slots=True)
class Bucket:
    """One hour or day; None where there were no calls, or where they are of too few people."""

    start: datetime
    speed: Speed | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A model's or a provider's calls; without a name those of `groups` others together."""

    name: str | None
    groups: int
    speed: Speed


@dataclass(frozen=True, slots=True)
class Errors:
    """Calls that failed for a reason; without a kind those of `rest` others together."""

    kind: str | None
    rest: int
    calls: int


@dataclass(frozen=True, slots=True)
class Fallback:
    """Calls of a model that stood in. `failed` was asked before it; None: none was, or it is not known which.

    With `rest` they are those of so many other pairs together.
    """

    failed: str | None
    model_id: str | None
    rest: int
    calls: int
    answered: int


@dataclass(frozen=True, slots=True)
class Useful:
    """Answers of a model that somebody showed something of, and whose cost is known in one currency.

    Without a currency, and a cost, those whose cost is not known. Of the `judged` ones `useful` were found good.
    """

    model_id: str | None
    rest: int
    currency: str | None
    judged: int
    useful: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Cached:
    """What caches did for a model's calls.

    Args:
        asked: calls that might be answered by Gearbox's own cache; `hits` were, `unpriced_hits` at an unknown price.
        saved: what hits would have cost, in `currency`; None without one.
        cached_tokens: of prompts, read from the provider's cache.
    """

    model_id: str | None
    rest: int
    currency: str | None
    asked: int
    hits: int
    unpriced_hits: int
    saved: Decimal | None
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """Tokens of chat calls of a model, whose prompts were longer than `tier` of the limits that were asked for.

    `cost` is what they cost in `currency`; without one it is not known. `estimated` have tokens that we counted.
    """

    model_id: str | None
    rest: int
    tier: int
    currency: str | None
    calls: int
    estimated: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to filter by in the period."""

    providers: tuple[str, ...]
    models: tuple[str, ...]
    surfaces: tuple[str, ...]
    tasks: tuple[str, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """A whole period; its `useful` and `cached` are by currency alone, and empty where they are of too few people."""

    totals: Totals
    useful: tuple[Useful, ...]
    cached: tuple[Cached, ...]


@dataclass(frozen=True, slots=True)
class PerformanceFacts:
    """Everything the page is made of. Without `sums` the calls are none, or of too few people: then there is no more.

    Args:
        calls: how many fit the filters, where that may be said.
        before: of the period before; None where its calls are none, or of too few people.
        ran: each query by its part's name, with the parameters it ran with.
    """

    span: Span
    is_empty: bool
    options: Options
    sums: Sums | None
    before: Sums | None
    buckets: tuple[Bucket, ...]
    groups: tuple[Group, ...]
    errors: tuple[Errors, ...]
    fallbacks: tuple[Fallback, ...]
    useful: tuple[Useful, ...]
    cached: tuple[Cached, ...]
    traffic: tuple[Traffic, ...]
    ran: Mapping[str, tuple[str, Mapping[str, Any]]]
