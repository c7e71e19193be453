"""The question whether a tool may run: asked below its step, answered with one click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import GearboxError
from data.values.tool_calls import Approval, Effect
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

Decide = Callable[[str, Approval], None]
"""Told the id of a call and what the person says to it."""

_DOES = {
    Effect.GOES_OUT: "It sends what stands under Input to another server.",
    Effect.CHANGES: "Something may be different afterwards, here or elsewhere.",
}
_AGAIN = (
    "It would run without this question, but the conversation holds something that others wrote, a page or a file. "
    "That may be what makes the model call it: look at the input."
)
_BUTTONS = (
    (Approval.ONCE, "Allow once", None),
    (
        Approval.ALWAYS,
        "Always in this chat",
        "Also what waits now. Until something comes in that others wrote: then you are asked again.",
    ),
    (Approval.NOT_NOW, "Not now", "The model goes on without this call."),
    (Approval.NEVER, "Never in this chat", "You can take it back in the menu of the conversation."),
)


def decide(visit: Visit, conversation_id: str, call_id: str, said: Approval) -> None:
    """Tell a call that waits in a conversation what the person says to it; a callback."""
    try:
        visit.services.chat.decide(visit.actor, conversation_id, call_id, said)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/info:")


def draw(call_id: str, title: str, effect: Effect, *, again: bool, decide: Decide) -> None:
    """Ask whether a call may run."""
    with st.container(border=True, key=f"{Keys.APPROVAL}-{call_id}", gap="small"):
        st.markdown(f":material/front_hand: May **{plain(title)}** run?")
        st.caption(" ".join(part for part in (_DOES.get(effect, ""), _AGAIN if again else "") if part))
        with st.container(horizontal=True, gap="small"):
            for approval, label, why in _BUTTONS:
                st.button(
                    label,
                    key=f"{Keys.APPROVAL}-{approval}-{call_id}",
                    type="primary" if approval is Approval.ONCE else "secondary",
                    help=why,
                    on_click=decide,
                    args=(call_id, approval),
                )
