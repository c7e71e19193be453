"""Asking before something that can't be taken back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import GearboxError


def ask(question: str, words: str, *, yes: str, act: Callable[[], object], for_good: bool = True) -> None:
    """Open a dialog that does `act` when the person agrees, and stays open with the reason when that is refused.

    Args:
        question: the dialog's title.
        words: what will happen, in Markdown of ours.
        yes: what the button that agrees says.
        act: does it.
        for_good: it can't be undone; the button says so by its colour.
    """

    @st.dialog(question)
    def dialog() -> None:
        st.markdown(words)
        refusal = st.empty()
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel"):
                st.rerun()
            agreed = st.button(yes, type="primary", key="for-good" if for_good else "agreed")
        if not agreed:
            return
        try:
            act()
        except GearboxError as error:
            refusal.error(error.explain(), icon=":material/error:")
            return
        st.rerun()

    dialog()
