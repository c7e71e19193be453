"""How the chat behaves: the advanced switch, and the parameters behind it."""

from __future__ import annotations

import streamlit as st

from core.preferences import MOST_FALLBACKS, Describe
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_DESCRIBE = {
    Describe.NEAR: "Described by the same provider, or on this machine",
    Describe.ANY: "Described by any model that I can use",
    Describe.OFF: "Not described",
}


def draw(visit: Visit) -> None:
    """Draw the switch, and the parameters while it is on."""
    st.subheader("Chat", anchor=False)
    Session().choose(Keys.TOOLS, visit.preferences.tools)
    st.toggle(
        "Tools",
        key=Keys.TOOLS,
        on_change=_save_tools,
        args=(visit,),
        help="Models may call Gearbox's own tools, such as the calculator. Their steps stand in the answer.",
    )
    Session().choose(Keys.DESCRIBE, visit.preferences.describe)
    st.selectbox(
        "What a model can't see or hear",
        list(_DESCRIBE),
        key=Keys.DESCRIBE,
        format_func=_DESCRIBE.__getitem__,
        on_change=_save_describe,
        args=(visit,),
        help="Another model puts pictures and sounds into words, once each: a call like any other, booked to you. "
        "With any model a picture may go to another provider than the one that answers.",
    )
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
    labels = {model.id: f"{model.label} · {model.provider}" for model in visit.services.connections.models(visit.actor)}
    labels |= {model_id: model_id for model_id in preferences.fallbacks if model_id not in labels}
    with st.form("parameters", border=True):
        system_prompt = st.text_area(
            "System prompt", preferences.system_prompt, help="Goes before every conversation.", max_chars=20_000
        )
        own = st.checkbox("Set the temperature", preferences.temperature is not None)
        temperature = st.slider("Temperature", 0.0, 2.0, preferences.temperature or 1.0, 0.1)
        max_tokens = st.number_input(
            "Longest answer, in tokens", 1, 1_000_000, preferences.max_tokens, placeholder="The provider's default"
        )
        fallbacks = st.multiselect(
            "When a model does not answer, ask",
            list(labels),
            preferences.fallbacks,
            format_func=labels.__getitem__,
            max_selections=MOST_FALLBACKS,
            placeholder=_shared_fallbacks(visit),
            help="One after another, in the order chosen here. The answer then says who answered, and why.",
        )
        if st.form_submit_button("Save", type="primary"):
            visit.services.preferences.save(
                visit.actor,
                system_prompt=system_prompt,
                temperature=temperature if own else None,
                max_tokens=max_tokens,
                fallbacks=tuple(fallbacks),
            )
            st.toast("Saved.")


def _shared_fallbacks(visit: Visit) -> str:
    shared = visit.services.settings.fallbacks
    return f"Everybody's: {', '.join(shared)}" if shared else "Nobody else"


def _save_advanced(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, advanced=Session().advanced_switch)


def _save_tools(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, tools=bool(Session().chosen(Keys.TOOLS)))


def _save_describe(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, describe=Session().chosen(Keys.DESCRIBE))
