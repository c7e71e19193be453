"""Which people, of which weeks, the person wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from data.analytics.people_values import Rhythm, Stretch
from pages.people.address import Address
from pages.people.view import View
from pages.session import Session
from pages.widget_keys import Keys

_STRETCHES = {each: str(each.weeks) for each in Stretch} | {Stretch.YEAR: "52 weeks"}
_RHYTHMS = {Rhythm.DAY: "Day", Rhythm.WEEK: "Week", Rhythm.MONTH: "Month"}
_UNKNOWN = "Another team"


def stretch(address: Address) -> None:
    """Draw the choice of the weeks."""
    _control("Weeks", _STRETCHES, Keys.PEOPLE_STRETCH, address.stretch)


def rhythm(address: Address) -> None:
    """Draw the choice of what active people are counted by."""
    _control("By", _RHYTHMS, Keys.PEOPLE_BY, address.by)


def team(address: Address, teams: Mapping[str, str]) -> None:
    """Draw the choice of the team; `teams` are names by id."""
    options = list(teams) + ([address.team] if address.team and address.team not in teams else [])
    if not options:
        return
    View().fill({Keys.PEOPLE_TEAM: address.team or None})
    st.selectbox(
        "Team", options, None, key=Keys.PEOPLE_TEAM, format_func=lambda each: teams.get(each, _UNKNOWN),
        on_change=_changed, placeholder="All teams", label_visibility="collapsed", width=280,
    )  # fmt: skip


def clear() -> None:
    """Show the people of all teams; only from a callback."""
    View().go(replace(View().readable(), team=""))


def _control(label: str, options: Mapping[Any, str], key: str, value: object) -> None:
    View().fill({key: value})
    st.segmented_control(
        label, list(options), key=key, required=True, format_func=options.__getitem__, on_change=_changed,
        label_visibility="collapsed",
    )  # fmt: skip


def _changed() -> None:
    session, before = Session(), View().readable()
    stretch_, by = session.chosen(Keys.PEOPLE_STRETCH), session.chosen(Keys.PEOPLE_BY)
    View().go(
        Address(
            stretch_ if isinstance(stretch_, Stretch) else before.stretch,
            session.typed(Keys.PEOPLE_TEAM),
            by if isinstance(by, Rhythm) else before.by,
        )
    )
