"""What of the log the person wants to see."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from data.values.actor import Surface
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditFilter
from pages.audit import period
from pages.audit.view import View
from pages.audit.words import SURFACES, ended, what
from pages.widget_keys import Keys

_LENGTHS = {"24 h": timedelta(days=1), "7 days": timedelta(days=7), "30 days": timedelta(days=30)}


def draw() -> AuditFilter:
    """Draw search and filters; returns what they ask for."""
    anew = View().newest
    text = st.text_input(
        "Search",
        key=Keys.AUDIT_SEARCH,
        bind="query-params",
        on_change=anew,
        placeholder="Person, id, address or word",
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=200,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        span = period.choose(_LENGTHS, period.ALL_TIME, (Keys.AUDIT_PERIOD, Keys.AUDIT_DAYS), anew)
        with st.popover(_label(), icon=":material/filter_alt:"):
            actions = st.multiselect("What", list(Action), format_func=what, key=Keys.AUDIT_ACTIONS, on_change=anew)
            outcomes = st.multiselect(
                "Ended", list(AuditOutcome), format_func=ended, key=Keys.AUDIT_OUTCOMES, on_change=anew
            )
            surfaces = st.multiselect(
                "Came in by", list(Surface), format_func=SURFACES.__getitem__, key=Keys.AUDIT_SURFACES, on_change=anew
            )
            intents = st.toggle(
                "Intents, too",
                key=Keys.AUDIT_INTENTS,
                on_change=anew,
                help="Before a key is opened the intent is written. Once the outcome is there, only that is listed.",
            )
    return AuditFilter(
        text=text or "",
        actions=tuple(actions),
        outcomes=tuple(outcomes),
        surfaces=tuple(surfaces),
        since=span.since,
        until=span.until,
        folded=not intents and AuditOutcome.INTENT not in outcomes,
    )


def _label() -> str:
    chosen = View().chosen
    return f"Filters ({chosen})" if chosen else "Filters"
