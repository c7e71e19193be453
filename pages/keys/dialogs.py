"""The dialogs that change a key: rotate it, set its expiry, look at its versions."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.shelf import KeyShelfItem
from data.values.secrets import VersionCard, VersionState
from pages import outcome
from pages.keys import fields, said
from pages.moments import zone
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "key"
_GRACES = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "Not at all": timedelta(0),
}
_AGAIN = "Enter the key again, too: it is not kept."


@st.dialog("Rotate the key")
def rotate(visit: Visit, item: KeyShelfItem) -> None:
    """Put another key in the place of one that is used."""
    st.markdown(f"Enter the new key of **{plain(item.label)}**. Calls use it at once.")
    if item.user_sealed:
        st.caption(":material/lock: It is sealed with your passphrase, as the one before was.")
    with st.form("rotate-key", border=False):
        fields.key("New key", Keys.NEW_KEY)
        fields.expiry(Keys.EXPIRY)
        st.selectbox(
            "Keep the old one",
            list(_GRACES),
            index=1,
            key=Keys.GRACE,
            help="Until then you can go back to it, should the new one not work. Revoke it at the provider, too.",
        )
        st.form_submit_button("Rotate", type="primary", on_click=_rotate, args=(visit, item))
    outcome.close(_PLACE)


def _rotate(visit: Visit, item: KeyShelfItem) -> None:
    session = Session()
    key = session.take(Keys.NEW_KEY)
    grace, expires_at = _GRACES[session.typed(Keys.GRACE)], fields.chosen_expiry(Keys.EXPIRY)

    def act() -> str:
        visit.services.keys.rotate(visit.actor, item.secret_id, key, grace=grace, expires_at=expires_at)
        return f"The new key of {plain(item.label)} is in use."

    outcome.of(_PLACE, act, once_more=_AGAIN)


@st.dialog("When the key expires")
def set_expiry(visit: Visit, item: KeyShelfItem) -> None:
    """Set, change or take away the date of the version in use."""
    st.markdown(f"The last day on which the key of **{plain(item.label)}** is sent.")
    with st.form("key-expiry", border=False):
        fields.expiry(Keys.EXPIRY, item.expires_at.astimezone(zone()).date() if item.expires_at else None)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if item.expires_at is not None:
                st.form_submit_button("Never expires", on_click=_set_expiry, args=(visit, item, True))
            st.form_submit_button("Save", type="primary", on_click=_set_expiry, args=(visit, item, False))
    outcome.close(_PLACE)


def _set_expiry(visit: Visit, item: KeyShelfItem, never: bool) -> None:
    expires_at = None if never else fields.chosen_expiry(Keys.EXPIRY)

    def act() -> str:
        visit.services.keys.set_expiry(visit.actor, item.secret_id, expires_at)
        return f"The key of {plain(item.label)} {'has a new date' if expires_at else 'does not expire'}."

    outcome.of(_PLACE, act)


@st.dialog("Versions of the key", width="medium")
def versions(visit: Visit, item: KeyShelfItem) -> None:
    """Every version that is kept, the newest first; those still good for something can be revoked."""
    outcome.say(_PLACE)
    cards = visit.services.keys.versions(visit.actor, item.secret_id)
    for card in cards:
        line, known = said.version(card)
        with st.container(horizontal=True, vertical_alignment="center", key=f"version-{card.version}"):
            with st.container(gap=None):
                st.markdown(line)
                st.caption(known)
            if card.state is VersionState.IN_GRACE:
                st.button("Go back to it", key=f"back-{card.version}", on_click=_fall_back, args=(visit, item))
            if card.state is not VersionState.REVOKED:
                _revoke_button(visit, item, card)


def _revoke_button(visit: Visit, item: KeyShelfItem, card: VersionCard) -> None:
    with st.popover("Revoke", type="tertiary", key=f"revoke-{card.version}"):
        st.caption("Gearbox never sends it again. Revoke it at the provider, too.")
        st.button(
            "Revoke it", key=f"for-good-{card.version}", type="primary", on_click=_revoke, args=(visit, item, card)
        )


def _revoke(visit: Visit, item: KeyShelfItem, card: VersionCard) -> None:
    def act() -> str:
        visit.services.keys.revoke(visit.actor, item.secret_id, card.version)
        return f"Version {card.version} is revoked."

    outcome.of(_PLACE, act)


def _fall_back(visit: Visit, item: KeyShelfItem) -> None:
    def act() -> str:
        visit.services.keys.fall_back(visit.actor, item.secret_id)
        return "The version before is in use again."

    outcome.of(_PLACE, act)
