"""The alerts that fire now, and those that did."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.alerts.rules import WATCHES
from core.alerts.service import AlertCard
from core.alerts.words import title_of
from core.clock import utc_now
from data.values.alerts import Alert, AlertState
from pages.alerts import words
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_WITHIN = {1: "A day", 7: "A week", 30: "A month"}


def draw_open(visit: Visit) -> None:
    """Draw those that are open."""
    cards = visit.services.alert_parts.inbox.open(visit.actor)
    if not cards:
        with st.container(border=True, key="no-alerts"):
            st.markdown(":material/check_circle: **All is well**")
            st.caption("Nothing fires. What fired before is under History, and what is watched under Rules.")
        return
    for card in cards:
        with st.container(border=True, key=f"alert-{card.alert.id}", gap="xsmall"):
            _row(visit, card.alert, card)


def draw_history(visit: Visit) -> None:
    """Draw those that ever fired."""
    with st.container(horizontal=True):
        rule = st.selectbox(
            "Of", list(WATCHES), None, format_func=title_of, placeholder="Every rule", key=Keys.ALERT_PAST_RULE
        )
        days = st.selectbox(
            "Fired within", list(_WITHIN), None, format_func=_WITHIN.__getitem__, placeholder="Any time",
            key=Keys.ALERT_PAST_DAYS,
        )  # fmt: skip
    since = utc_now() - timedelta(days=days) if days else None
    found = visit.services.alert_parts.inbox.history(visit.actor, rule=rule or "", since=since)
    if not found:
        st.caption("Nothing like that has fired." if rule or days else "Nothing has fired yet.")
    for alert in found:
        with st.container(border=True, key=f"past-{alert.id}", gap="xsmall"):
            _row(visit, alert, None)


def _row(visit: Visit, alert: Alert, card: AlertCard | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            new = " :blue-badge[new]" if card and card.is_new and alert.state is AlertState.FIRING else ""
            silenced = " :gray-badge[:material/notifications_off: silenced]" if card and card.is_silenced else ""
            st.markdown(f"{words.headline(alert)}{new}{silenced}")
            about = f"**{plain(card.about)}:** " if card and card.about else ""
            st.markdown(f"{about}{plain(alert.summary)}")
            taken = " · taken on" if alert.acknowledged_at else ""
            st.caption(f"{words.when(alert, utc_now())}{taken}")
        st.button(
            "Open", key=f"open-{'open' if card else 'past'}-{alert.id}", icon=":material/chevron_right:",
            type="tertiary", on_click=_open, args=(alert.id,),
        )  # fmt: skip


def _open(alert_id: str) -> None:
    st.query_params[Keys.ALERT] = alert_id
