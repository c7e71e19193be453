"""What the organisation, teams and people spent on each day: what budgets are held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.analytics.asking import rows as asked
from data.analytics.by_day import days_of
from data.analytics.forecast import DAYS_AT_MOST, Forecast
from data.analytics.usage_month import month_days, month_forecast
from data.values.budgets import CURRENCY, BudgetOwner
from data.values.sample import SAMPLE_PREFIX

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Key = tuple[BudgetOwner, str]


@dataclass(frozen=True, slots=True)
class Spending:
    """What somebody spent in this month so far, in US dollars, and what it may come to; None: too little to say."""

    spent: Decimal
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Spendings:
    """What several spent, the statements that said so, and the month."""

    of: Mapping[Key, Spending]
    first: date
    last: date
    ran: Mapping[str, tuple[str, Mapping[str, Any]]]


def spendings(con: DuckDBPyConnection, owners: Collection[Key], *, now: datetime, zone: tzinfo) -> Spendings:
    """What each spent. Sample data is nobody's spending.

    Args:
        con: a cursor of `WarehouseWriter.reader`.
        now: of whose month, in `zone`, the workspace's.
    """
    today = now.astimezone(zone).date()
    first, last = month_days(today)
    days = days_of(con, min(first, today - timedelta(days=DAYS_AT_MOST)), today, zone)
    users = sorted(owner_id for owner, owner_id in owners if owner is BudgetOwner.USER)
    ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
    amounts: dict[Key, dict[date, Decimal]] = {}

    def ask(part: str, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        ran[part] = statement, parameters
        return asked(con, statement, parameters)

    if len(users) < len(owners):
        for row in ask("spent_by_team", _TEAMS.format(relation=days.usage), currency=CURRENCY):
            if row["team_id"] is not None:
                amounts.setdefault((BudgetOwner.TEAM, row["team_id"]), {})[row["day"]] = row["cost"]
            every = amounts.setdefault((BudgetOwner.ORGANISATION, ""), {})
            every[row["day"]] = every.get(row["day"], Decimal()) + row["cost"]
    if users:
        for row in ask("spent_by_person", _PEOPLE.format(relation=days.people), currency=CURRENCY, people=users):
            amounts.setdefault((BudgetOwner.USER, row["user_id"]), {})[row["day"]] = row["cost"]
    return Spendings({key: _spending(amounts.get(key, {}), now, zone) for key in owners}, first, last, ran)


def _spending(amounts: Mapping[date, Decimal], now: datetime, zone: tzinfo) -> Spending:
    first, last = month_days(now.astimezone(zone).date())
    spent = sum((amount for day, amount in amounts.items() if first <= day <= last), Decimal())
    return Spending(spent, month_forecast(amounts, spent, now, zone))


# Put together from constants and a relation of ours; every value is a bound parameter.
_TEAMS = """SELECT day, team_id, sum(cost_amount) AS cost
FROM {relation}
WHERE currency = $currency AND NOT is_sample
GROUP BY ALL ORDER BY day"""
_PEOPLE = f"""SELECT day, user_id, sum(cost_amount) AS cost
FROM {{relation}}
WHERE currency = $currency AND list_contains($people::VARCHAR[], user_id)
      AND NOT starts_with(user_id, '{SAMPLE_PREFIX}')
GROUP BY ALL ORDER BY day"""  # noqa: S608


def spent_by_day(con: DuckDBPyConnection, *, now: datetime, zone: tzinfo, days: int) -> list[float]:
    """US dollars that everybody together spent on each of the last days, the oldest first; today is the last one.

    It begins with the first of them on which anything was spent.
    """
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days)
    statement = _TEAMS.format(relation=days_of(con, first, today, zone).usage)
    amounts: dict[date, Decimal] = {}
    for row in asked(con, statement, {"currency": CURRENCY}):
        amounts[row["day"]] = amounts.get(row["day"], Decimal()) + row["cost"]
    begun = min((day for day, amount in amounts.items() if amount), default=today)
    return [float(amounts.get(begun + timedelta(days=each), 0)) for each in range((today - begun).days + 1)]
