"""Where alerts are told: each channel, the form for a new one, and its try-out."""

from __future__ import annotations

import streamlit as st

from core.alerts.settings import ChannelCard
from core.clock import utc_now
from core.reports.places import KINDS
from data.values.alert_delivery import ChannelForm
from data.values.alerts import Severity
from pages import outcome
from pages.alerts import words
from pages.asking import ask
from pages.keys import fields
from pages.moments import ago
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_ADD = "alert-channel-add"
_AGAIN = "Enter the address again: it is not kept."
_SIGNED = "Signed webhook"
_KINDS = {_SIGNED: "https://hooks.example.org/gearbox"} | {
    kind.label: kind.example for kind in KINDS if kind.name != "webhook"
}
_TEST, _PAUSE, _RESUME, _REMOVE = (
    ":material/send: Send a try-out", ":material/pause: Pause", ":material/play_arrow: Resume",
    ":material/delete: Remove",
)  # fmt: skip


def draw(visit: Visit) -> None:
    """Draw a line for each channel, and the way to a new one."""
    cards = visit.services.alert_parts.settings.channels(visit.actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Where alerts are told besides this page. Each message has an id by which a repeat can be told.")
        st.space("stretch")
        if st.button("Add a channel", icon=":material/add:", type="secondary" if cards else "primary"):
            _add_dialog(visit)
    if not cards:
        with st.container(border=True, key="no-channels"):
            st.markdown(":material/notifications_off: **Nobody is told yet**")
            st.caption("Alerts are shown here alone. Add a mailbox, a chat, PagerDuty or a webhook of your own.")
    for card in cards:
        with st.container(border=True, key=f"channel-{card.channel.id}", gap="xsmall"):
            _row(visit, card)


def _row(visit: Visit, card: ChannelCard) -> None:
    channel = card.channel
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            badges = "" if channel.is_on else " :gray-badge[:material/pause: paused]"
            badges += " :violet-badge[escalation]" if channel.is_escalation else ""
            badges += " :red-badge[critical only]" if channel.least is Severity.CRITICAL else ""
            st.markdown(f":material/notifications: **{plain(channel.label)}**{badges}")
            hint = f" ({plain(card.destination.hint)})" if card.destination.hint else ""
            sent = f"last told {ago(channel.sent_at, utc_now())}" if channel.sent_at else "never told yet"
            st.caption(f"{plain(card.destination.service)}{hint} · {sent}")
        chosen = st.menu_button(
            "Manage", [_TEST, _PAUSE if channel.is_on else _RESUME, _REMOVE], icon=":material/more_vert:",
            type="tertiary", key=f"manage-{channel.id}",
        )  # fmt: skip
    if channel.trouble:
        st.warning(plain(f"The last try failed. {channel.trouble}"), icon=":material/warning:")
    if chosen:
        _do(visit, card, chosen)


def _do(visit: Visit, card: ChannelCard, chosen: str) -> None:
    settings, channel = visit.services.alert_parts.settings, card.channel
    if chosen == _REMOVE:
        ask(
            f"Remove {plain(channel.label)}?",
            "It is told nothing any more, and its address is removed from the vault.",
            yes="Remove it",
            act=lambda: settings.remove_channel(visit.actor, channel.id),
        )
        return
    with st.spinner("One moment"):
        outcome.of(words.PLACE, lambda: _done(visit, card, chosen))
    st.rerun()


def _done(visit: Visit, card: ChannelCard, chosen: str) -> str:
    settings, channel = visit.services.alert_parts.settings, card.channel
    if chosen == _TEST:
        settings.test_channel(visit.actor, channel.id)
        return f"A try-out was sent to {plain(channel.label)}."
    settings.change_channel(
        visit.actor, channel.id, least=channel.least, is_escalation=channel.is_escalation, is_on=not channel.is_on
    )
    return f"{plain(channel.label)} is {'paused' if channel.is_on else 'told again'}."


@st.dialog("Add a channel", width="medium", on_dismiss="rerun")
def _add_dialog(visit: Visit) -> None:
    kind = st.selectbox("It goes to", list(_KINDS), key=Keys.ALERT_KIND)
    st.caption("Its address looks like this. A special character in a password is written as %40 and the like.")
    st.code(_KINDS[kind], language=None, wrap_lines=True)
    with st.form("alert-channel", border=False):
        st.text_input("Name", placeholder="On call", max_chars=60, key=Keys.ALERT_LABEL)
        fields.key("Address", Keys.ALERT_ADDRESS)
        st.checkbox("Critical alerts only", key=Keys.ALERT_CRITICAL)
        st.checkbox("Only what nobody takes on (escalation)", key=Keys.ALERT_ESCALATION)
        st.caption("The address is checked now and kept encrypted. It is never shown again.")
        st.form_submit_button("Add", type="primary", on_click=_add, args=(visit, kind == _SIGNED))
    outcome.say(_ADD)


def _add(visit: Visit, is_signed: bool) -> None:
    session = Session()
    address = session.take(Keys.ALERT_ADDRESS)

    def act() -> str:
        channel, key = visit.services.alert_parts.settings.add_channel(
            visit.actor,
            label=session.typed(Keys.ALERT_LABEL),
            form=ChannelForm.SIGNED if is_signed else ChannelForm.PLACE,
            address=address,
            least=Severity.CRITICAL if session.chosen(Keys.ALERT_CRITICAL) else Severity.WARNING,
            is_escalation=bool(session.chosen(Keys.ALERT_ESCALATION)),
        )
        added = f"**{plain(channel.label)}** is added. Send a try-out from its menu."
        # On this one drawing only: `say` takes it out of the session in this very run.
        return f"{added}\n\nIts key for signatures is shown this once. Copy it now: `{key}`" if key else added

    if outcome.of(_ADD, act, once_more=_AGAIN if address else ""):
        session.clear(Keys.ALERT_LABEL)
