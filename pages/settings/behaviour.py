"""How the chat behaves: the advanced switch, and the parameters behind it."""

from __future__ import annotations

import streamlit as st

from pages.session import Keys, Session
from pages.visit import Visit


def draw(visit: Visit) -> None:
    """Draw the switch, and the parameters while it is on."""
    st.subheader("Chat", anchor=False)
    Session().advanced_switch = visit.preferences.advanced
    advanced = st.toggle(
        "Advanced",
        key=Keys.ADVANCED,
        on_change=_save_advanced,
        args=(visit,),
        help="Shows parameters and the system prompt here, and token and cost details under every answer.",
    )
    if advanced:
        _parameters(visit)


def _parameters(visit: Visit) -> None:
    preferences = visit.preferences
    with st.form("parameters", border=True):
        system_prompt = st.text_area(
            "System prompt", preferences.system_prompt, help="Goes before every conversation.", max_chars=20_000
        )
        own = st.checkbox("Set the temperature", preferences.temperature is not None)
        temperature = st.slider("Temperature", 0.0, 2.0, preferences.temperature or 1.0, 0.1)
        max_tokens = st.number_input(
            "Longest answer, in tokens", 1, 1_000_000, preferences.max_tokens, placeholder="The provider's default"
        )
        if st.form_submit_button("Save", type="primary"):
            visit.services.preferences.save(
                visit.actor,
                system_prompt=system_prompt,
                temperature=temperature if own else None,
                max_tokens=max_tokens,
            )
            st.toast("Saved.")


def _save_advanced(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, advanced=Session().advanced_switch)
