"""Money: budgets of this month, and a day that costs more than days do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.alerts.sources.source import Parts
from data.analytics.anomalies import WEEKS_AT_MOST, anomalies
from data.analytics.budgets import spendings, spent_by_day
from data.values.alerts import Observation
from data.values.budgets import Budget, BudgetOwner

_WHOSE = {BudgetOwner.ORGANISATION: "the organisation", BudgetOwner.TEAM: "a team", BudgetOwner.USER: "a person"}


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """As a source. Raises WarehouseError."""
    now, budgets = parts.clock(), parts.store.budgets.all()
    with parts.writer.reader() as cursor:
        found = spendings(cursor, [each.key for each in budgets], now=now, zone=parts.zone) if budgets else None
        days = spent_by_day(cursor, now=now, zone=parts.zone, days=7 * WEEKS_AT_MOST)
    used = [_used(each, float(found.of[each.key].spent)) for each in budgets] if found else []
    return {"budget-near": used, "budget-exceeded": used, "spend-anomaly": _odd(days)}


def _used(budget: Budget, spent: float) -> Observation:
    share = 100 * spent / float(budget.amount)
    return Observation(
        ":".join(filter(None, budget.key)),
        share,
        f"{share:.0f} % of the month's budget of {_WHOSE[budget.owner]} is spent: {spent:,.2f} of "
        f"{budget.amount:,.2f} USD.",
    )


def _odd(days: Sequence[float]) -> list[Observation]:
    """Today so far is held against whole days: it can only turn out to be more."""
    for day in anomalies(days, last=1):
        if day.spreads > 0:
            words = f"{day.value:,.2f} USD was spent today so far; a whole day like this usually comes to "
            return [Observation("", day.spreads, f"{words}{day.expected:,.2f} USD, {day.high:,.2f} at most.")]
    return []
