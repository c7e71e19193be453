"""The Shared keys tab: keys of the organisation and of teams."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.providers.directory import PROVIDERS
from core.shelf import KeyShelfItem
from data.values.calls import KeyOwner
from data.values.models import Endpoint
from pages import outcome
from pages.keys import fields, menu, said
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "shared-keys"
_AGAIN = "Enter the key again, too: it is not kept."
_ORGANISATION = ""
_OTHER = ""


def draw(visit: Visit) -> None:
    """Draw the tab."""
    st.caption(
        "For everybody who has no nearer key: a person's own is used first, then their team's, then the organisation's."
    )
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    items = visit.services.keys.shared(visit.actor)
    for item in items:
        with st.container(border=True, key=f"shared-{item.secret_id}"):
            _key(visit, item, teams)
    outcome.say(_PLACE)
    _add(visit, teams, expanded=not items)


def _key(visit: Visit, item: KeyShelfItem, teams: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f":material/key: **{plain(item.label)}** {said.badges(item, teams)}")
            st.caption(" · ".join([f"`{item.origin}`", *said.facts(item)]))
        menu.draw(visit, item, item.endpoint)


def _add(visit: Visit, teams: Mapping[str, str], *, expanded: bool) -> None:
    with st.expander("Add a shared key", expanded=expanded, icon=":material/add:"):
        provider = st.selectbox(
            "Provider",
            [*PROVIDERS, _OTHER],
            format_func=lambda slug: PROVIDERS[slug].label if slug else "An OpenAI-compatible server",
            key=Keys.SHARED_PROVIDER,
        )
        with st.form("add-shared", border=False):
            st.selectbox(
                "For",
                [_ORGANISATION, *teams],
                format_func=lambda team_id: f"The team {teams[team_id]}" if team_id else "The whole organisation",
                key=Keys.SHARED_OWNER,
            )
            if provider == _OTHER:
                st.text_input("Name", placeholder="Team server", key=Keys.SHARED_NAME)
                st.text_input("Base URL", placeholder="https://models.example.org/v1", key=Keys.SHARED_URL)
            fields.key("Key", Keys.SHARED_KEY)
            fields.expiry(Keys.SHARED_EXPIRY)
            st.form_submit_button("Add", type="primary", on_click=_added, args=(visit,))


def _added(visit: Visit) -> None:
    session = Session()
    key = session.take(Keys.SHARED_KEY)

    def act() -> str:
        endpoint = _connected(visit, session, key)
        return f"{plain(endpoint.label)} is there for {'a team' if endpoint.owner is KeyOwner.TEAM else 'everybody'}."

    if outcome.of(_PLACE, act, once_more=_AGAIN if key else ""):
        session.clear(Keys.SHARED_NAME, Keys.SHARED_URL)
        session.empty(Keys.SHARED_EXPIRY)


def _connected(visit: Visit, session: Session, key: str) -> Endpoint:
    team_id, provider = session.typed(Keys.SHARED_OWNER), session.typed(Keys.SHARED_PROVIDER)
    owner = KeyOwner.TEAM if team_id else KeyOwner.ORGANISATION
    expires_at = fields.chosen_expiry(Keys.SHARED_EXPIRY)
    if provider:
        return visit.services.keys.add_shared(visit.actor, owner, team_id, provider, key, expires_at=expires_at)
    return visit.services.keys.add_shared_server(
        visit.actor,
        owner,
        team_id,
        label=session.typed(Keys.SHARED_NAME),
        base_url=session.typed(Keys.SHARED_URL),
        key=key or None,
        expires_at=expires_at,
    )
