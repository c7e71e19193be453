"""The Reports tab: what is sent every week, to whom, and whether it gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from enum import StrEnum

import streamlit as st

from core.clock import utc_now
from core.errors import GearboxError
from core.reports.letter import zone_name
from core.reports.sending import NotSent
from core.reports.service import ReportCard
from data.values.actor import Actor
from data.values.reports import WEEKDAYS
from pages import outcome
from pages.admin import report_forms
from pages.asking import ask
from pages.moments import ago
from pages.plain import plain
from pages.visit import Visit

_PLACE = "reports"


class _Do(StrEnum):
    """As the menu says it."""

    PREVIEW = ":material/visibility: Look at the text"
    SEND = ":material/send: Send it now"
    CHANGE = ":material/edit: Change"
    ADDRESS = ":material/key: Replace the address"
    PAUSE = ":material/pause: Pause"
    RESUME = ":material/play_arrow: Resume"
    REMOVE = ":material/delete: Remove"


def draw(visit: Visit) -> None:
    """Draw the tab."""
    service = visit.services.reports.weekly
    cards, teams = service.list(visit.actor), service.teams(visit.actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Once a week a summary goes out by itself: calls, cost, models, and what changed. No prompts, no names of "
            f"people. Times are those of {plain(zone_name(service.zone))}."
        )
        st.space("stretch")
        if cards and st.button("Look at the text", icon=":material/visibility:"):
            report_forms.preview_dialog(visit, None)
        if st.button("Add a report", icon=":material/add:", type="secondary" if cards else "primary"):
            report_forms.add_dialog(visit, teams)
    outcome.say(_PLACE)
    now = utc_now()
    for card in cards:
        with st.container(border=True, key=f"report-{card.schedule.id}"):
            _report(visit, card, teams, now)
    if not cards:
        _nothing(visit)


def _nothing(visit: Visit) -> None:
    with st.container(border=True, key="no-reports"):
        st.markdown(":material/forward_to_inbox: **Nothing is sent yet**")
        st.caption(
            "A report can go to a mailbox, to Slack, Microsoft Teams, Discord and other chats, or to a webhook of your "
            "own; about everybody or about one team. Look at its text first."
        )
        if st.button("Look at the text", icon=":material/visibility:", type="tertiary"):
            report_forms.preview_dialog(visit, None)


def _report(visit: Visit, card: ReportCard, teams: Mapping[str, str], now: datetime) -> None:
    schedule = card.schedule
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f":material/forward_to_inbox: **{plain(schedule.label)}** {_about(card)}{_badge(card)}")
            st.caption(_where(card))
            st.caption(_state(card, now, visit.services.reports.weekly.zone))
        chosen = st.menu_button(
            "Manage", _offered(card), icon=":material/more_vert:", type="tertiary", key=f"manage-{schedule.id}"
        )
    if schedule.trouble:
        again = " It is tried again by itself." if schedule.failures and schedule.is_on else ""
        st.warning(plain(f"The last try failed. {schedule.trouble}{again}"), icon=":material/warning:")
    if chosen:
        _do(visit, card, teams, _Do(chosen))


def _offered(card: ReportCard) -> list[str]:
    left_out = {_Do.RESUME if card.schedule.is_on else _Do.PAUSE}
    if card.is_orphan:
        left_out |= {_Do.PREVIEW, _Do.SEND}
    return [each for each in _Do if each not in left_out]


def _do(visit: Visit, card: ReportCard, teams: Mapping[str, str], chosen: _Do) -> None:
    service, schedule = visit.services.reports.weekly, card.schedule
    match chosen:
        case _Do.PREVIEW:
            report_forms.preview_dialog(visit, schedule.team_id)
        case _Do.SEND:
            with st.spinner("Sending"):
                outcome.of(_PLACE, lambda: _sent(visit, card))
            st.rerun()
        case _Do.CHANGE:
            report_forms.change_dialog(visit, card, teams)
        case _Do.ADDRESS:
            report_forms.address_dialog(visit, card)
        case _Do.PAUSE | _Do.RESUME:
            turn = service.pause if chosen is _Do.PAUSE else service.resume
            outcome.of(_PLACE, lambda: _turned(visit, card, turn))
            st.rerun()
        case _Do.REMOVE:
            ask(
                f"Remove {plain(schedule.label)}?",
                "It is never sent again, and its address is removed from the vault.",
                yes="Remove it",
                act=lambda: service.remove(visit.actor, schedule.id),
            )


def _sent(visit: Visit, card: ReportCard) -> str:
    try:
        visit.services.reports.weekly.send_now(visit.actor, card.schedule.id)
    except NotSent as error:
        raise GearboxError(f"{card.schedule.label} was not sent. {error}", error.remedy) from None
    return f"{plain(card.schedule.label)} was sent. The next one goes out at its time."


def _turned(visit: Visit, card: ReportCard, turn: Callable[[Actor, str], None]) -> str:
    turn(visit.actor, card.schedule.id)
    return f"{plain(card.schedule.label)} is {'paused' if card.schedule.is_on else 'sent again from its next time on'}."


def _about(card: ReportCard) -> str:
    if card.is_orphan:
        return ":red-badge[its team is gone]"
    return f":gray-badge[team {plain(card.team)}]" if card.team else ":gray-badge[everybody]"


def _badge(card: ReportCard) -> str:
    if not card.schedule.is_on:
        return " :gray-badge[:material/pause: paused]"
    return " :orange-badge[:material/warning: not sent]" if card.schedule.trouble else ""


def _where(card: ReportCard) -> str:
    hint = f" ({plain(card.destination.hint)})" if card.destination.hint else ""
    when = f"every {WEEKDAYS[card.schedule.weekday]} at {card.schedule.hour:02}:00"
    return f"To {plain(card.destination.service)}{hint}, {when}"


def _state(card: ReportCard, now: datetime, zone: tzinfo) -> str:
    sent = f"last sent {ago(card.schedule.sent_at, now)}" if card.schedule.sent_at else "never sent yet"
    if card.is_orphan:
        return f"Choose another team, or remove it · {sent}"
    if card.next_due is None:
        return f"{sent[:1].upper()}{sent[1:]}"
    local = card.next_due.astimezone(zone)  # not the browser's: its hour is told above
    return f"Next on {local.day} {local:%B} · {sent}"
