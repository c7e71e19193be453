"""The whole explanation of a choice of a model: the task, the candidates, who was passed over and why, the cost."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from pages import candidates
from pages.plain import plain, unlinked
from pages.visit import Visit

_SHOWN = 12
"""Models of a list that are shown at once."""


@st.dialog("Why this model", width="large")
def show(visit: Visit, decision_id: str) -> None:
    """Explain a choice; it is read when this is opened."""
    try:
        decision = visit.services.chats.experience.decision(visit.actor, decision_id)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    said = visit.services.routing.explain(visit.actor, decision)
    st.markdown(f"{candidates.icon(decision)} **{unlinked(said.line)}**")
    st.markdown(unlinked(" ".join(said.why)))
    _listed("Others that could answer", said.others)
    _listed("Passed over", said.unfit)


def _listed(title: str, words: tuple[str, ...]) -> None:
    if not words:
        return
    with st.expander(f"{title} ({len(words)})", expanded=len(words) <= _SHOWN):
        st.markdown("\n".join(f"- {_named(each)}" for each in words[:_SHOWN]))
        if len(words) > _SHOWN:
            st.caption(f"And {len(words) - _SHOWN} more.")


def _named(words: str) -> str:
    name, colon, rest = words.partition(": ")
    return f"**{unlinked(name)}**{unlinked(colon + rest)}"
