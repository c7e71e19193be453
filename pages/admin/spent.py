"""What people and teams spent in this month, beside their names; nothing where the warehouse can't be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.budgets import Beside, Standing
from core.errors import GearboxError
from data.analytics.usage import Spend
from data.values.budgets import CURRENCY, BudgetOwner
from pages.plain import plain
from pages.usage_words import money
from pages.visit import Visit

Key = tuple[BudgetOwner, str]
_BADGES = {
    Standing.LIKELY: ":orange-badge[:material/trending_up: likely over budget]",
    Standing.EXCEEDED: ":red-badge[:material/priority_high: over budget]",
}


def of(visit: Visit, owners: Collection[Key]) -> Mapping[Key, Beside]:
    """All of them in one look."""
    try:
        return visit.services.reports.budgets.beside(visit.actor, owners)
    except GearboxError:
        return {}


def words(beside: Beside | None) -> list[str]:
    """As one more fact about somebody, in Markdown."""
    if beside is None:
        return []
    budget = f" of {money(Spend(CURRENCY, beside.budget.budget.amount))}" if beside.budget else ""
    return [plain(f"{money(Spend(CURRENCY, beside.spent))}{budget} this month")]


def badge(beside: Beside | None) -> str:
    """That a budget is not enough; empty where it is, or where there is none."""
    return _BADGES.get(beside.budget.standing, "") if beside is not None and beside.budget is not None else ""
