"""Times in which nobody is told: silences of a rule, and maintenance windows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import streamlit as st

from core.alerts.rules import WATCHES
from core.alerts.words import title_of
from core.clock import utc_now
from core.errors import GearboxError
from data.values.alert_delivery import Silence, SilenceForm
from pages import outcome
from pages.alerts import words
from pages.moments import minute, zone
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_ADD, _EVERY = "alert-silence-add", ""
_HOURS = (1, 2, 4, 8, 24, 72, 168)


def draw(visit: Visit) -> None:
    """Draw those that hold or are to come, and the way to a new one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("In these times nobody is told. Alerts fire all the same; those that still do are told afterwards.")
        st.space("stretch")
        if st.button("Add a silence", icon=":material/notifications_off:"):
            _dialog(visit)
    found = visit.services.alert_parts.settings.silences(visit.actor)
    if not found:
        st.caption("Nothing is silenced.")
    for silence in found:
        with st.container(border=True, key=f"silence-{silence.id}", gap="xsmall"):
            _row(visit, silence)


def _row(visit: Visit, silence: Silence) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            what = plain(title_of(silence.rule)) if silence.rule else "All alerts"
            kind = "maintenance" if silence.form is SilenceForm.MAINTENANCE else "silence"
            st.markdown(f"**{what}** :gray-badge[{kind}]")
            about = f" · about {plain(silence.group)}" if silence.group else ""
            st.caption(f"{minute(silence.starts_at)} to {minute(silence.ends_at)}{about} · {plain(silence.why)}")
        st.button(
            "End it", key=f"end-{silence.id}", icon=":material/notifications_active:", type="tertiary",
            on_click=_end, args=(visit, silence.id),
        )  # fmt: skip


def _end(visit: Visit, silence_id: str) -> None:
    def act() -> str:
        visit.services.alert_parts.settings.end_silence(visit.actor, silence_id)
        return "It is over: people are told again."

    outcome.of(words.PLACE, act)


def _dialog(visit: Visit) -> None:
    @st.dialog("Add a silence", width="medium")
    def opened() -> None:
        now = utc_now().astimezone(zone())
        with st.form("alert-silence", border=False):
            st.selectbox(
                "Of", [*WATCHES, _EVERY], None, placeholder="Choose",
                format_func=lambda key: title_of(key) if key else "All alerts (maintenance)", key=Keys.ALERT_SILENCED,
            )  # fmt: skip
            with st.container(horizontal=True):
                st.date_input("From", now.date(), key=Keys.ALERT_DAY, format="YYYY-MM-DD")
                st.time_input("At", now.time().replace(second=0, microsecond=0), key=Keys.ALERT_TIME, step=300)
                st.selectbox("For", _HOURS, format_func=lambda each: f"{each} h", key=Keys.ALERT_HOURS)
            st.text_input("Why", max_chars=300, key=Keys.ALERT_WHY)
            st.form_submit_button("Add", type="primary", on_click=_add, args=(visit,))
        outcome.close(_ADD)

    opened()


def _add(visit: Visit) -> None:
    def act() -> str:
        session = Session()
        rule, day, at, hours = map(
            session.chosen, (Keys.ALERT_SILENCED, Keys.ALERT_DAY, Keys.ALERT_TIME, Keys.ALERT_HOURS)
        )
        if not isinstance(rule, str):
            raise GearboxError("Nothing is chosen to be silent.", "Choose an alert, or all of them.")
        if not hasattr(day, "toordinal") or not isinstance(at, time) or not isinstance(hours, int):
            raise GearboxError("The form is not complete.", "Say from when and for how long.")
        starts = datetime.combine(datetime.fromordinal(day.toordinal()), at, zone()).astimezone(UTC)
        visit.services.alert_parts.settings.silence(
            visit.actor, rule=rule, starts_at=starts,
            ends_at=starts + timedelta(hours=hours), why=session.typed(Keys.ALERT_WHY),
        )  # fmt: skip
        return "Nobody is told in that time."

    outcome.of(_ADD, act)
