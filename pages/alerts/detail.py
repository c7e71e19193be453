"""One alert: why it fires, what to do, and who was told."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl

import streamlit as st

from core.alerts.rules import WATCHES
from core.alerts.service import AlertView
from core.alerts.words import number, page_of
from core.clock import utc_now
from data.values.alert_delivery import Notification
from data.values.alerts import Alert, AlertState, Occasion
from pages import outcome
from pages.alerts import words
from pages.moments import ago, minute
from pages.plain import plain
from pages.visit import Visit

_OCCASION = {
    Occasion.FIRED: "that it fires",
    Occasion.ESCALATED: "that nobody took it on",
    Occasion.RESOLVED: "its end",
}
_SILENCES = {"1 hour": timedelta(hours=1), "8 hours": timedelta(hours=8), "3 days": timedelta(days=3)}


def draw(visit: Visit, view: AlertView) -> None:
    """Draw it."""
    alert = view.alert
    st.button("All alerts", icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    st.markdown(f"### {words.headline(alert)}")
    st.markdown(f"**{plain(view.about)}:** {plain(alert.summary)}" if view.about else plain(alert.summary))
    st.caption(words.when(alert, utc_now()))
    _acts(visit, view)
    _numbers(view)
    _why(visit, alert)
    _told(view)
    _runbook(alert)


def _acts(visit: Visit, view: AlertView) -> None:
    alert = view.alert
    if alert.state is not AlertState.FIRING:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if alert.acknowledged_at is None:
            st.button(
                "Take it on", icon=":material/front_hand:", type="primary", on_click=_take, args=(visit, alert.id),
                help="Nobody else is told that it still fires.",
            )  # fmt: skip
        else:
            st.caption(
                f":material/front_hand: {plain(view.taken_by)} took it on {ago(alert.acknowledged_at, utc_now())}"
            )
        chosen = st.menu_button("Silence", list(_SILENCES), icon=":material/notifications_off:")
    if chosen:
        outcome.of(words.PLACE, lambda: _silenced(visit, alert, chosen))
        st.rerun()


def _take(visit: Visit, alert_id: str) -> None:
    def act() -> str:
        visit.services.alert_parts.inbox.acknowledge(visit.actor, alert_id)
        return "You took it on."

    outcome.of(words.PLACE, act)


def _silenced(visit: Visit, alert: Alert, chosen: str) -> str:
    now = utc_now()
    visit.services.alert_parts.settings.silence(
        visit.actor, rule=alert.rule, group=alert.group, starts_at=now, ends_at=now + _SILENCES[chosen],
        why=f"While alert {alert.id[:8]} is looked at",
    )  # fmt: skip
    return f"Nobody is told of this for {chosen}. It is still shown here."


def _why(visit: Visit, alert: Alert) -> None:
    name, _, query = page_of(alert).partition("?")
    place = getattr(visit.places, name, None) if name else None
    if place is not None:
        st.page_link(place, label="Look at why", icon=":material/query_stats:", query_params=dict(parse_qsl(query)))


def _numbers(view: AlertView) -> None:
    alert, rule = view.alert, view.rule
    unit = WATCHES[alert.rule].unit if alert.rule in WATCHES else ""
    with st.container(horizontal=True):
        st.metric("Now" if alert.state is not AlertState.RESOLVED else "At its end", number(alert.value), help=unit)
        st.metric("Worst", number(alert.worst), help=unit)
        if rule is not None:
            st.metric("Fires at", number(rule.fires_at), help=unit)
            st.metric("Well again at", number(rule.clears_at), help=unit)
    about = f" About `{alert.group.replace('`', '')}`." if alert.group else ""
    st.caption(f"In {unit}.{about} Firing number {alert.number}.")


def _told(view: AlertView) -> None:
    st.markdown("**Who was told**")
    if not view.notifications:
        st.caption("No channel: there is none for it, or it was silenced.")
    for each in view.notifications:
        st.markdown(f"- {_line(view, each)}")


def _line(view: AlertView, each: Notification) -> str:
    channel = plain(view.channels.get(each.channel_id, "A channel that is gone"))
    what = f"{channel}, {_OCCASION[each.occasion]}"
    if each.sent_at is not None:
        return f":material/check: {what}: {minute(each.sent_at)}"
    state = "is tried again" if each.due_at else "was given up"
    why = f": {plain(each.trouble)}" if each.trouble else ""
    return f":material/hourglass_top: {what} {state}{why}"


def _runbook(alert: Alert) -> None:
    with st.expander("Runbook", icon=":material/menu_book:", expanded=alert.state is AlertState.FIRING):
        watch = WATCHES.get(alert.rule)
        if watch is None or not watch.runbook.is_file():
            st.caption(f"It is in the documentation: docs/runbooks/{plain(alert.rule)}.md")
            return
        st.markdown(watch.runbook.read_text("utf-8").partition("\n")[2])
