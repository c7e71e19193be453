"""The Model choice tab: for whom Gearbox chooses models."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import GearboxError
from data.values.features import Feature, FeatureRule
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "features"
_ON, _OFF = "On", "Off"


def draw(visit: Visit) -> None:
    """Draw the tab."""
    st.caption(
        "Where nobody picked a model, Gearbox chooses one for each prompt, by what was learned. Where that is off, the "
        "usual default answers. A person's own rule counts first, then those of their teams, then everybody's."
    )
    if not visit.services.settings.auto:
        st.info("The operator turned it off for everybody (GEARBOX_AUTO).", icon=":material/block:")
        return
    rules = [rule for rule in visit.services.features.rules(visit.actor) if rule.feature == Feature.AUTO_MODEL]
    names = _names(visit)
    everybody = next((rule.enabled for rule in rules if not rule.user_id and not rule.team_id), True)
    st.toggle("Choose models for everybody", value=everybody, key=Keys.FEATURE_ALL, on_change=_set_all, args=(visit,))
    for rule in rules:
        if rule.user_id or rule.team_id:
            _exception(visit, rule, names)
    with (
        st.form("feature-rule", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.selectbox(
            "Except for",
            list(names),
            index=None,
            format_func=lambda whom: names[whom],
            placeholder="A team or a person",
            key=Keys.FEATURE_WHOM,
        )
        st.segmented_control("Choosing", [_ON, _OFF], default=_OFF, key=Keys.FEATURE_STATE)
        st.form_submit_button("Add", on_click=_add, args=(visit,))
    outcome.say(_PLACE)


def _names(visit: Visit) -> Mapping[tuple[str, str], str]:
    """What people and teams are called, by the ids of person and team."""
    teams = {("", team.id): f"Team {team.name}" for team in visit.services.teams.list(visit.actor)}
    people = {
        (each.id, ""): each.display_name
        for each in visit.services.people.list(visit.actor)
        if each.forgotten_at is None
    }
    return {**teams, **people}


def _exception(visit: Visit, rule: FeatureRule, names: Mapping[tuple[str, str], str]) -> None:
    whom = (rule.user_id, rule.team_id)
    icon = ":material/person:" if rule.user_id else ":material/group:"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{icon} {plain(names.get(whom, whom[0] or whom[1]))}")
        st.badge("on" if rule.enabled else "off", color="green" if rule.enabled else "gray")
        st.button("Remove", type="tertiary", key=f"feature-{whom[0]}-{whom[1]}", on_click=_remove, args=(visit, rule))


def _set_all(visit: Visit) -> None:
    rule = FeatureRule(Feature.AUTO_MODEL, bool(Session().chosen(Keys.FEATURE_ALL)))
    outcome.of(_PLACE, lambda: _saved(visit, rule))


def _add(visit: Visit) -> None:
    session = Session()
    whom, is_on = session.chosen(Keys.FEATURE_WHOM), session.chosen(Keys.FEATURE_STATE) == _ON

    def act() -> str:
        if not isinstance(whom, tuple):
            raise GearboxError("Nobody was named.", "Choose a team or a person first.")
        return _saved(visit, FeatureRule(Feature.AUTO_MODEL, is_on, *whom))

    outcome.of(_PLACE, act)


def _saved(visit: Visit, rule: FeatureRule) -> str:
    visit.services.features.set(visit.actor, rule)
    return "Saved."


def _remove(visit: Visit, rule: FeatureRule) -> None:
    def act() -> str:
        visit.services.features.unset(visit.actor, rule)
        return "Removed."

    outcome.of(_PLACE, act)
