"""The browsers that the person is signed in with."""

from __future__ import annotations

import streamlit as st

from core.access.sessions import SessionCard
from core.clock import utc_now
from pages import browsers, outcome
from pages.asking import ask
from pages.visit import Visit

SHOWN = 10
"""Browsers drawn at most, the last used first."""
_PLACE = "sessions"


def draw(visit: Visit) -> None:
    """Draw a line for each, and the ways out."""
    st.subheader("Where you are signed in", anchor=False)
    cards = visit.services.sessions.list(visit.actor)
    for card in cards[:SHOWN]:
        _session(visit, card)
    if len(cards) > SHOWN:
        st.caption(f"{len(cards) - SHOWN} more that were used longer ago.")
    if not cards:
        st.caption("No browser is signed in.")
    if any(not card.is_this for card in cards) and st.button("Sign out everywhere else", icon=":material/logout:"):
        ask(
            "Sign out everywhere else?",
            "Every other browser is signed out within seconds. This one stays; API tokens stay, too.",
            yes="Sign out",
            act=lambda: visit.services.sessions.revoke_all(visit.actor, but_this=True),
            for_good=False,
        )
    outcome.say(_PLACE)


def _session(visit: Visit, card: SessionCard) -> None:
    here = " :primary-badge[this browser]" if card.is_this else ""
    with (
        st.container(border=True, key=f"session-{card.id[:16]}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap=None):
            st.markdown(f":material/devices: **{browsers.name(card.user_agent)}**{here}")
            st.caption(browsers.facts(card, utc_now()))
        if not card.is_this:
            st.button("Sign out", key=f"sign-out-{card.id[:16]}", on_click=_revoke, args=(visit, card))


def _revoke(visit: Visit, card: SessionCard) -> None:
    def act() -> str:
        visit.services.sessions.revoke(visit.actor, card.id)
        return f"{browsers.name(card.user_agent)} is signed out."

    outcome.of(_PLACE, act)
