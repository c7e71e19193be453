"""This calendar month: what it cost so far, what it may come to, and how that stands against budgets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.access.policy import Permission, granted
from core.budgets import BudgetsView, BudgetView, Standing
from core.errors import GearboxError
from core.usage import UsagePage
from data.analytics.forecast import DAYS_AT_LEAST, HOLDS
from data.analytics.usage import Spend
from data.analytics.usage_values import Month
from data.values.actor import Actor
from data.values.budgets import CURRENCY, BudgetOwner
from pages import outcome
from pages.asking import ask
from pages.figures import beginning
from pages.figures.drawn import below, table, tiles
from pages.plain import plain
from pages.usage import budget_dialog, words
from pages.usage.address import Address
from pages.usage_words import NONE, money

if TYPE_CHECKING:
    from core.services import Services

_STANDINGS = {Standing.FINE: "Fine", Standing.LIKELY: "Likely to be exceeded", Standing.EXCEEDED: "Exceeded"}
_HOW = (
    "What is still to come is told from up to eight weeks of whole days: each weekday's mean, one trend that all share "
    "in, and how far days were away from both. The rest of today counts by how much of the day is left. In "
    f"{HOLDS:.0%} of months like these it stays between the two ends. What no day so far has shown, such as a new team "
    "or new prices, is not in it."
)


def draw(page: UsagePage, services: Services, actor: Actor, address: Address) -> None:
    """The part."""
    if page.facts.month is not None:
        _forecast(page, page.facts.month, address)
    try:
        if page.everyone:
            made_up = page.facts.totals is not None and page.facts.totals.samples > 0
            _budgets(services, actor, services.reports.budgets.all(actor), made_up=made_up)
        else:
            own_budget(services.reports.budgets.mine(actor))
    except GearboxError as error:
        beginning.refused(error)


def _forecast(page: UsagePage, month: Month, address: Address) -> None:
    st.subheader("This month")
    found, currency = month.forecast, month.currency
    spent = ("Spent so far", money(Spend(currency, month.spent)), [f"since {words.short(month.first)}"])
    if found is None:
        tiles(spent)
        st.caption(
            f"What the month may come to is told as soon as there are {DAYS_AT_LEAST} days with something to go by."
        )
    else:
        between = f"{_told(found.low, currency)} to {_told(found.high, currency)}"
        tiles(
            spent,
            (f"By {words.short(month.last)}", "≈ " + _told(found.expected, currency), [f"told from {found.days} days"]),
            (f"In {HOLDS:.0%} of such months", between, ["the others end below or above"]),
        )
    if address.filters:
        st.caption("Of what is filtered above.")
    below(page.facts.ran, ("days",), f"Spent is the sum of this month's days in {currency}. {_HOW}")


def _told(amount: float, currency: str) -> str:
    return money(Spend(currency, Decimal(f"{amount:.6f}")))


def _budgets(services: Services, actor: Actor, view: BudgetsView, *, made_up: bool) -> None:
    sets = granted(actor, Permission.MANAGE_BUDGETS)
    if not view.budgets and not sets:
        return
    st.subheader("Budgets")
    outcome.say(budget_dialog.PLACE)
    if view.budgets:
        table("budgets", [_row(each) for each in view.budgets])
    else:
        st.write(
            "There is none. A budget says what the organisation, a team or a person means to spend in a month."
            + (" Sample data comes without any: it is nobody's spending. One that you set shows real calls alone."
               if made_up and sets else "")
        )  # fmt: skip
    if sets:
        with st.container(horizontal=True):
            st.button("Set a budget", icon=":material/savings:", on_click=partial(_set, services, actor))
            if view.budgets:
                with st.popover("Remove one", icon=":material/delete:", type="tertiary"):
                    for each in view.budgets:
                        _remove_button(services, actor, each)
    st.caption("Budgets inform. No call is ever stopped for one, and sample data counts in none.")
    if view.budgets:
        below(
            view.spendings.ran,
            ("spent_by_team", "spent_by_person"),
            f"Spent is in {CURRENCY}, of all calls with a listed price since {words.short(view.spendings.first)}, "
            "whatever is filtered above. A call is a team's whose key paid, or else the first team's that the person "
            "joined. Sample data is nobody's spending. **Likely to be exceeded**: by its end more is expected. " + _HOW,
            "budgets",
            [_figures(each) for each in view.budgets],
        )


def _set(services: Services, actor: Actor) -> None:
    budget_dialog.open_for(services, actor)


def _remove_button(services: Services, actor: Actor, view: BudgetView) -> None:
    budget, budgets = view.budget, services.reports.budgets

    def remove() -> None:
        budgets.remove(actor, budget.owner, budget.owner_id)
        outcome.leave(budget_dialog.PLACE, outcome.Outcome("The budget is removed.", undo=undo))

    def undo() -> str:
        outcome.require_unchanged(budgets.get(actor, budget.owner, budget.owner_id), None)
        budgets.set(actor, budget.owner, budget.owner_id, budget.amount)
        return "The budget is there again."

    if st.button(f"{plain(_whose(view))}", key=f"remove-budget-{budget.owner}-{budget.owner_id}", type="tertiary"):
        ask(
            "Remove the budget?",
            f"The budget of **{plain(_whose(view))}** is forgotten. Nothing else changes.",
            yes="Remove",
            act=remove,
            for_good=False,
        )


def own_budget(view: BudgetView | None) -> None:
    """Tell somebody where their own budget stands; nothing where they have none."""
    if view is None:
        return
    spent, amount = _usd(view.spending.spent), _usd(view.budget.amount)
    found = view.spending.forecast
    to_come = f" By its end it may come to {_told(found.expected, CURRENCY)}." if found else ""
    said = plain(f"You used {spent} of {amount} this month.{to_come}")
    icon = {Standing.FINE: ":material/savings:", Standing.LIKELY: ":material/trending_up:"}
    box = st.info if view.standing is Standing.FINE else st.warning
    box(
        f"{said} A budget informs: no call is stopped for it.",
        icon=icon.get(view.standing, ":material/priority_high:"),
    )


def _row(view: BudgetView) -> Mapping[str, object]:
    spent, amount, found = view.spending.spent, view.budget.amount, view.spending.forecast
    return {
        "Of": _whose(view),
        "Stands": _STANDINGS[view.standing],  # first, as it has to be in view on a telephone
        "Spent": _usd(spent),
        "Budget": _usd(amount),
        "Used": f"{100 * spent / amount:.0f}%",
        "By the end": NONE if found is None else f"≈ {_told(found.expected, CURRENCY)}",
        "80% between": NONE if found is None else f"{_told(found.low, CURRENCY)} – {_told(found.high, CURRENCY)}",
    }


def _figures(view: BudgetView) -> Mapping[str, object]:
    found = view.spending.forecast
    return {
        "Of": _whose(view),
        "Currency": CURRENCY,
        "Budget": view.budget.amount,
        "Spent": view.spending.spent,
        "Expected by the end": found and round(found.expected, 2),
        "Low": found and round(found.low, 2),
        "High": found and round(found.high, 2),
        "Stands": _STANDINGS[view.standing],
    }


def _whose(view: BudgetView) -> str:
    if view.budget.owner is BudgetOwner.ORGANISATION:
        return "Everybody together"
    return f"Team {view.name}" if view.budget.owner is BudgetOwner.TEAM else view.name


def _usd(amount: Decimal) -> str:
    return money(Spend(CURRENCY, amount))
