"""The People tab: who may come in, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import streamlit as st

from core.budgets import Beside
from core.clock import utc_now
from data.values.access_rules import Lists, RuleOwner
from data.values.actor import Role
from data.values.budgets import BudgetOwner
from data.values.people import Person
from pages import outcome
from pages.admin import access_of, access_rules, forgetting, spent
from pages.asking import ask
from pages.moments import ago
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

SHOWN = 30
"""Rows drawn at most; searching finds the rest."""
_PLACE = "people"
_OWN = RuleOwner.USER
_COLORS = {Role.ADMIN: "violet", Role.ANALYST: "blue"}
_HELP = (
    "Members chat and keep keys of their own. Analysts also see everybody's usage. Admins also manage people, shared "
    "keys and the vault, and read the audit log."
)


class _Do(StrEnum):
    """As the menu says it."""

    ROLES = ":material/badge: Roles"
    RULES = ":material/rule: Models and tools"
    ACCESS = ":material/devices: Sessions and tokens"
    DEACTIVATE = ":material/person_off: Deactivate"
    ACTIVATE = ":material/person_check: Activate"
    FORGET = ":material/delete_forever: Forget"


def draw(visit: Visit) -> None:
    """Draw the tab."""
    people = [person for person in visit.services.people.list(visit.actor) if person.forgotten_at is None]
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    search = st.text_input(
        "Search people",
        key=Keys.PEOPLE_SEARCH,
        live=True,
        placeholder=f"Search {len(people)} people by name, email or role" if len(people) > 1 else "Search people",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    outcome.say(_PLACE)
    found = [person for person in people if _matches(person, search or "")]
    if not found:
        st.caption("Nobody matches.")
    shown = sorted(found, key=_order)[:SHOWN]
    beside = spent.of(visit, [(BudgetOwner.USER, person.id) for person in shown])
    rules = {each.owner_id: each.lists for each in visit.services.access_rules.all(visit.actor) if each.owner is _OWN}
    for person in shown:
        with st.container(border=True, key=f"person-{person.id}"):
            _person(visit, person, teams, beside.get((BudgetOwner.USER, person.id)), rules.get(person.id))
    if len(found) > SHOWN:
        st.caption(f"{len(found) - SHOWN} more: search for them.")
    if len(people) == 1:
        st.caption(":material/info: Others appear here when they have signed in once.")


def _order(person: Person) -> tuple[bool, str]:
    return not person.is_active, person.display_name.casefold()


def _matches(person: Person, search: str) -> bool:
    roles = " ".join(role.value for role in person.roles)
    haystack = f"{person.display_name} {person.email or ''} {roles}".casefold()
    return all(word in haystack for word in search.casefold().split())


def _person(visit: Visit, person: Person, teams: Mapping[str, str], beside: Beside | None, rules: Lists | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            badges = " ".join([_badges(visit, person), access_rules.badge(rules), spent.badge(beside)])
            st.markdown(f"**{plain(person.display_name)}** {badges}")
            st.caption(_facts(person, teams, spent.words(beside)))
        actions = [each for each in _Do if each is not (_Do.ACTIVATE if person.is_active else _Do.DEACTIVATE)]
        chosen = st.menu_button(
            "Manage", actions, icon=":material/more_vert:", type="tertiary", key=f"manage-{person.id}"
        )
    match chosen:
        case _Do.ROLES:
            _roles_dialog(visit, person)
        case _Do.RULES:
            access_rules.dialog(visit, access_rules.Whose(_OWN, person.id, person.display_name, _PLACE))
        case _Do.ACCESS:
            access_of.dialog(visit, person)
        case _Do.DEACTIVATE:
            _deactivate(visit, person)
        case _Do.ACTIVATE:
            _activate(visit, person)
        case _Do.FORGET:
            forgetting.dialog(visit, person)


def _badges(visit: Visit, person: Person) -> str:
    found = [f":{color}-badge[{role.value}]" for role, color in _COLORS.items() if role in person.roles]
    if person.id == visit.actor.user_id:
        found.insert(0, ":primary-badge[you]")
    if not person.is_active:
        found.append(":red-badge[:material/person_off: deactivated]")
    return " ".join(found)


def _facts(person: Person, teams: Mapping[str, str], spending: Sequence[str]) -> str:
    known = [plain(person.email)] if person.email and person.email != person.display_name else []
    if person.last_seen_at is not None:
        known.append(f"last here {ago(person.last_seen_at, utc_now())}")
    known += [plain(teams[team_id]) for team_id in person.team_ids if team_id in teams]
    return " · ".join([*(known or ["Not seen yet"]), *spending])


@st.dialog("Roles")
def _roles_dialog(visit: Visit, person: Person) -> None:
    with st.form("roles", border=False):
        st.markdown(f"What **{plain(person.display_name)}** may do.")
        st.pills(
            "Roles",
            list(Role),
            selection_mode="multi",
            default=[role for role in Role if role in person.roles],
            format_func=lambda role: role.value.capitalize(),
            key=Keys.ROLES,
            label_visibility="collapsed",
        )
        st.caption(_HELP)
        st.form_submit_button("Save", type="primary", on_click=_set_roles, args=(visit, person))
    outcome.close("roles", then=_PLACE)


def _set_roles(visit: Visit, person: Person) -> None:
    chosen = Session().chosen(Keys.ROLES)
    roles: Sequence[Role] = chosen if isinstance(chosen, list) else []

    def act() -> outcome.Outcome:
        left = visit.services.people.set_roles(visit.actor, person.id, roles).roles
        return outcome.Outcome(f"{plain(person.display_name)} has new roles.", undo=lambda: undo(left))

    def undo(left: frozenset[Role]) -> str:
        outcome.require_unchanged(visit.services.people.find(visit.actor, person.id).roles, left)
        visit.services.people.set_roles(visit.actor, person.id, person.roles)
        return f"{plain(person.display_name)} has the roles of before."

    outcome.of("roles", act)


def _deactivate(visit: Visit, person: Person) -> None:
    name = plain(person.display_name)

    def act() -> None:
        visit.services.people.deactivate(visit.actor, person.id)
        outcome.leave(_PLACE, outcome.Outcome(f"{name} is kept out.", undo=undo))

    def undo() -> str:
        visit.services.people.activate(visit.actor, person.id)
        return f"{name} can sign in again. Sessions and API tokens that ended stay ended."

    ask(
        f"Deactivate {name}?",
        "Their sessions and API tokens end everywhere within seconds. Conversations and keys stay for their return.",
        yes="Deactivate",
        act=act,
    )


def _activate(visit: Visit, person: Person) -> None:
    name = plain(person.display_name)

    def act() -> None:
        visit.services.people.activate(visit.actor, person.id)
        outcome.leave(_PLACE, outcome.Outcome(f"{name} can sign in again.", undo=undo))

    def undo() -> str:
        visit.services.people.deactivate(visit.actor, person.id)
        return f"{name} is kept out again."

    ask(
        f"Let {name} in again?",
        "They can sign in from now on. Their API tokens stay revoked.",
        yes="Activate",
        act=act,
        for_good=False,
    )
