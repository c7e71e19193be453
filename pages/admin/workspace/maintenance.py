"""Maintenance: whether it is on or planned, and turning it on and off."""

from __future__ import annotations

from datetime import datetime, tzinfo

import streamlit as st

from core.clock import utc_now
from data.values.notices import MOST_WORDS, Maintenance, Standing
from pages import outcome
from pages.admin.workspace import times
from pages.admin.workspace.times import PLACE, shown
from pages.asking import ask
from pages.notice_words import in_markdown
from pages.outcome import Outcome
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_DIALOG = "maintenance"
_STARTS = Keys.MAINTENANCE_STARTS, Keys.MAINTENANCE_STARTS_AT
_ENDS = Keys.MAINTENANCE_ENDS, Keys.MAINTENANCE_ENDS_AT
_WHAT_IT_DOES = (
    "Everybody else sees one page that says why and until when. Answers that are being written are finished; new ones "
    "and the API are refused. Who manages the workspace works on, and can end it at any time."
)


def draw(visit: Visit) -> None:
    """Draw how it stands, and what can be done."""
    found, now, zone = visit.services.workspace.admin.maintenance(visit.actor), utc_now(), visit.services.settings.zone
    with st.container(border=True, key="maintenance"):
        with st.container(gap=None):
            st.markdown(_title(found, now))
            st.caption(_when(found, zone, now) if found else _WHAT_IT_DOES)
            if found and found.words:
                st.caption(f"“{in_markdown(found.words)}”")
        if found is None:
            if st.button("Begin or plan", icon=":material/construction:", key="begin-maintenance"):
                _dialog(visit, None, is_on=False)
            return
        is_on = found.standing(now) is Standing.LIVE
        with st.container(horizontal=True):
            if st.button("End it" if is_on else "Call it off", type="primary" if is_on else "secondary"):
                _ask_to_end(visit, found, is_on=is_on)
            if st.button("Change", icon=":material/edit:", type="tertiary", key="change-maintenance"):
                _dialog(visit, found, is_on=is_on)


def _title(found: Maintenance | None, now: datetime) -> str:
    if found is None:
        return "**Maintenance** :gray-badge[off]"
    if found.standing(now) is Standing.PLANNED:
        return "**Maintenance** :blue-badge[:material/schedule: planned]"
    return "**Maintenance** :orange-badge[:material/construction: on]"


def _when(found: Maintenance, zone: tzinfo, now: datetime) -> str:
    is_on = found.standing(now) is Standing.LIVE
    words = f"{'Since' if is_on else 'From'} {shown(found.starts_at, zone)}"
    if found.ends_at is None:
        return f"{words}, until somebody ends it"
    if found.ends_itself:
        return f"{words} until {shown(found.ends_at, zone)}; it ends by itself"
    late = " That is over: end it, or say how long it takes." if found.ends_at <= now else ""
    return f"{words}, expected until {shown(found.ends_at, zone)}.{late}"


def _ask_to_end(visit: Visit, found: Maintenance, *, is_on: bool) -> None:
    def act() -> None:
        service = visit.services.workspace.admin
        service.end_maintenance(visit.actor)

        def undo() -> str:
            starts_at = found.starts_at if found.starts_at > utc_now() else None
            service.hold_maintenance(
                visit.actor, found.words, starts_at=starts_at, ends_at=found.ends_at, ends_itself=found.ends_itself
            )
            return "It is on again." if is_on else "It is planned again."

        words = "Maintenance is over: everybody can work." if is_on else "Maintenance is called off."
        Session().leave(PLACE, Outcome(words, undo=undo))

    if is_on:
        ask("End maintenance?", "Everybody can work again, at once.", yes="End it", act=act, for_good=False)
    else:
        ask("Call maintenance off?", "It does not begin.", yes="Call it off", act=act, for_good=False)


def _dialog(visit: Visit, found: Maintenance | None, *, is_on: bool) -> None:
    session, zone = Session(), visit.services.settings.zone
    session.choose(Keys.MAINTENANCE_WORDS, found.words if found else "")
    session.choose(Keys.MAINTENANCE_ENDS_ITSELF, bool(found and found.ends_itself))
    times.fill(_STARTS, found.starts_at if found and not is_on else None, zone)
    times.fill(_ENDS, found.ends_at if found else None, zone)

    @st.dialog("Change maintenance" if found else "Begin or plan maintenance", width="medium")
    def opened() -> None:
        st.caption(_WHAT_IT_DOES)
        st.text_area(
            "Why, as people read it",
            max_chars=MOST_WORDS,
            height=90,
            key=Keys.MAINTENANCE_WORDS,
            placeholder="The disks are replaced. Ask in [the channel](https://example.org) if it is urgent.",
        )
        if not is_on:
            times.draw("From", _STARTS, empty="at once")
        times.draw("Until about", _ENDS, empty="until somebody ends it")
        is_planned = not is_on and session.chosen(_STARTS[0]) is not None
        if not is_planned:
            st.toggle("Ends by itself then", key=Keys.MAINTENANCE_ENDS_ITSELF)
        label = "Save" if is_on else "Plan it" if is_planned else "Keep people out now"
        st.button(label, type="primary", key="hold-maintenance", on_click=_hold, args=(visit,), kwargs={"is_on": is_on})
        outcome.close(_DIALOG)

    opened()


def _hold(visit: Visit, *, is_on: bool) -> None:
    def act() -> str:
        session, zone = Session(), visit.services.settings.zone
        held = visit.services.workspace.admin.hold_maintenance(
            visit.actor,
            session.typed(Keys.MAINTENANCE_WORDS),
            starts_at=None if is_on else times.typed(_STARTS, zone),
            ends_at=times.typed(_ENDS, zone),
            ends_itself=bool(session.chosen(Keys.MAINTENANCE_ENDS_ITSELF)),
        )
        if is_on:
            return "Saved."
        return "Maintenance is on." if held.standing(utc_now()) is Standing.LIVE else "Maintenance is planned."

    outcome.of(_DIALOG, act)
