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
    outcome.say(_PLACE)
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
