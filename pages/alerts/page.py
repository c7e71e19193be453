"""The Alerts page: what fires, what fired, what is watched, and who is told."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import NotFound
from data.values.actor import Actor
from pages import heading, outcome
from pages.alerts import channels, detail, listing, rules, silences
from pages.alerts.words import PLACE
from pages.visit import Visit
from pages.widget_keys import Keys

_TABS = {
    "Open": listing.draw_open,
    "History": listing.draw_history,
    "Rules": rules.draw,
    "Channels": channels.draw,
    "Silences": silences.draw,
}


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.MANAGE_ALERTS)


def render(visit: Visit) -> None:
    """One run of the page: its tabs, or the alert that the address names."""
    heading.draw(visit, "Alerts")
    outcome.say(PLACE)
    alert_id = st.query_params.get(Keys.ALERT)
    if alert_id is not None:
        try:
            view = visit.services.alert_parts.inbox.get(visit.actor, alert_id)
        except NotFound:
            st.info("There is no such alert, or it ended before it fired.", icon=":material/link_off:")
        else:
            detail.draw(visit, view)
            return
    tabs = st.tabs(list(_TABS), key=Keys.TAB, bind="query-params")
    for tab, draw in zip(tabs, _TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(visit)
