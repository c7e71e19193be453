"""How long the usage figures keep their rows, by kind and by team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import GearboxError
from core.retention.rules import MOST_DAYS, RuleCard
from data.values.retention import KINDS, OF_TEAMS
from pages import outcome
from pages.asking import ask
from pages.moments import day
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

if TYPE_CHECKING:
    from data.warehouse.expiring import Expiring

_PLACE = "retention"
_DIALOG = "retention-rule"
_USUAL = 400
_EVERYBODY = ""


class _Do(StrEnum):
    """As the menu says it."""

    CHANGE = ":material/edit: Change"
    TEAM = ":material/group_add: Other days for a team"
    CLEAR = ":material/all_inclusive: Keep for ever"


def draw(visit: Visit) -> None:
    """Draw the part."""
    st.subheader("How long usage is kept", anchor=False)
    st.caption(
        "The figures behind Usage, Performance and Explore. Older rows are removed every day; what is on hold stays. "
        "Conversations are not removed by age: they are their people's."
    )
    outcome.say(_PLACE)
    cards = visit.services.retention.rules.list(visit.actor)
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    of_everybody = {card.rule.kind: card for card in cards if card.rule.team_id is None}
    with st.container(border=True, key="retention", gap="small"):
        for kind, words in KINDS.items():
            _row(visit, kind, of_everybody.get(kind), f"**{words.capitalize()}**", teams)
            for card in [each for each in cards if each.rule.kind == kind and each.rule.team_id is not None]:
                name = plain(card.team) if card.team else "A team that is gone"
                _row(visit, kind, card, f":material/subdirectory_arrow_right: {name}", teams)


def _row(visit: Visit, kind: str, card: RuleCard | None, title: str, teams: Mapping[str, str]) -> None:
    team_id = card.rule.team_id if card else None
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{kind}-{team_id or 'all'}"):
        st.markdown(title, width="stretch")
        st.markdown(f"{card.rule.days:,} days" if card else ":gray[for ever]", width="content")
        chosen = st.menu_button(
            "Manage",
            _offered(kind, card, teams),
            icon=":material/more_vert:",
            type="tertiary",
            key=f"manage-{kind}-{team_id or 'all'}",
        )
    match chosen:
        case _Do.CHANGE:
            _dialog(visit, kind, card, teams, team_id or _EVERYBODY)
        case _Do.TEAM:
            _dialog(visit, kind, None, teams, None)
        case _Do.CLEAR:
            _clear(visit, kind, team_id, title)


def _offered(kind: str, card: RuleCard | None, teams: Mapping[str, str]) -> Sequence[str]:
    offered = [_Do.CHANGE]
    if kind in OF_TEAMS and teams and (card is None or card.rule.team_id is None):
        offered.append(_Do.TEAM)
    return [*offered, _Do.CLEAR] if card else offered


def _dialog(visit: Visit, kind: str, card: RuleCard | None, teams: Mapping[str, str], team_id: str | None) -> None:
    """Ask for how long; `team_id` None lets one choose a team."""

    @st.dialog(f"How long to keep {KINDS[kind]}")
    def opened() -> None:
        whose = team_id
        if team_id is None:
            whose = st.selectbox(
                "Team", list(teams), None, format_func=teams.__getitem__, key=Keys.KEEP_TEAM, placeholder="Choose"
            )
        elif team_id:
            st.caption(f"Of the team {plain(teams.get(team_id, 'that is gone'))}")
        days = st.number_input(
            "Days", 1, MOST_DAYS, card.rule.days if card else _USUAL, key=f"{Keys.KEEP_DAYS}-{kind}-{team_id}"
        )
        if whose is not None:
            _agree(visit, kind, int(days), whose or None)
        outcome.close(_DIALOG, then=_PLACE)

    opened()


def _agree(visit: Visit, kind: str, days: int, team_id: str | None) -> None:
    """Say what goes, and set the rule when the person agrees."""
    try:
        found = visit.services.retention.rules.preview(visit.actor, kind, days, team_id)
    except GearboxError as error:
        st.warning(f"What this removes can't be counted now. {plain(error.explain())}", icon=":material/warning:")
        goes, words = True, "Set the rule"
    else:
        st.markdown(_expected(found))
        goes = found.rows > 0
        words = "Remove them" if goes else "Set the rule"
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            words,
            type="primary",
            key="for-good" if goes else "agreed",
            on_click=_set,
            args=(visit, kind, days, team_id),
        )


def _expected(found: Expiring) -> str:
    held = f" On hold, so kept: {_rows(found.held)}." if found.held else ""
    if not found.rows or found.oldest is None:
        return f"This removes nothing now.{held}"
    return f"This removes **{_rows(found.rows)}**, the oldest of {day(found.oldest)}. It can't be undone.{held}"


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _set(visit: Visit, kind: str, days: int, team_id: str | None) -> None:
    rules = visit.services.retention.rules

    def kept() -> int | None:
        of = {(card.rule.kind, card.rule.team_id): card.rule.days for card in rules.list(visit.actor)}
        return of.get((kind, team_id))

    def act() -> outcome.Outcome:
        before = kept()
        rules.set(visit.actor, kind, days, team_id)
        words = f"{KINDS[kind].capitalize()} are kept for {days:,} days. What is older goes within seconds."
        return outcome.Outcome(words, undo=partial(undo, before))

    def undo(before: int | None) -> str:
        outcome.require_unchanged(kept(), days)
        if before is None:
            rules.clear(visit.actor, kind, team_id)
        else:
            rules.set(visit.actor, kind, before, team_id)
        return "The rule is what it was before. Rows that are gone stay gone."

    outcome.of(_DIALOG, act)


def _clear(visit: Visit, kind: str, team_id: str | None, title: str) -> None:
    words = (
        "It is kept as everybody's rows are." if team_id else "Nothing is removed any more. What is gone stays gone."
    )
    ask(
        "Remove this rule?",
        f"{title}: {words}",
        yes="Remove the rule",
        act=lambda: visit.services.retention.rules.clear(visit.actor, kind, team_id),
        for_good=False,
    )
