"""“Check what this model can do”: a button, what it will cost, what comes of it as it comes, and what it did cost."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.errors import GearboxError, NotFound
from data.values.model_checks import Estimate, Finding, Report
from data.values.registry import Category, ModelCard
from pages import outcome
from pages.models.words import CAPABILITIES, dollars
from pages.outcome import Outcome
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit

_PLACE = "model-check"
_MARKS = {True: ":green[:material/check:]", False: ":material/close:", None: ":material/question_mark:"}
_CENT = Decimal("0.01")


def draw(visit: Visit, card: ModelCard) -> None:
    """Draw the button for a model that chats and that the person can use now; nothing for others."""
    outcome.say(_PLACE)
    if card.category is not Category.CHAT or not visit.services.registry.usability(visit.actor, card.id).usable:
        return
    try:
        estimate = visit.services.model_check.estimate(visit.actor, card.id)
    except NotFound:  # it went while the page was drawn
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Check what this model can do", icon=":material/experiment:")
        st.caption(_price(estimate))
    if pressed:
        _check(visit, card)


def _check(visit: Visit, card: ModelCard) -> None:
    with st.status("Asking the model", expanded=True) as status:
        try:
            report = visit.services.model_check.check(visit.actor, card.id, lambda found: st.markdown(_line(found)))
        except GearboxError as error:
            status.update(label="Not checked", state="error")
            st.error(plain(error.explain()), icon=":material/error:")
            return
    Session().leave(_PLACE, _came(report))
    st.rerun()


def _line(found: Finding) -> str:
    return f"{_MARKS[found.holds]} **{CAPABILITIES[found.capability]}** {plain(found.evidence)}"


def _came(report: Report) -> Outcome:
    """What is said above the table, which says the rest."""
    told = [each for each in report.findings if each.holds is not None]
    if not told:
        return Outcome(f"The check told nothing. {plain(report.findings[0].evidence)}", failed=True)
    words = [f"Tried out {len(told)} abilities with {report.calls} calls{_paid(report)}."]
    words += [
        f"{CAPABILITIES[each.capability]}: not known. {plain(each.evidence)}"
        for each in report.findings
        if each.holds is None
    ]
    return Outcome("  \n".join(words))


def _price(estimate: Estimate) -> str:
    calls = f"Makes up to {estimate.calls} small calls"
    if estimate.most is None:
        return f"{calls}. What they cost is not known."
    most = max(estimate.most.quantize(_CENT, "ROUND_UP"), _CENT)
    return plain(f"{calls}, for {dollars(most, estimate.currency)} at most.")


def _paid(report: Report) -> str:
    if report.cost is None:
        return ", which have no price"
    return plain(f", for {dollars(report.cost, report.currency)}")
