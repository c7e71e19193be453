"""How fast, how reliably and at what price models answered: the typed queries behind the Performance page.

Times in and out are aware UTC, durations milliseconds, amounts decimals in their own currency. Sums of days are what
the calls give, exactly; quantiles are read from a sketch, within 2% (`data.analytics.by_day`). Nothing here is about
fewer than three people, see `data.analytics.apart`; nothing here knows a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.analytics.apart import apart, folded, is_enough
from data.analytics.performance_asking import Asker, Speeds
from data.analytics.performance_values import (
    Bucket,
    Cached,
    Errors,
    Fallback,
    Filters,
    Group,
    Grouping,
    PerformanceFacts,
    Speed,
    Sums,
    Times,
    Totals,
    Traffic,
    Useful,
)
from data.analytics.period import Span
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def performance_facts(
    con: DuckDBPyConnection,
    span: Span,
    before: Span,
    filters: Filters,
    *,
    by: Grouping,
    viewer: str,
    above: Sequence[int] | None = None,
) -> PerformanceFacts:
    """Run the queries.

    Args:
        con: a cursor of the warehouse.
        span: the period, whole days. What people showed of its answers counts until now.
        before: what it is compared with.
        viewer: who looks: what is their own alone may be shown to them.
        above: the lengths of prompts, in tokens, above which the model in question has other prices; None: the traffic
            is not asked for.
    """
    ask = Asker(con, (span, before), filters, by, viewer)
    now, then = ask.totals()
    speeds = ask.speeds() if now and is_enough(now["people"], viewer) else {}
    facts = PerformanceFacts(
        span, now is None, ask.options(), _sums(ask, now, speeds, is_now=True),
        _sums(ask, then, speeds, is_now=False) if speeds else None,
        (), (), (), (), (), (), (), ask.ran,
    )  # fmt: skip
    if facts.sums is None:
        return facts
    return replace(
        facts,
        buckets=_buckets(ask, span),
        groups=_groups(ask),
        errors=tuple(Errors(**row) for row in ask.folded("errors", "kind")),
        fallbacks=tuple(Fallback(**row) for row in ask.folded("fallbacks", "failed", "model_id")),
        useful=tuple(Useful(**row) for row in ask.folded("useful", "model_id", beside=("currency",))),
        cached=tuple(Cached(**row) for row in ask.folded("cache", "model_id", beside=("currency",))),
        traffic=() if above is None else _traffic(ask, above),
    )


def _sums(ask: Asker, row: Mapping[str, Any] | None, speeds: Speeds, *, is_now: bool) -> Sums | None:
    """A stretch as a whole; None without calls, or of too few people."""
    if row is None or not is_enough(row["people"], ask.viewer):
        return None
    told = {name: row[name] for name in Totals.__slots__ if name != "speed"}
    return Sums(
        Totals(**told, speed=_speed(row, speeds.get(is_now, {}))),
        tuple(Useful(**each) for each in ask.whole("useful", is_now=is_now)),
        tuple(Cached(**each) for each in ask.whole("cache", is_now=is_now)),
    )


def _buckets(ask: Asker, span: Span) -> tuple[Bucket, ...]:
    """The course of the period."""
    rows = {row["start"]: row for row in ask.rows("buckets", "start")}
    shown = apart({start: row["people"] for start, row in rows.items()}, ask.viewer)
    speeds = ask.speeds_by_bucket(sorted(shown))
    found = {}
    for edge in span.edges:
        start = naive_utc(edge) if span.hourly else edge.astimezone(span.zone).date()
        found[edge] = _speed(rows[start], speeds.get(start, {})) if start in shown else None
    return tuple(Bucket(edge, speed) for edge, speed in found.items())


def _groups(ask: Asker) -> tuple[Group, ...]:
    """Models or providers beside each other."""
    rows = {row["name"]: row for row in ask.rows("groups", "name")}
    shown = apart({name: row["people"] for name, row in rows.items()}, ask.viewer)
    speeds = ask.speeds_by_group(sorted(shown))
    groups = [Group(name, 1, _speed(row, speeds.get(name, {}))) for name, row in rows.items() if name in shown]
    rest = [row for name, row in rows.items() if name not in shown]
    if rest and is_enough({person for row in rest for person in row["people"]}, ask.viewer):
        sums = {name: sum(row[name] for row in rest) for name in ("calls", "failures")}
        groups.append(Group(None, len(rest), _speed(sums, speeds.get(None, {}))))
    return tuple(groups)


def _traffic(ask: Asker, above: Sequence[int]) -> tuple[Traffic, ...]:
    """Tokens of chats: of long prompts by the edge that they are above, and the others in tier 0."""
    rows = []
    for row in ask.rows("traffic", "model_id", "currency"):
        key = row["model_id"], row["currency"]
        tiers = [each for each in ask.long_prompts(above) if (each["model_id"], each["currency"]) == key]
        rest = {name: row[name] - sum(each[name] for each in tiers) for name in _COUNTED}
        cost = None if row["cost"] is None else row["cost"] - sum((each["cost"] for each in tiers), Decimal())
        for each in [{**row, **rest, "cost": cost, "tier": 0}, *tiers]:
            if each["calls"]:
                rows.append({**each, "people": row["people"]})
    return tuple(Traffic(**row) for row in folded(rows, ask.viewer, key=("model_id",), beside=("tier", "currency")))


_COUNTED = ("calls", "estimated", "input_tokens", "output_tokens", "cached_tokens")


def _speed(row: Mapping[str, Any], told: Mapping[str, Times]) -> Speed:
    ttft, whole, rate = (told.get(name, Times(0)) for name in ("ttft_ms", "latency_ms", "tokens_per_second"))
    return Speed(row["calls"], row["failures"], ttft, whole, rate)
