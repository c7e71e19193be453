"""Where somebody else is signed in, and with which API tokens their programs come in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.clock import utc_now
from data.values.people import Person
from pages import browsers, outcome
from pages.plain import plain
from pages.visit import Visit

_PLACE = "access-of"


@st.dialog("Sessions and tokens")
def dialog(visit: Visit, person: Person) -> None:
    """List both; each can be ended."""
    st.markdown(f"How **{plain(person.display_name)}** comes in.")
    sessions = visit.services.sessions.list(visit.actor, person.id)
    tokens = [token for token in visit.services.tokens.list(visit.actor, person.id) if token.revoked_at is None]
    for card in sessions:
        _line(
            f":material/devices: {browsers.name(card.user_agent)}",
            browsers.facts(card, utc_now()),
            "Sign out",
            card.id[:16],
            partial(visit.services.sessions.revoke, visit.actor, card.id),
        )
    for token in tokens:
        _line(
            f":material/vpn_key: {plain(token.name)} `gbx_…{token.last4}`",
            ", ".join(sorted(scope.replace("_", " ") for scope in token.scopes)),
            "Revoke",
            token.id,
            partial(visit.services.tokens.revoke, visit.actor, token.id),
        )
    if not sessions and not tokens:
        st.caption("Nowhere signed in, and no token is good.")
    if sessions:
        _everywhere(visit, person, len(sessions))
    outcome.say(_PLACE)


def _everywhere(visit: Visit, person: Person, count: int) -> None:
    """All at once, asked first: it may be a phone in a meeting."""
    with st.popover("Sign out everywhere", icon=":material/logout:"):
        own = " You are signed out here, too." if person.id == visit.actor.user_id else ""
        several = "1 browser is" if count == 1 else f"{count} browsers are"
        st.markdown(f"{several} signed out within seconds.{own} API tokens stay good.")
        st.button("Sign out everywhere", type="primary", key="for-good", on_click=_end_all, args=(visit, person))


def _end_all(visit: Visit, person: Person) -> None:
    def act() -> str:
        ended = visit.services.sessions.revoke_all(visit.actor, person.id)
        return f"{ended} {'session has' if ended == 1 else 'sessions have'} ended."

    outcome.of(_PLACE, act)


def _line(title: str, known: str, verb: str, name: str, end: Callable[[], object]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"way-in-{name}"):
        with st.container(gap=None):
            st.markdown(title)
            st.caption(known)
        st.button(verb, key=f"end-{name}", on_click=_end, args=(end,))


def _end(end: Callable[[], object]) -> None:
    def act() -> str:
        end()
        return "Ended. It is refused everywhere within seconds."

    outcome.of(_PLACE, act)
