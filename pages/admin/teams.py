"""The Teams tab: people who share keys."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import streamlit as st

from core.budgets import Beside
from data.values.access_rules import Lists, RuleOwner
from data.values.budgets import BudgetOwner
from data.values.people import Person, Team
from pages import outcome
from pages.admin import access_rules, spent
from pages.asking import ask
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "teams"
_DIALOG = "team"
_NAMED = 6


class _Do(StrEnum):
    """As the menu says it."""

    MEMBERS = ":material/group: Members"
    RULES = ":material/rule: Models and tools"
    RENAME = ":material/edit: Rename"
    DELETE = ":material/delete: Delete"


def draw(visit: Visit) -> None:
    """Draw the tab."""
    st.caption("A team's keys are used by all of its members who have no key of their own for that provider.")
    people = {person.id: person for person in visit.services.people.list(visit.actor)}
    teams = visit.services.teams.list(visit.actor)
    outcome.say(_PLACE)
    everybody = (BudgetOwner.ORGANISATION, "")
    beside = spent.of(visit, [everybody, *((BudgetOwner.TEAM, team.id) for team in teams)])
    rules = {(each.owner, each.owner_id): each.lists for each in visit.services.access_rules.all(visit.actor)}
    _everybody(visit, people, beside.get(everybody), rules.get((RuleOwner.ORGANISATION, "")))
    for team in teams:
        with st.container(border=True, key=f"team-{team.id}"):
            found = beside.get((BudgetOwner.TEAM, team.id))
            _team(visit, team, people, found, rules.get((RuleOwner.TEAM, team.id)))
    with st.form("new-team", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("New team", placeholder="Research", max_chars=100, key=Keys.TEAM_NAME)
        st.form_submit_button("Create", type="secondary" if teams else "primary", on_click=_create, args=(visit,))


def _everybody(visit: Visit, people: Mapping[str, Person], beside: Beside | None, rules: Lists | None) -> None:
    """The row above the teams': what holds for all of them."""
    active = sum(person.is_active for person in people.values())
    row = st.container(border=True, key="team-everybody")
    with row, st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            badges = " ".join([access_rules.badge(rules), spent.badge(beside)])
            st.markdown(f":material/public: **Everybody** {badges}")
            st.caption(" · ".join([f"{active} {'person' if active == 1 else 'people'}", *spent.words(beside)]))
        if st.button("Models and tools", icon=":material/rule:", type="tertiary", key="rules-of-everybody"):
            access_rules.dialog(visit, access_rules.Whose(RuleOwner.ORGANISATION, "", "everybody", _PLACE))


def _team(visit: Visit, team: Team, people: Mapping[str, Person], beside: Beside | None, rules: Lists | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            badges = " ".join([access_rules.badge(rules), spent.badge(beside)])
            st.markdown(f":material/group: **{plain(team.name)}** {badges}")
            st.caption(" · ".join([*spent.words(beside), _members(team, people)]))
        chosen = st.menu_button(
            "Manage", list(_Do), icon=":material/more_vert:", type="tertiary", key=f"manage-{team.id}"
        )
    match chosen:
        case _Do.MEMBERS:
            _members_dialog(visit, team, people)
        case _Do.RULES:
            access_rules.dialog(visit, access_rules.Whose(RuleOwner.TEAM, team.id, team.name, _PLACE))
        case _Do.RENAME:
            _rename_dialog(visit, team)
        case _Do.DELETE:
            ask(
                f"Delete the team {plain(team.name)}?",
                "Its keys are removed from the vault. Its members stay, and lose the models that came with those keys."
                + (" Its rule of models and tools goes, too: it keeps them from nothing any more." if rules else ""),
                yes="Delete it",
                act=lambda: visit.services.teams.delete(visit.actor, team.id),
            )


def _members(team: Team, people: Mapping[str, Person]) -> str:
    names = [plain(people[each].display_name) for each in team.member_ids if each in people]
    if not names:
        return "Nobody is in it yet."
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


@st.dialog("Members")
def _members_dialog(visit: Visit, team: Team, people: Mapping[str, Person]) -> None:
    with st.form("members", border=False):
        st.multiselect(
            plain(team.name),
            [person.id for person in people.values() if person.is_active or person.id in team.member_ids],
            default=[each for each in team.member_ids if each in people],
            format_func=lambda person_id: _named(people[person_id]),
            key=Keys.MEMBERS,
            placeholder="Choose people",
        )
        st.form_submit_button("Save", type="primary", on_click=_set_members, args=(visit, team))
    outcome.close(_DIALOG)


def _named(person: Person) -> str:
    return f"{person.display_name} ({person.email})" if person.email else person.display_name


def _set_members(visit: Visit, team: Team) -> None:
    chosen = Session().chosen(Keys.MEMBERS)
    wanted = set(chosen) if isinstance(chosen, list) else set()
    teams, before = visit.services.teams, set(team.member_ids)

    def act() -> str:
        for person_id in sorted(wanted - before):
            teams.add(visit.actor, team.id, person_id)
        for person_id in sorted(before - wanted):
            teams.remove(visit.actor, team.id, person_id)
        return f"{plain(team.name)} has {len(wanted)} {'member' if len(wanted) == 1 else 'members'}."

    outcome.of(_DIALOG, act)


@st.dialog("Rename the team")
def _rename_dialog(visit: Visit, team: Team) -> None:
    with st.form("rename-team", border=False):
        st.text_input("Name", team.name, max_chars=100, key=Keys.TEAM_NEW_NAME)
        st.form_submit_button("Rename", type="primary", on_click=_rename, args=(visit, team))
    outcome.close(_DIALOG)


def _rename(visit: Visit, team: Team) -> None:
    name = Session().typed(Keys.TEAM_NEW_NAME)

    def act() -> str:
        visit.services.teams.rename(visit.actor, team.id, name)
        return f"The team is called {plain(name)} now."

    outcome.of(_DIALOG, act)


def _create(visit: Visit) -> None:
    session = Session()
    name = session.typed(Keys.TEAM_NAME)

    def act() -> str:
        return f"{plain(visit.services.teams.create(visit.actor, name).name)} is there. Choose its members in its menu."

    if outcome.of(_PLACE, act):
        session.clear(Keys.TEAM_NAME)
