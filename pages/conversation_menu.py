"""The menu of the conversation in view: its title, what was allowed in it, and its end."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from pages import consents
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, session: Session, conversation_id: str) -> bool:
    """Draw it; says whether it asks something that an answer in progress must not hold up."""
    menu = st.popover(
        "Rename or delete", icon=":material/more_vert:", type="tertiary", on_change="rerun", key=Keys.MENU
    )
    title = visit.services.chat.conversation(visit.actor, conversation_id).title
    if menu.open:
        with menu:
            with st.form("rename", border=False):
                st.text_input("Title", value=title, max_chars=120, key=Keys.TITLE)
                st.form_submit_button("Rename", width="stretch", on_click=_rename, args=(visit, conversation_id))
            consents.draw(visit, conversation_id)
            _compare(visit, conversation_id)
            st.button("Delete", icon=":material/delete:", width="stretch", on_click=session.ask_to_delete)
    if not session.take_delete_question():
        return False
    _confirm_delete(visit, conversation_id, title)
    return True


def _compare(visit: Visit, conversation_id: str) -> None:
    """The way to a comparison of the last prompt, and back to the one that the conversation came from."""
    compare, link = visit.places.compare, Session.comparing_link(conversation_id)
    st.page_link(compare, label="Compare models", icon=":material/compare:", query_params=link, width="stretch")
    if (came_from := visit.services.comparing.of_conversation(visit.actor, conversation_id)) is not None:
        link, others = Session.comparison_link(came_from.id), len(came_from.sides) - 1
        label = f"The {others} other answers" if others > 1 else "The other answer"
        st.page_link(compare, label=label, icon=":material/history:", query_params=link, width="stretch")


def _rename(visit: Visit, conversation_id: str) -> None:
    session = Session()
    try:
        visit.services.chat.rename(visit.actor, conversation_id, session.typed_title)
    except GearboxError as error:
        session.say(error.explain())
    session.close_menu()


@st.dialog("Delete this conversation?", on_dismiss="rerun")
def _confirm_delete(visit: Visit, conversation_id: str, title: str) -> None:
    st.text(title)
    st.caption("Its messages are deleted for good. What it cost stays in the usage books, without any text.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Delete", type="primary", icon=":material/delete:", key="for-good"):
            visit.services.chat.delete(visit.actor, conversation_id)
            Session().conversation_id = None
            st.rerun()
