"""The model that new chats start with."""

from __future__ import annotations

import streamlit as st

from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit) -> None:
    """Draw the box; a choice is saved at once."""
    preferences = visit.preferences
    st.subheader("Default model", anchor=False)
    models = {model.id: model for model in visit.services.connections.models(visit.actor)}
    automatic = visit.services.connections.default_model(visit.actor, None)
    chosen = preferences.default_model if preferences.default_model in models else None

    def name(model_id: str) -> str:
        if not model_id:
            return f"First that can be used: {automatic.label}" if automatic else "First that can be used"
        return f"{models[model_id].label} · {models[model_id].provider}"

    # The stored value leads, also when another browser changed it; the callback has stored a click before this run.
    Session().default_model_choice = chosen
    st.selectbox(
        "New chats start with",
        ["", *models],
        key=Keys.DEFAULT_MODEL,
        format_func=name,
        on_change=_save,
        args=(visit,),
        help="Type to search. The model chip above a chat switches that chat alone.",
    )
    if preferences.default_model and chosen is None:
        words = plain(preferences.default_model)
        st.caption(f":material/info: {words} can't be used now; its key or server is gone.")


def _save(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, default_model=Session().default_model_choice)
    st.toast("Default model saved.")
