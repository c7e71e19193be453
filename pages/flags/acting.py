"""Things that are done in a dialog: with a reason, and with what went wrong said where it was asked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import GearboxError
from pages.outcome import Outcome
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

PLACE = "flags"
"""Where `pages.outcome` says what came of it."""


def asked(question: str, words: str, *, yes: str, act: Callable[[str], object], done: str, needed: bool = True) -> None:
    """Open a dialog that asks for a reason and then does `act` with it.

    Args:
        words: what will happen, in Markdown of ours.
        needed: nothing is done without a reason.
        done: what is said afterwards, in Markdown of ours.
    """

    @st.dialog(question)
    def dialog() -> None:
        st.markdown(words)
        why = st.text_input("Why", key=Keys.FLAG_WHY, max_chars=500, help="It stays in the history.")
        refusal = st.empty()
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel"):
                st.rerun()
            agreed = st.button(yes, type="primary", key="for-good" if needed else "agreed")
        if agreed and tried(lambda: act(why), refusal, done):
            st.rerun()

    dialog()


def tried(act: Callable[[], object], refusal: st.delta_generator.DeltaGenerator, done: str) -> bool:
    """Do something in a dialog; a refusal is said there, success on the page."""
    try:
        act()
    except GearboxError as error:
        refusal.error(plain(error.explain()), icon=":material/error:")
        return False
    Session().leave(PLACE, Outcome(done))
    return True
