"""Dialogs about an answer: its prompt in other words, another model in its place, what was there before."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from data.values.parts import TextPart, text_of
from pages.answer_actions import AnswerActions
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

_FIRST = 5
"""Models that are offered with one press; the others are in a list."""


@st.dialog("Change the prompt", width="large")
def edit(message_id: str, actions: AnswerActions) -> None:
    """Have the prompt of an answer changed and sent again."""
    try:
        prompt = actions.prompt_of(message_id)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    key = f"{Keys.EDIT}-{prompt.id}"
    st.text_area("Prompt", text_of(prompt.parts), key=key, height=220, label_visibility="collapsed")
    files = sum(not isinstance(part, TextPart) for part in prompt.parts)
    stays = "" if not files else (" Its file stays with it." if files == 1 else f" Its {files} files stay with it.")
    st.caption(f"It is answered anew. What follows it now is kept aside: “More” under the new answer shows it.{stays}")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key=f"{key}-cancel"):
            st.rerun()
        if st.button("Send again", type="primary", icon=":material/send:", key=f"{key}-send") and actions.edit(
            prompt.id, Session().typed(key)
        ):
            st.rerun()


@st.dialog("Answer by another model")
def other(message_id: str, actions: AnswerActions) -> None:
    """Have the last answer made by another model; those that are likeliest to do well come first."""
    try:
        others = actions.others(message_id)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    if not others:
        st.info("No other model can be used. Add a provider key in the settings.")
        return
    listed = actions.visit.services.connections.models(actions.visit.actor)
    labels = {model.id: f"{model.label} · {model.provider}" for model in listed}
    for model in list(others)[:_FIRST]:
        label = f"**{plain(labels.get(model, model))}** :small[{plain(others[model])}]"
        if st.button(label, key=f"{Keys.OTHER}-{model}", width="stretch") and actions.again(message_id, model):
            st.rerun()
    if len(others) > _FIRST:
        chosen = st.selectbox(
            "More models",
            list(others)[_FIRST:],
            index=None,
            format_func=lambda each: f"{labels.get(each, each)}: {others[each]}",
            key=f"{Keys.OTHER}-more-{message_id}",
            placeholder=f"{len(others) - _FIRST} more models",
            label_visibility="collapsed",
        )
        if chosen is not None and actions.again(message_id, chosen):
            st.rerun()
    st.caption("The answer that is there now is kept aside: “More” under the new one shows it.")
    if st.button(
        "Compare several, side by side", icon=":material/compare:", type="tertiary", key=f"{Keys.OTHER}-compare"
    ):
        st.switch_page(actions.visit.places.compare, query_params=Session.comparing_link(actions.conversation_id))


@st.dialog("Before this", width="large")
def before(message_id: str, actions: AnswerActions) -> None:
    """Show what was kept aside where an answer stands now, one version at a time."""
    try:
        versions = actions.before(message_id)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    if not versions:
        st.caption("Nothing was kept aside.")
        return
    at = len(versions) - 1
    if len(versions) > 1:
        numbers = list(range(len(versions)))
        chosen = st.segmented_control(
            "Version",
            numbers,
            default=at,
            format_func=lambda each: f"{each + 1} of {len(versions) + 1}",
            key=f"{Keys.VERSION}-{message_id}",
            label_visibility="collapsed",
        )
        at = at if chosen is None else chosen
    for message in versions[at]:
        actions.draw_aside(message)
