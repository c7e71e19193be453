"""Keys that are sealed with their owner's passphrase: the box that seals one, and unlocking them for a session."""

from __future__ import annotations

import streamlit as st

from core.flags.capabilities import Capability
from pages import outcome
from pages.keys import fields
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "unlock"


def box(visit: Visit, name: str) -> None:
    """A box in a form that adds a key; it can be ticked while the person's keys are unlocked."""
    if not visit.services.flags.is_on(visit.actor, Capability.USER_SEALED_KEYS):
        return
    seals = visit.services.user_seals
    is_open = seals.is_unlocked(visit.actor)
    st.checkbox(
        "Seal it with my passphrase",
        key=name,
        disabled=not is_open,
        help="Then not even an admin with the database and the server's key can read it, nor anybody without your "
        "passphrase. You unlock your sealed keys once in each session.",
    )
    if not is_open:
        first = "unlock your keys" if seals.exists(visit.actor) else "choose one"
        st.caption(f"To seal it with a passphrase that only you know, {first} in the Security tab first.")


def is_ticked(name: str) -> bool:
    """Whether a `box` is ticked."""
    return Session().chosen(name) is True


def banner(visit: Visit) -> None:
    """Say that keys are locked, and offer to unlock them."""
    locked = _locked(visit)
    if not locked or not visit.services.flags.is_on(visit.actor, Capability.USER_SEALED_KEYS):
        return
    with (
        st.container(border=True, key=Keys.LOCKED_BANNER),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        keys = "One of your keys is" if locked == 1 else f"{locked} of your keys are"
        st.markdown(f":material/lock: {keys} sealed with your passphrase, and locked in this session.")
        if st.button("Unlock", key="unlock-here", type="primary"):
            unlock(visit)


def chip(visit: Visit) -> bool:
    """Above the chat: a way to unlock what calls need; says whether the question is open."""
    if not _locked(visit):
        return False
    with st.container(key=Keys.LOCKED, width="content"):
        asked = st.button("Unlock keys", icon=":material/lock:", type="tertiary", help="Sealed with your passphrase")
    if asked:
        unlock(visit)
    return asked


@st.dialog("Unlock your keys")
def unlock(visit: Visit) -> None:
    """Ask for the passphrase."""
    st.markdown("They stay unlocked in this session for 12 hours, or until you lock them or sign out.")
    with st.form("unlock", border=False):
        fields.passphrase("Passphrase", Keys.PASSPHRASE)
        st.form_submit_button("Unlock", type="primary", on_click=_unlock, args=(visit,))
    outcome.close(_PLACE)


def _unlock(visit: Visit) -> None:
    passphrase = Session().take(Keys.PASSPHRASE)

    def act() -> str:
        visit.services.user_seals.unlock(visit.actor, passphrase)
        return "Your keys are unlocked in this session."

    outcome.of(_PLACE, act)


def _locked(visit: Visit) -> int:
    """How many of the person's keys are locked."""
    seals = visit.services.user_seals
    # Most people have no passphrase; they need not pay for a look at every key in each run of the chat.
    if not seals.exists(visit.actor) or seals.is_unlocked(visit.actor):
        return 0
    return sum(item.is_locked and item.is_used for item in visit.services.keys.shelf(visit.actor))
