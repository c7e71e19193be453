"""What is watched: every rule with its limits, and the form that changes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from core.alerts.rules import WATCHES
from core.errors import GearboxError
from data.values.alerts import Rule, RuleKind, Severity
from pages import outcome
from pages.alerts import words
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_CHANGE, _TEST, _TURN = "alert-rule-change", ":material/bolt: Test fire", ":material/power_settings_new: Turn"


def draw(visit: Visit) -> None:
    """Draw a line for each rule."""
    st.caption("What is watched, in all processes together. A change counts from the next round on, within 15 seconds.")
    for rule in visit.services.alert_parts.settings.rules(visit.actor):
        with st.container(border=True, key=f"rule-{rule.key}", gap="xsmall"):
            _row(visit, rule)


def _row(visit: Visit, rule: Rule) -> None:
    turn = f"{_TURN} {'off' if rule.is_on else 'on'}"
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            off = "" if rule.is_on else " :gray-badge[off]"
            learned = " :gray-badge[learns what is usual]" if rule.kind is RuleKind.ANOMALY else ""
            changed = " :gray-badge[changed]" if rule.version else ""
            title = plain(WATCHES[rule.key].title)
            st.markdown(f"**{title}** {words.severity(rule.severity)}{learned}{off}{changed}")
            st.caption(words.limit(rule))
        chosen = st.menu_button(
            "Manage", [":material/edit: Change", _TEST, turn], icon=":material/more_vert:", type="tertiary",
            key=f"manage-{rule.key}",
        )  # fmt: skip
    if chosen == _TEST:
        outcome.of(words.PLACE, lambda: _tested(visit, rule))
        st.rerun()
    elif chosen == turn:
        outcome.of(words.PLACE, lambda: _turned(visit, rule))
        st.rerun()
    elif chosen:
        _dialog(visit, rule)


def _tested(visit: Visit, rule: Rule) -> str:
    visit.services.alert_parts.inbox.test_fire(visit.actor, rule.key)
    wait = f" once it has lasted {words.length(rule.lasts)}" if rule.lasts else " within half a minute"
    return f"{WATCHES[rule.key].title}: the test fires{wait}, and is resolved by itself."


def _turned(visit: Visit, rule: Rule) -> str:
    visit.services.alert_parts.settings.change_rule(visit.actor, replace(rule, is_on=not rule.is_on))
    return f"{WATCHES[rule.key].title} is {'off' if rule.is_on else 'on'}."


def _dialog(visit: Visit, rule: Rule) -> None:
    @st.dialog(WATCHES[rule.key].title, width="medium")
    def opened() -> None:
        with st.form("alert-rule", border=False):
            st.caption(f"In {WATCHES[rule.key].unit}.")
            with st.container(horizontal=True):
                st.number_input("Fires at", value=float(rule.fires_at), key=Keys.ALERT_FIRES)
                st.number_input("Well again at", value=float(rule.clears_at), key=Keys.ALERT_CLEARS)
            with st.container(horizontal=True):
                st.number_input("Bad for, in seconds", 0, 86_400, _seconds(rule.lasts), key=Keys.ALERT_LASTS)
                st.number_input("Well for, in seconds", 0, 86_400, _seconds(rule.clears_after), key=Keys.ALERT_WELL)
            escalates = _seconds(rule.escalates_after) // 60 if rule.escalates_after else 0
            st.number_input(
                "Escalate after minutes", 0, 1440, escalates, key=Keys.ALERT_ESCALATES,
                help="Channels for escalation are told when nobody takes it on for so long. 0: never.",
            )  # fmt: skip
            st.segmented_control(
                "Severity", list(Severity), default=rule.severity, format_func=lambda each: each.value.capitalize(),
                key=Keys.ALERT_SEVERITY, required=True,
            )  # fmt: skip
            st.form_submit_button("Save", type="primary", on_click=_change, args=(visit, rule))
        outcome.close(_CHANGE)

    opened()


def _change(visit: Visit, rule: Rule) -> None:
    def act() -> str:
        session = Session()
        chosen = session.chosen(Keys.ALERT_SEVERITY)
        escalates = _number(session, Keys.ALERT_ESCALATES)
        changed = replace(
            rule,
            fires_at=_number(session, Keys.ALERT_FIRES),
            clears_at=_number(session, Keys.ALERT_CLEARS),
            lasts=timedelta(seconds=_number(session, Keys.ALERT_LASTS)),
            clears_after=timedelta(seconds=_number(session, Keys.ALERT_WELL)),
            escalates_after=timedelta(minutes=escalates) if escalates else None,
            severity=chosen if isinstance(chosen, Severity) else rule.severity,
        )
        visit.services.alert_parts.settings.change_rule(visit.actor, changed)
        return "Saved."

    outcome.of(_CHANGE, act)


def _number(session: Session, key: str) -> float:
    value = session.chosen(key)
    if not isinstance(value, int | float):
        raise GearboxError("A number is missing.", "Fill in every field.")
    return float(value)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
