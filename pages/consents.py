"""What a person allowed or refused for a whole conversation, and the way to take it back."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from data.values.tool_calls import Approval
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_WORDS = {Approval.ALWAYS: "allowed", Approval.NEVER: "refused"}


def draw(visit: Visit, conversation_id: str) -> None:
    """Draw them, or nothing where there are none."""
    given = visit.services.chat.consents(visit.actor, conversation_id)
    if not given:
        return
    titles = {card.tool.name: card.tool.title for card in visit.services.tools.shelf.cards(visit.actor)}
    st.caption("Tools in this chat. What you take back is asked again.")
    for each in given:
        title = plain(titles.get(each.tool, each.tool))
        st.button(
            f"{title}: {_WORDS[each.approval]}",
            icon=":material/undo:",
            key=f"{Keys.APPROVAL}-{each.tool}",
            help="Take it back",
            width="stretch",
            on_click=_withdraw,
            args=(visit, conversation_id, each.tool),
        )


def _withdraw(visit: Visit, conversation_id: str, tool: str) -> None:
    try:
        visit.services.chat.withdraw(visit.actor, conversation_id, tool)
    except GearboxError as error:
        Session().say(error.explain())
