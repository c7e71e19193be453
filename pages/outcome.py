"""What came of something that a callback did, said where the person did it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import GearboxError
from pages.plain import plain
from pages.session import Outcome, Session


def of(place: str, act: Callable[[], str], *, once_more: str = "") -> bool:
    """In a callback: do something, and leave for `place` what it returns, or why it was refused.

    Args:
        place: where `say` or `close` will be called in this very run.
        act: does it; returns Markdown of ours.
        once_more: what to add to a refusal.

    Returns whether it was done.
    """
    try:
        words = act()
    except GearboxError as error:
        Session().leave(place, Outcome(plain(f"{error.explain()} {once_more}".strip()), failed=True))
        return False
    Session().leave(place, Outcome(words))
    return True


def say(place: str) -> None:
    """Say what was left for this place, once."""
    outcome = Session().take_outcome(place)
    if outcome is None:
        return
    if outcome.failed:
        st.error(outcome.words, icon=":material/error:")
    else:
        st.success(outcome.words, icon=":material/check_circle:")


def close(place: str) -> None:
    """In a dialog: close it when what it is for was done, else say why not."""
    outcome = Session().take_outcome(place)
    if outcome is None:
        return
    if outcome.failed:
        st.error(outcome.words, icon=":material/error:")
        return
    st.toast(outcome.words, icon=":material/check:")
    st.rerun()


def refuse(place: str, words: str) -> None:
    """In a callback: leave for `place` that nothing was done, and why."""
    Session().leave(place, Outcome(words, failed=True))
