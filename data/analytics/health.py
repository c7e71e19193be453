"""How calls of models have gone lately, and how many more may fail: sums over everybody, by provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from data.analytics.asking import rows
from data.analytics.by_day import days_of
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BUDGET_DAYS = 28
"""Days that an error budget is for: four weeks, so that no weekend more or less is in it."""

# What says something about a provider; that somebody's key was refused, or their request wrong, does not.
_TROUBLE = "('unreachable', 'timeout', 'stream_cut', 'bad_response', 'provider', 'internal')"
_COUNTED = "cache IS DISTINCT FROM 'hit' AND NOT starts_with(user_id, 'sample-')"
_RECENT = f"""
SELECT provider, count(*) AS calls, count(*) FILTER (status = 'unknown' OR error_kind IN {_TROUBLE}) AS failed,
       quantile_cont(ttft_ms, 0.95) AS ttft_ms
FROM model_calls
WHERE ts >= $since AND ts < $now AND {_COUNTED}
GROUP BY provider ORDER BY calls DESC, provider
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Calls of a provider within some time; `failed` are those that were its fault, `ttft_ms` the 95th percentile."""

    provider: str
    calls: int
    failed: int
    ttft_ms: float | None


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """How many calls may fail if a share of `objective` of them is to be answered, and how many did.

    See the chapter on service level objectives of Google's "Site Reliability Engineering" (2016).
    """

    objective: float
    calls: int
    failed: int

    @property
    def left(self) -> float | None:
        """The share of it that is left; below 0 it is overspent, None where there were no calls."""
        allowed = self.calls * (1 - self.objective)
        return None if not allowed else 1 - self.failed / allowed


def provider_health(con: DuckDBPyConnection, now: datetime, within: timedelta) -> list[ProviderHealth]:
    """Each provider that was called within some time, the most called first."""
    found = rows(con, _RECENT, {"since": naive_utc(now - within), "now": naive_utc(now)})
    return [ProviderHealth(**each) for each in found]


def error_budget(con: DuckDBPyConnection, now: datetime, zone: tzinfo, objective: float) -> ErrorBudget:
    """Of the last `BUDGET_DAYS` days of the workspace, today included."""
    today = now.astimezone(zone).date()
    days = days_of(con, today - timedelta(days=BUDGET_DAYS - 1), today, zone)
    (found,) = rows(
        con,
        f"SELECT coalesce(sum(calls - cache_hits), 0)::BIGINT AS calls, "  # noqa: S608 - constants of ours
        f"coalesce(sum(calls) FILTER (status = 'unknown' OR error_kind IN {_TROUBLE}), 0)::BIGINT AS failed "
        f"FROM {days.usage} WHERE NOT is_sample",
        {},
    )
    return ErrorBudget(objective, found["calls"], found["failed"])
