"""The dialogs of the Reports tab: adding one, changing it, replacing its address, and its text."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import GearboxError
from core.reports.places import KINDS, Kind
from core.reports.service import ReportCard
from data.analytics.weekly import WeeklyFacts
from data.values.reports import WEEKDAYS
from pages import outcome
from pages.keys import fields
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_ADD, _CHANGE, _ADDRESS = "report-add", "report-change", "report-address"
_AGAIN = "Enter the address again: it is not kept."
_EVERYBODY = ""
_PARTS = {
    "totals": "The sums of the week",
    "costs": "What it cost, by model and currency",
    "models": "Which models are named",
    "thumbs": "What people thought of the week's answers",
}
_MONDAY, _MORNING = 0, 8


def add_dialog(visit: Visit, teams: Mapping[str, str]) -> None:
    """Open the form for a new report."""

    @st.dialog("Add a report", width="medium")
    def opened() -> None:
        _kind_explained()
        with st.form("add-report", border=False):
            st.text_input("Name", placeholder="Leads' channel", max_chars=60, key=Keys.REPORT_LABEL)
            fields.key("Address", Keys.REPORT_ADDRESS)
            _when_and_whom(teams, _EVERYBODY, _MONDAY, _MORNING)
            st.caption("The address is checked now and kept encrypted. It is never shown again.")
            st.form_submit_button("Add", type="primary", on_click=_add, args=(visit,))
        outcome.close(_ADD)

    opened()


def change_dialog(visit: Visit, card: ReportCard, teams: Mapping[str, str]) -> None:
    """Open the form for what it is called, whom it is about and when it goes."""
    schedule = card.schedule

    @st.dialog("Change the report", width="medium")
    def opened() -> None:
        with st.form("change-report", border=False):
            st.text_input("Name", schedule.label, max_chars=60, key=Keys.REPORT_LABEL)
            _when_and_whom(teams, schedule.team_id or _EVERYBODY, schedule.weekday, schedule.hour)
            st.form_submit_button("Save", type="primary", on_click=_change, args=(visit, schedule.id))
        outcome.close(_CHANGE)

    opened()


def address_dialog(visit: Visit, card: ReportCard) -> None:
    """Open the form for another address."""

    @st.dialog("Replace the address", width="medium")
    def opened() -> None:
        _kind_explained()
        with st.form("report-address", border=False):
            fields.key("New address", Keys.REPORT_ADDRESS)
            st.caption("What was there before is removed.")
            st.form_submit_button("Replace", type="primary", on_click=_replace, args=(visit, card.schedule.id))
        outcome.close(_ADDRESS)

    opened()


def preview_dialog(visit: Visit, team_id: str | None) -> None:
    """Show the very text of the last whole week."""

    @st.dialog("The last whole week", width="medium")
    def opened() -> None:
        try:
            written = visit.services.reports.weekly.preview(visit.actor, team_id)
        except GearboxError as error:
            st.error(plain(error.explain()), icon=":material/error:")
            return
        st.caption(f"Subject: {plain(written.letter.title)}")
        with st.container(border=True, key="report-text"):
            st.markdown(written.letter.markdown)
        st.caption("Sample data is not counted. Mailboxes get it as HTML, chats as their own markup.")
        _computed(written.facts)

    opened()


def _computed(facts: WeeklyFacts) -> None:
    with st.expander("How is this computed?", icon=":material/function:"):
        for part, statement in facts.sql.items():
            st.caption(_PARTS[part])
            st.code(statement, language="sql", wrap_lines=True)
        st.caption("With these parameters, in UTC; for the week before, with those of that week.")
        st.code("\n".join(f"${name} = {value!s}" for name, value in facts.parameters.items()), language=None)


def _kind_explained() -> None:
    kind = st.selectbox("It goes to", KINDS, format_func=lambda kind: kind.label, key=Keys.REPORT_KIND)
    if isinstance(kind, Kind):
        st.caption("Its address looks like this. A special character in a password is written as %40 and the like.")
        st.code(kind.example, language=None, wrap_lines=True)


def _when_and_whom(teams: Mapping[str, str], team_id: str, weekday: int, hour: int) -> None:
    audiences = [_EVERYBODY, *teams]
    st.selectbox(
        "About",
        audiences,
        index=audiences.index(team_id) if team_id in audiences else None,
        format_func=lambda each: f"Team {teams[each]}" if each else "Everybody",
        key=Keys.REPORT_TEAM,
    )
    with st.container(horizontal=True):
        st.selectbox(
            "Day", range(len(WEEKDAYS)), index=weekday, format_func=lambda day: WEEKDAYS[day], key=Keys.REPORT_WEEKDAY
        )
        st.selectbox("Hour", range(24), index=hour, format_func=lambda each: f"{each:02}:00", key=Keys.REPORT_HOUR)


def _chosen() -> tuple[str, str | None, int, int]:
    """Name, team, weekday and hour as the form has them. Raises GearboxError where it lacks one."""
    session = Session()
    team_id, weekday, hour = map(session.chosen, (Keys.REPORT_TEAM, Keys.REPORT_WEEKDAY, Keys.REPORT_HOUR))
    if not isinstance(team_id, str) or not isinstance(weekday, int) or not isinstance(hour, int):
        raise GearboxError("The form is not complete.", "Say whom the report is about, and when it goes.")
    return session.typed(Keys.REPORT_LABEL), team_id or None, weekday, hour


def _add(visit: Visit) -> None:
    session = Session()
    address = session.take(Keys.REPORT_ADDRESS)

    def act() -> str:
        label, team_id, weekday, hour = _chosen()
        added = visit.services.reports.weekly.add(
            visit.actor, label=label, address=address, team_id=team_id, weekday=weekday, hour=hour
        )
        return f"{plain(added.label)} is added. Send it now from its menu, to see that it gets there."

    if outcome.of(_ADD, act, once_more=_AGAIN if address else ""):
        session.clear(Keys.REPORT_LABEL)


def _change(visit: Visit, schedule_id: str) -> None:
    def act() -> str:
        label, team_id, weekday, hour = _chosen()
        visit.services.reports.weekly.change(
            visit.actor, schedule_id, label=label, team_id=team_id, weekday=weekday, hour=hour
        )
        return "Saved."

    outcome.of(_CHANGE, act)


def _replace(visit: Visit, schedule_id: str) -> None:
    address = Session().take(Keys.REPORT_ADDRESS)

    def act() -> str:
        visit.services.reports.weekly.change_address(visit.actor, schedule_id, address)
        return "The address is replaced. Send it now from its menu, to see that it gets there."

    outcome.of(_ADDRESS, act, once_more=_AGAIN if address else "")
