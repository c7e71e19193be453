"""The Reliability tab: which models rest after failing, who answers in their place, and the limits."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.providers.circuits import CircuitState
from core.providers.limits import Allowance
from pages.plain import plain
from pages.visit import Visit

_LOOK = 2.0  # seconds


@st.fragment(run_every=_LOOK)
def draw(visit: Visit) -> None:
    """Draw the tab, and look again while it is open."""
    st.caption(
        "A call that fails is made again, by the same model or by a fallback. A model that fails five times in a row "
        "is left alone, then tried with one call. What is seen here is this process's."
    )
    status = visit.services.reliability.status(visit.actor)
    st.subheader("Resting", anchor=False)
    if not status.resting:
        st.caption(":material/check_circle: No model is left alone now.")
    for state in status.resting:
        _resting(state)
    st.subheader("Fallbacks", anchor=False)
    if status.fallbacks:
        st.markdown("\n".join(f"{place}. {plain(model_id)}" for place, model_id in enumerate(status.fallbacks, 1)))
    else:
        st.caption("None for everybody; people set their own in their settings, under Advanced.")
    st.subheader("Limits", anchor=False)
    for words in _limits(status.allowance):
        st.markdown(f"- {words}")
    st.caption("The operator sets fallbacks and limits: `GEARBOX_FALLBACKS` and the settings after it.")


def _resting(state: CircuitState) -> None:
    soon = f"tried again in {state.rests:.0f} s" if state.rests >= 1 else "tried with the next call"
    name = f"{state.label}: {state.circuit.model}"
    st.warning(f"**{plain(name)}** failed {state.failures} times in a row; {soon}.", icon=":material/heart_broken:")


def _limits(allowance: Allowance) -> list[str]:
    return [
        f"Answers at once for a person: {allowance.answers_per_person or 'no limit'}",
        f"Calls at once with a key: {allowance.calls_per_key or 'no limit'}",
        f"A day's spending of a person: {_dollars(allowance.spend_per_person)}",
        f"A day's spending with a key: {_dollars(allowance.spend_per_key)}",
    ]


def _dollars(amount: Decimal) -> str:
    return f"\\${amount:.2f}" if amount else "no limit"
