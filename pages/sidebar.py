"""The sidebar: new conversation, the conversations there are, and the other pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext

import streamlit as st

from data.values.messages import Conversation
from pages.plain import plain
from pages.session import Session
from pages.visit import Places
from pages.widget_keys import Keys

SHOWN = 30
"""Conversations listed at first; drawing more costs every run of every page."""


def draw(
    conversations: Sequence[Conversation],
    places: Places,
    session: Session,
    *,
    waiting: Collection[str],
    firing: int = 0,
) -> None:
    """Draw the sidebar.

    Args:
        conversations: the last changed first.
        waiting: those that wait for the person.
        firing: how many alerts fire, for who sees them.
    """
    with st.sidebar:
        st.page_link(places.chat, label="New chat", icon=":material/edit_square:", width="stretch")
        st.page_link(places.compare, label="Compare", icon=":material/compare:", width="stretch")
        st.page_link(places.models, label="Models", icon=":material/neurology:", width="stretch")
        st.page_link(places.tools, label="Tools", icon=":material/handyman:", width="stretch")
        st.page_link(places.usage, label="Usage", icon=":material/monitoring:", width="stretch")
        if places.performance is not None:
            st.page_link(places.performance, label="Performance", icon=":material/speed:", width="stretch")
        if places.people is not None:
            st.page_link(places.people, label="People", icon=":material/group:", width="stretch")
        if places.quality is not None:
            st.page_link(places.quality, label="Quality", icon=":material/grade:", width="stretch")
        if places.explore is not None:
            st.page_link(places.explore, label="Explore", icon=":material/query_stats:", width="stretch")
        st.page_link(places.settings, label="Settings", icon=":material/settings:", width="stretch")
        if places.flags is not None:
            st.page_link(places.flags, label="Flags", icon=":material/flag:", width="stretch")
        if places.alerts is not None:
            icon = ":material/notification_important:" if firing else ":material/notifications:"
            st.page_link(places.alerts, label=f"Alerts ({firing})" if firing else "Alerts", icon=icon, width="stretch")
        if places.audit is not None:
            st.page_link(places.audit, label="Audit", icon=":material/policy:", width="stretch")
        if places.admin is not None:
            st.page_link(places.admin, label="Admin", icon=":material/shield_person:", width="stretch")
        if not conversations:
            st.caption("Your conversations will be listed here.")
            return
        _conversations(conversations, places, session, waiting)


def _conversations(
    conversations: Sequence[Conversation], places: Places, session: Session, waiting: Collection[str]
) -> None:
    st.caption("Conversations")
    shown = conversations if session.all_conversations else conversations[:SHOWN]
    with st.container(key=Keys.CONVERSATIONS):
        for conversation in shown:
            here = conversation.id == session.conversation_id
            with st.container(key=Keys.HERE) if here else nullcontext():
                st.page_link(
                    places.chat,
                    label=plain(conversation.title) or "Untitled",
                    icon=":material/front_hand:" if conversation.id in waiting else None,
                    query_params=Session.conversation_link(conversation.id),
                    width="stretch",
                )
    if len(conversations) > len(shown) and st.button(f"Show all {len(conversations)}", type="tertiary"):
        session.all_conversations = True
        st.rerun()
