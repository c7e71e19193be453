"""The Explore page: analysts ask the usage warehouse anything."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import GearboxError, NotFound
from core.explore import SavedQuestions
from data.values.actor import Actor
from data.values.saved_queries import SavedQuery
from pages.explore import editor, pick, saved
from pages.explore.address import Address, Tab
from pages.explore.view import View
from pages.figures.place import Unreadable
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_TABS = {Tab.PICK: "Pick", Tab.SQL: "SQL"}


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.SEE_ALL_USAGE)


def render(visit: Visit) -> None:
    """Draw the page."""
    view, service = View(), visit.services.reports.explore
    questions = visit.services.reports.questions
    view.show_address()
    st.title("Explore")
    try:
        service.views(visit.actor)
        address = _address()
        if address.picked is None and not address.query:
            service.warm(visit.actor)
        query = _opened(questions, visit.actor, address)
        address = view.readable()
        with st.container(horizontal=True, vertical_alignment="center"):
            tabs = [tab for tab in _TABS if tab is not Tab.SQL or service.writes_sql(visit.actor)]
            if address.tab not in tabs:
                st.info("SQL is switched off here, so nothing is asked of this link.", icon=":material/toggle_off:")
                address = Address()
            view.fill({Keys.EXPLORE_TAB: address.tab})
            st.segmented_control(
                "How to ask", tabs, key=Keys.EXPLORE_TAB, required=True, format_func=_TABS.__getitem__,
                on_change=_turn, label_visibility="collapsed",
            )  # fmt: skip
            saved.choose(questions, visit.actor)
        saved.heading(questions, visit.actor, query)
        kept = saved.Kept(questions, visit.actor, query)
        if address.tab is Tab.PICK:
            pick.draw(service, visit.actor, address, kept)
        else:
            editor.draw(service, visit.actor, address, kept)
    except GearboxError as error:
        st.warning(f"{plain(str(error))}\n\n{plain(error.remedy)}", icon=":material/warning:")


def _address() -> Address:
    try:
        return View().address
    except Unreadable:
        st.info(
            "This link says something that the page does not know, so nothing is picked.", icon=":material/link_off:"
        )
        View().go(Address())
        return Address()


def _opened(questions: SavedQuestions, actor: Actor, address: Address) -> SavedQuery | None:
    """The saved question that the address names; its text goes where it is asked."""
    view = View()
    if not address.query:
        view.loaded = ""
        return None
    try:
        query = questions.find(actor, address.query)
        if view.loaded != query.id:
            view.loaded = query.id
            saved.open_(view, address, query)
    except (NotFound, Unreadable):
        st.info(
            "The question that this link leads to was deleted, or is not shared with you.", icon=":material/link_off:"
        )
        view.go(replace(address, query=""))
        return None
    return query


def _turn() -> None:
    """To the other tab: what is open there is another question."""
    view = View()
    address = view.readable()
    tab = st.session_state[Keys.EXPLORE_TAB]
    view.go(Address(tab, address.picked if tab is Tab.PICK else None))
