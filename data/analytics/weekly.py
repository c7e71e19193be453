"""The weekly report in numbers: calls of a week, of everybody or of a team, beside the week before.

Sample data is left out. Durations are milliseconds. What fewer than `PEOPLE_TOLD` people are behind is not told, except
the sums: a report leaves the house, and who reads it can't be asked who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from data.analytics.asking import rows as asked
from data.analytics.sample import IS_SAMPLE
from data.values.reports import Week
from data.values.routing import Signal
from data.warehouse.answers import in_force
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PEOPLE_TOLD = 5
"""Behind any number that is not a sum of all calls."""
MOST_MODELS = 5
"""That have a line of their own."""


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in one currency; those of different currencies are never added up."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """The sums of a week.

    `people` is None where there are fewer than `PEOPLE_TOLD`; `failures` are calls that ended without an answer;
    `unpriced` used tokens of a model whose price is not known; `first_token_ms` is the median, None where no call has
    one.
    """

    calls: int
    people: int | None
    failures: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    first_token_ms: float | None
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """One model that enough people used."""

    name: str
    calls: int
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Thumbs:
    """What people said of the week's answers within the week."""

    up: int
    down: int


@dataclass(frozen=True, slots=True)
class WeeklyFacts:
    """A week, the week before, and what was used most. `other_calls` are those of models without a line of their own.

    `sql` holds each query by its part's name, `parameters` what they ran with for the week.
    """

    week: Week
    now: WeekNumbers
    before: WeekNumbers
    models: tuple[ModelCalls, ...]
    other_calls: int
    thumbs: Thumbs | None
    sql: Mapping[str, str]
    parameters: Mapping[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether nobody did anything in either week."""
        return self.now.calls == 0 and self.before.calls == 0


_CALLS = f"""(
        FROM model_calls
        WHERE ts >= $start AND ts < $end AND NOT {IS_SAMPLE} AND ($team_id IS NULL OR team_id = $team_id)
    )"""
_COSTS = "cost_amount IS NOT NULL AND cache IS DISTINCT FROM 'hit'"  # what a cache answered cost nothing

# S608: put together from the constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "totals": f"""
    SELECT count(*) AS calls,
           count(DISTINCT user_id) AS people,
           count(*) FILTER (status IN ('failed', 'unknown')) AS failures,
           count(*) FILTER (cost_basis = 'unpriced' AND (status <> 'failed'
                            OR coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0)) AS unpriced,
           coalesce(sum(input_tokens), 0) AS input_tokens,
           coalesce(sum(output_tokens), 0) AS output_tokens,
           quantile_cont(ttft_ms, 0.5) AS first_token_ms
    FROM {_CALLS}
    """,  # noqa: S608
        "costs": f"""
    SELECT provider || '/' || model AS name, cost_currency AS currency, sum(cost_amount) AS amount
    FROM {_CALLS}
    WHERE {_COSTS}
    GROUP BY ALL ORDER BY amount DESC, name, currency
    """,  # noqa: S608
        "models": f"""
    SELECT provider || '/' || model AS name, count(*) AS calls
    FROM {_CALLS}
    GROUP BY ALL HAVING count(DISTINCT user_id) >= $people_told
    ORDER BY calls DESC, name LIMIT $most_models
    """,  # noqa: S608
        "thumbs": f"""
    SELECT count(*) FILTER (signal = $up) AS up, count(*) FILTER (signal = $down) AS down
    FROM {in_force("ts >= $start AND ts < $end")}
    SEMI JOIN (SELECT turn_id FROM {_CALLS}) AS calls USING (turn_id)
    WHERE signal IN ($up, $down) AND NOT {IS_SAMPLE}
    HAVING count(DISTINCT user_id) >= $people_told
    """,  # noqa: S608
    }.items()
}


def weekly_facts(con: DuckDBPyConnection, week: Week, team_id: str | None) -> WeeklyFacts:
    """Run the queries.

    Args:
        con: a cursor of the warehouse.
        week: what the report is about.
        team_id: only calls of this team; None for everybody's.
    """
    parameters = _parameters(week, team_id)
    now, before = _numbers(con, parameters), _numbers(con, _parameters(week.previous, team_id))
    amounts = asked(con, SQL["costs"], parameters)
    models = tuple(
        ModelCalls(row["name"], row["calls"], _costs(each for each in amounts if each["name"] == row["name"]))
        for row in asked(con, SQL["models"], parameters)
    )
    thumbs = next((Thumbs(**row) for row in asked(con, SQL["thumbs"], parameters)), None)
    others = now.calls - sum(model.calls for model in models)
    return WeeklyFacts(week, now, before, models, others, thumbs, SQL, parameters)


def _parameters(week: Week, team_id: str | None) -> dict[str, Any]:
    return {
        "start": naive_utc(week.start),
        "end": naive_utc(week.end),
        "team_id": team_id,
        "people_told": PEOPLE_TOLD,
        "most_models": MOST_MODELS,
        "up": Signal.THUMB_UP.value,
        "down": Signal.THUMB_DOWN.value,
    }


def _numbers(con: DuckDBPyConnection, parameters: Mapping[str, Any]) -> WeekNumbers:
    row = asked(con, SQL["totals"], parameters)[0]
    people = row.pop("people")
    costs = _costs(asked(con, SQL["costs"], parameters))
    return WeekNumbers(**row, people=people if people >= PEOPLE_TOLD else None, costs=costs)


def _costs(amounts: Iterable[Mapping[str, Any]]) -> tuple[Cost, ...]:
    sums: dict[str, Decimal] = {}
    for row in amounts:
        sums[row["currency"]] = sums.get(row["currency"], Decimal()) + row["amount"]
    return tuple(Cost(currency, amount) for currency, amount in sums.items())
