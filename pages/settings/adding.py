"""Adding a connection. A key leaves its field, and the session, before anything else is done with it."""

from __future__ import annotations

import streamlit as st

from core.providers.directory import PROVIDERS
from data.values.models import Endpoint
from pages import outcome
from pages.keys import fields, sealing
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "adding"
_AGAIN = "Enter the key again, too: it is not kept."


def draw(visit: Visit) -> None:
    """Draw both forms, and what came of the one that was sent."""
    by_key, by_address = st.tabs(
        ["Add a provider key", "Add an OpenAI-compatible server"], key=Keys.ADD_TABS, on_change="rerun"
    )
    with by_key, st.form("add-provider", border=True):
        st.selectbox("Provider", list(PROVIDERS), format_func=lambda slug: PROVIDERS[slug].label, key=Keys.PROVIDER)
        fields.key("Key", Keys.PROVIDER_KEY)
        fields.expiry(Keys.PROVIDER_EXPIRY)
        sealing.box(visit, Keys.PROVIDER_SEAL)
        st.caption("The key is encrypted before it is stored. Afterwards only its last four characters are shown.")
        st.form_submit_button("Add", type="primary", on_click=_add_provider, args=(visit,))
    with by_address, st.form("add-server", border=True):
        st.text_input("Name", placeholder="Team server", key=Keys.SERVER_NAME)
        st.text_input("Base URL", placeholder="https://models.example.org/v1", key=Keys.SERVER_URL)
        fields.key("Key (if it needs one)", Keys.SERVER_KEY)
        fields.expiry(Keys.SERVER_EXPIRY)
        sealing.box(visit, Keys.SERVER_SEAL)
        st.form_submit_button("Add", type="primary", on_click=_add_server, args=(visit,))
    outcome.say(_PLACE)


def _add_provider(visit: Visit) -> None:
    session = Session()
    key, slug = session.take(Keys.PROVIDER_KEY), session.typed(Keys.PROVIDER)
    expires_at, is_sealed = fields.chosen_expiry(Keys.PROVIDER_EXPIRY), sealing.is_ticked(Keys.PROVIDER_SEAL)

    def act() -> str:
        keys = visit.services.keys
        return _added(keys.add(visit.actor, slug, key, expires_at=expires_at, user_sealed=is_sealed))

    if outcome.of(_PLACE, act, once_more=_AGAIN if key else ""):
        session.empty(Keys.PROVIDER_EXPIRY)


def _add_server(visit: Visit) -> None:
    session = Session()
    key = session.take(Keys.SERVER_KEY)
    name, url = session.typed(Keys.SERVER_NAME), session.typed(Keys.SERVER_URL)
    expires_at, is_sealed = fields.chosen_expiry(Keys.SERVER_EXPIRY), sealing.is_ticked(Keys.SERVER_SEAL)

    def act() -> str:
        keys, own = visit.services.keys, key or None
        return _added(keys.add_server(visit.actor, name, url, own, expires_at=expires_at, user_sealed=is_sealed))

    if outcome.of(_PLACE, act, once_more=_AGAIN if key else ""):
        session.clear(Keys.SERVER_NAME, Keys.SERVER_URL)
        session.empty(Keys.SERVER_EXPIRY)


def _added(endpoint: Endpoint) -> str:
    return f"{plain(endpoint.label)} added. Test it to be sure."
