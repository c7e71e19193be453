"""What became of the calls of those who came to a variant of a flag: beside each other, for whoever compares.

A call counts for the variant that its unit had come to last before it, so that one who moved from one group to the
other counts in each for their time there; and not any more once the flag was changed and nobody came to it since: a
rollout that has ended does not go on counting. Numbers only: whether a difference is one, statistics have to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.analytics.asking import rows
from data.values.flags import Unit
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEYS = {Unit.USER: "user_id", Unit.TEAM: "team_id", Unit.CONVERSATION: "conversation_id"}

_SQL = """
WITH seen AS (
    SELECT ts, {key} AS unit_id, variant, coalesce(arm, '') AS arm, ended
    FROM flag_exposures LEFT JOIN (
        SELECT unnest($versions::BIGINT[]) AS version, unnest($ends::TIMESTAMP[]) AS ended
    ) USING (version)
    WHERE flag = $flag AND ts >= $start AND ts <= $end AND {key} IS NOT NULL
), told AS (
    SELECT variant, arm, count(DISTINCT unit_id) AS units FROM seen GROUP BY ALL
), judged AS (
    SELECT turn_id, max(signal = 'thumb_down') AS is_down FROM routing_feedback
    WHERE ts >= $start AND signal IN ('thumb_up', 'thumb_down') GROUP BY turn_id
), called AS (
    SELECT seen.variant, seen.arm, calls.status, calls.latency_ms, calls.cache,
           CASE WHEN calls.cost_currency = 'USD' THEN calls.cost_amount END AS cost, judged.is_down
    FROM (SELECT * FROM model_calls WHERE ts >= $start AND ts <= $end AND status IN ('ok', 'failed')) AS calls
    ASOF JOIN seen ON calls.{key} = seen.unit_id AND calls.ts >= seen.ts
    LEFT JOIN judged USING (turn_id)
    WHERE seen.ended IS NULL OR calls.ts < seen.ended
), summed AS (
    SELECT variant, arm, count(*) AS calls, count_if(status = 'failed') AS failed,
           median(latency_ms) FILTER (status = 'ok' AND cache IS DISTINCT FROM 'hit') AS latency_ms,
           sum(cost) AS cost, count(cost) AS priced,
           count(is_down) AS thumbs, count_if(is_down) AS thumbs_down
    FROM called GROUP BY ALL
)
SELECT told.variant, told.arm, told.units, coalesce(calls, 0) AS calls, coalesce(failed, 0) AS failed, latency_ms,
       cost, priced, coalesce(thumbs, 0) AS thumbs, coalesce(thumbs_down, 0) AS thumbs_down
FROM told LEFT JOIN summed USING (variant, arm) ORDER BY told.arm DESC, told.variant
"""


@dataclass(frozen=True, slots=True)
class VariantEffect:
    """One variant, in one group of a rollout.

    Args:
        arm: `treated` or `control`; empty where a rule gave the variant without a rollout.
        units: people, teams or conversations that came to it.
        calls: of theirs after that, that were answered or failed; `failed` of them failed.
        latency_ms: the median from start to end of those that a provider answered; None without one.
        cost: US dollars a call, of those whose price is known; None without one.
        thumbs: of those calls' answers that were judged; `thumbs_down` of them down.
    """

    variant: str
    arm: str
    units: int
    calls: int
    failed: int
    latency_ms: float | None
    cost: Decimal | None
    thumbs: int
    thumbs_down: int


def flag_effect(
    con: DuckDBPyConnection,
    flag: str,
    unit: Unit,
    start: datetime,
    end: datetime,
    *,
    ended: Mapping[int, datetime] = MappingProxyType({}),
) -> tuple[VariantEffect, ...]:
    """Every variant that somebody came to between `start` and `end` (aware), the treated before the control group.

    Args:
        ended: when each version of the flag was changed into the next.
    """
    told = {
        "flag": flag,
        "start": naive_utc(start),
        "end": naive_utc(end),
        "versions": list(ended),
        "ends": [naive_utc(at) for at in ended.values()],
    }
    found = rows(con, _SQL.replace("{key}", _KEYS[unit]), told)
    return tuple(
        VariantEffect(
            row["variant"],
            row["arm"],
            row["units"],
            row["calls"],
            row["failed"],
            row["latency_ms"],
            row["cost"] / row["priced"] if row["priced"] else None,  # not DuckDB's division: it makes money a float
            row["thumbs"],
            row["thumbs_down"],
        )
        for row in found
    )
