"""What one person used in a period: the typed queries behind My usage and the tool that tells people of it.

Times in and out are aware UTC, durations milliseconds. "Answered" means status `ok`; latency counts answered
calls only, because a refusal is quick and says nothing about a model. Quantiles are interpolated
(DuckDB's `quantile_cont`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from data.analytics.asking import rows as asked
from data.analytics.period import Span
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Spend:
    """An amount in one currency; amounts in different currencies are never added up."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """A period in numbers. A quantile is None where no call has the value.

    `unpriced` are calls that used tokens of a model without a known price; `estimated` have a cost that rests on
    estimated token counts; `unknown` are calls whose process died before they ended. Of `cache_asked` calls that may be
    answered from Gearbox's own cache, `cache_hits` were; they count as calls, but not for how long answers take.
    """

    calls: int
    failures: int
    unknown: int
    cache_hits: int
    cache_asked: int
    input_tokens: int
    output_tokens: int
    tokens_estimated: int
    unpriced: int
    estimated: int
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """One model in the period; `spend` is empty while none of its calls has a price."""

    provider: str
    model: str
    calls: int
    failures: int
    input_tokens: int
    output_tokens: int
    tokens_estimated: int
    unpriced: int
    estimated: int
    ttft_p50_ms: float | None
    latency_p50_ms: float | None
    spend: tuple[Spend, ...] = ()

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class RecentCall:
    """One of the last calls."""

    ts: datetime
    user_id: str
    provider: str
    model: str
    status: str
    error_kind: str | None
    cache: str | None
    ttft_ms: float | None
    latency_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    tokens_estimated: bool | None
    cost: Spend | None
    cost_basis: str


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A person's calls in a period. `sql` holds each query by its part's name, `parameters` what they ran with."""

    span: Span
    totals: Totals
    spend: tuple[Spend, ...]
    models: tuple[ModelUsage, ...]
    sql: Mapping[str, str]
    parameters: Mapping[str, Any]


_IN_SCOPE = "ts >= $start AND ts < $end AND user_id = $user_id"
_COUNTS = """count(*) FILTER (status = 'failed') AS failures,
           coalesce(sum(input_tokens), 0) AS input_tokens,
           coalesce(sum(output_tokens), 0) AS output_tokens,
           count(*) FILTER (tokens_estimated) AS tokens_estimated,
           count(*) FILTER (cost_basis = 'unpriced' AND (status <> 'failed'
                            OR coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0)) AS unpriced,
           count(*) FILTER (cost_basis = 'estimated') AS estimated,
           quantile_cont(ttft_ms, 0.5) AS ttft_p50_ms,
           quantile_cont(latency_ms, 0.5) FILTER (status = 'ok' AND cache IS DISTINCT FROM 'hit') AS latency_p50_ms"""

# S608: put together from the two constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "totals": f"""
    SELECT count(*) AS calls,
           count(*) FILTER (status = 'unknown') AS unknown,
           count(*) FILTER (cache = 'hit') AS cache_hits,
           count(*) FILTER (cache IS NOT NULL) AS cache_asked,
           {_COUNTS},
           quantile_cont(ttft_ms, 0.95) AS ttft_p95_ms,
           quantile_cont(latency_ms, 0.95) FILTER (status = 'ok' AND cache IS DISTINCT FROM 'hit') AS latency_p95_ms
    FROM model_calls
    WHERE {_IN_SCOPE}
    """,  # noqa: S608
        "spend": f"""
    SELECT provider, model, cost_currency, sum(cost_amount) AS amount
    FROM model_calls
    WHERE {_IN_SCOPE} AND cost_amount IS NOT NULL AND cache IS DISTINCT FROM 'hit'
    GROUP BY ALL ORDER BY amount DESC
    """,  # noqa: S608
        "models": f"""
    SELECT provider, model, count(*) AS calls,
           {_COUNTS}
    FROM model_calls
    WHERE {_IN_SCOPE}
    GROUP BY ALL ORDER BY calls DESC, provider, model
    """,  # noqa: S608
        "recent": f"""
    SELECT ts, user_id, provider, model, status, error_kind, cache, ttft_ms, latency_ms,
           input_tokens, output_tokens, tokens_estimated, cost_currency, cost_amount, cost_basis
    FROM model_calls
    WHERE {_IN_SCOPE}
    ORDER BY ts DESC, event_id LIMIT 20
    """,  # noqa: S608
    }.items()
}


def usage_report(con: DuckDBPyConnection, span: Span, user_id: str) -> UsageReport:
    """Run the queries on a cursor of the warehouse."""
    parameters = _parameters(span, user_id)
    amounts = asked(con, SQL["spend"], parameters)
    return UsageReport(
        span=span,
        totals=Totals(**asked(con, SQL["totals"], parameters)[0]),
        spend=_spend(amounts),
        models=tuple(
            ModelUsage(
                **row,
                spend=_spend([a for a in amounts if (a["provider"], a["model"]) == (row["provider"], row["model"])]),
            )
            for row in asked(con, SQL["models"], parameters)
        ),
        sql=SQL,
        parameters=parameters,
    )


def recent_calls(con: DuckDBPyConnection, span: Span, user_id: str) -> tuple[RecentCall, ...]:
    """The last calls of one person in a period, the newest first."""
    return tuple(_recent(row) for row in asked(con, SQL["recent"], _parameters(span, user_id)))


def _parameters(span: Span, user_id: str) -> dict[str, Any]:
    return {"start": naive_utc(span.start), "end": naive_utc(span.end), "user_id": user_id}


def _spend(amounts: list[dict[str, Any]]) -> tuple[Spend, ...]:
    """Amounts added up by currency, in the order of their first appearance."""
    sums: dict[str, Decimal] = {}
    for row in amounts:
        sums[row["cost_currency"]] = sums.get(row["cost_currency"], Decimal()) + row["amount"]
    return tuple(Spend(currency, amount) for currency, amount in sums.items())


def _recent(row: dict[str, Any]) -> RecentCall:
    currency, amount = row.pop("cost_currency"), row.pop("cost_amount")
    row["ts"] = row["ts"].replace(tzinfo=UTC)
    return RecentCall(**row, cost=None if amount is None else Spend(currency, amount))
