"""Setting a budget, for those who may."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from data.values.actor import Actor
from data.values.budgets import BudgetOwner
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

if TYPE_CHECKING:
    from core.services import Services

PLACE = "budgets"
"""Where on the page it is said what was done."""

_DIALOG = "budget"
_OF = {BudgetOwner.ORGANISATION: "Everybody together", BudgetOwner.TEAM: "A team", BudgetOwner.USER: "A person"}


@st.dialog("Set a budget")
def open_for(services: Services, actor: Actor) -> None:
    """Ask whose budget it is, and how much. It takes the place of the one there is."""
    owner = st.segmented_control(
        "Of", list(_OF), default=BudgetOwner.ORGANISATION, required=True, format_func=_OF.__getitem__,
        key=Keys.BUDGET_OF,
    )  # fmt: skip
    names = _names(services, actor, owner or BudgetOwner.ORGANISATION)
    with st.form("budget", border=False):
        if owner is not BudgetOwner.ORGANISATION:
            st.selectbox(
                "Whose", list(names), None, format_func=names.__getitem__, key=f"{Keys.BUDGET_WHO}-{owner}",
                placeholder="Choose",
            )  # fmt: skip
        st.number_input(
            "US dollars in a calendar month", min_value=0.01, max_value=1e9, value=None, step=10.0, format="%.2f",
            key=Keys.BUDGET_AMOUNT, placeholder="100.00",
        )  # fmt: skip
        st.caption(
            "It informs: no call is ever stopped for it. Analysts and admins see what its owner spends; a person sees "
            "their own budget."
        )
        st.form_submit_button("Save", type="primary", on_click=_save, args=(services, actor, owner))
    outcome.close(_DIALOG, then=PLACE)


def _names(services: Services, actor: Actor, owner: BudgetOwner) -> dict[str, str]:
    if owner is BudgetOwner.TEAM:
        return {team.id: team.name for team in services.teams.list(actor)}
    if owner is BudgetOwner.USER:
        people = [person for person in services.people.list(actor) if person.is_active]
        return {each.id: f"{each.display_name} ({each.email})" if each.email else each.display_name for each in people}
    return {}


def _save(services: Services, actor: Actor, owner: BudgetOwner | None) -> None:
    session, owner = Session(), owner or BudgetOwner.ORGANISATION
    owner_id = "" if owner is BudgetOwner.ORGANISATION else session.typed(f"{Keys.BUDGET_WHO}-{owner}")
    amount = session.chosen(Keys.BUDGET_AMOUNT)
    if owner is not BudgetOwner.ORGANISATION and not owner_id:
        outcome.refuse(_DIALOG, "Choose whose budget it is.")
        return
    if not isinstance(amount, int | float):
        outcome.refuse(_DIALOG, "Say how many US dollars.")
        return

    budgets = services.reports.budgets

    def act() -> outcome.Outcome:
        before = budgets.get(actor, owner, owner_id)
        budgets.set(actor, owner, owner_id, Decimal(f"{amount:.2f}"))
        left = budgets.get(actor, owner, owner_id)

        def undo() -> str:
            outcome.require_unchanged(budgets.get(actor, owner, owner_id), left)
            if before is None:
                budgets.remove(actor, owner, owner_id)
                return "The budget is gone again."
            budgets.set(actor, owner, owner_id, before.amount)
            return plain(f"The budget is ${before.amount:,.2f} a month again.")

        return outcome.Outcome(plain(f"The budget is ${amount:,.2f} a month."), undo=undo)

    outcome.of(_DIALOG, act)
