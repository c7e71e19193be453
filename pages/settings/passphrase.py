"""The passphrase for keys: chosen, changed, locked, given up. It leaves its field before anything is done with it."""

from __future__ import annotations

import streamlit as st

from core.flags.capabilities import Capability
from core.vault.passphrase import MIN_PASSPHRASE_CHARS
from pages import outcome
from pages.asking import ask
from pages.keys import fields, sealing
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "passphrase"
_ADVICE = (
    f"At least {MIN_PASSPHRASE_CHARS} characters. Best are five or six words picked by dice or by a password manager, "
    "which nobody would guess together. Take none that you use elsewhere."
)
_FOR_EVER = (
    "**Nobody can recover it**: not you, not an admin, not the makers of Gearbox. Without it every key that is sealed "
    "with it is lost. Put it into a password manager, or write it down, now."
)
_DIFFERENT = "The two are not the same. Enter them again."


def draw(visit: Visit) -> None:
    """Draw where it stands, and what can be done."""
    seals, is_on = visit.services.user_seals, visit.services.flags.is_on(visit.actor, Capability.USER_SEALED_KEYS)
    if not is_on and not seals.exists(visit.actor):
        return
    st.subheader("Passphrase for keys", anchor=False)
    if not is_on:
        st.info(
            "An admin has switched sealed keys off. Yours are kept, and can't be unlocked meanwhile.",
            icon=":material/toggle_off:",
        )
    if not seals.exists(visit.actor):
        st.caption(
            "With a passphrase that only you know you can seal keys of your own, so that nobody who has the database "
            "and the server's key can read them."
        )
        if st.button("Choose a passphrase", icon=":material/password:"):
            _choose(visit)
    else:
        _state(visit, is_open=seals.is_unlocked(visit.actor))
    outcome.say(_PLACE)


def _state(visit: Visit, *, is_open: bool) -> None:
    sealed = sum(item.user_sealed for item in visit.services.keys.shelf(visit.actor))
    keys = "1 key is" if sealed == 1 else f"{sealed or 'No'} keys are"
    with st.container(border=True, key="passphrase-card"):
        badge = ":green-badge[:material/lock_open: unlocked]" if is_open else ":gray-badge[:material/lock: locked]"
        st.markdown(f":material/password: **Your passphrase** {badge}")
        until = " Unlocked in this session, for 12 hours at most." if is_open else ""
        st.caption(f"{keys} sealed with it.{until}")
        with st.container(horizontal=True):
            if is_open:
                st.button("Lock", icon=":material/lock:", on_click=_lock, args=(visit,))
            elif st.button("Unlock", icon=":material/lock_open:", type="primary"):
                sealing.unlock(visit)
            if st.button("Change"):
                _change(visit)
            if st.button("Discard"):
                _discard(visit, sealed)


@st.dialog("Choose a passphrase")
def _choose(visit: Visit) -> None:
    st.warning(_FOR_EVER, icon=":material/warning:")
    with st.form("choose-passphrase", border=False):
        fields.passphrase("Passphrase", Keys.NEW_PASSPHRASE, is_new=True)
        st.caption(_ADVICE)
        fields.passphrase("The same again", Keys.PASSPHRASE_AGAIN, is_new=True)
        st.form_submit_button("Choose it", type="primary", on_click=_create, args=(visit,))
    outcome.close(_PLACE)


def _new() -> str | None:
    """The new passphrase, out of its two fields; None, which is told, where they differ."""
    session = Session()
    new, again = session.take(Keys.NEW_PASSPHRASE), session.take(Keys.PASSPHRASE_AGAIN)
    if new == again:
        return new
    outcome.refuse(_PLACE, _DIFFERENT)
    return None


def _create(visit: Visit) -> None:
    if (new := _new()) is None:
        return

    def act() -> str:
        visit.services.user_seals.create(visit.actor, new)
        return "You have a passphrase, and it is unlocked. Tick the box when you add a key to seal it."

    outcome.of(_PLACE, act)


@st.dialog("Change the passphrase")
def _change(visit: Visit) -> None:
    st.warning(_FOR_EVER, icon=":material/warning:")
    with st.form("change-passphrase", border=False):
        fields.passphrase("Passphrase until now", Keys.PASSPHRASE)
        fields.passphrase("New passphrase", Keys.NEW_PASSPHRASE, is_new=True)
        st.caption(_ADVICE)
        fields.passphrase("The same again", Keys.PASSPHRASE_AGAIN, is_new=True)
        st.form_submit_button("Change", type="primary", on_click=_replace, args=(visit,))
    outcome.close(_PLACE)


def _replace(visit: Visit) -> None:
    old = Session().take(Keys.PASSPHRASE)
    if (new := _new()) is None:
        return

    def act() -> str:
        visit.services.user_seals.change(visit.actor, old, new)
        return "Your passphrase is another one. Keys stay as they are; your other sessions are locked."

    outcome.of(_PLACE, act)


def _lock(visit: Visit) -> None:
    def act() -> str:
        visit.services.user_seals.lock(visit.actor)
        return "Your keys are locked in this session."

    outcome.of(_PLACE, act)


def _discard(visit: Visit, sealed: int) -> None:
    keys = "The key that is" if sealed == 1 else f"The {sealed} keys that are"
    lost = f"{keys} sealed with it {'is' if sealed == 1 else 'are'} deleted, too." if sealed else ""
    ask(
        "Discard the passphrase?",
        f"{lost} You can choose another one afterwards. Keys without a seal stay.".strip(),
        yes="Discard it",
        act=lambda: visit.services.user_seals.discard(visit.actor),
    )
