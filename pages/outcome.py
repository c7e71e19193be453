"""What came of something that a callback did, said where the person did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.errors import GearboxError
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of what the person did. `words` are Markdown of ours, foreign text in them escaped.

    `undo` takes it back, and returns what to say then; None where that can't be done.
    """

    words: str
    failed: bool = False
    undo: Callable[[], str] | None = None


def of(place: str, act: Callable[[], str | Outcome], *, once_more: str = "") -> bool:
    """In a callback: do something, and leave for `place` what it returns, or why it was refused.

    Args:
        place: where `say` or `close` will be called in this very run.
        act: does it; returns Markdown of ours, or that with the way to undo it.
        once_more: what to add to a refusal.

    Returns whether it was done.
    """
    try:
        done = act()
    except GearboxError as error:
        Session().leave(place, Outcome(plain(f"{error.explain()} {once_more}".strip()), failed=True))
        return False
    leave(place, done)
    return True


def leave(place: str, done: str | Outcome) -> None:
    """Leave for `place` what was done."""
    Session().leave(place, done if isinstance(done, Outcome) else Outcome(done))


def say(place: str) -> None:
    """Say what was left for this place, once; with the way back where there is one."""
    outcome = Session().take_outcome(place)
    if outcome is None:
        return
    if outcome.failed:
        st.error(outcome.words, icon=":material/error:")
    elif outcome.undo is None:
        st.success(outcome.words, icon=":material/check_circle:")
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"{Keys.UNDO}-row-{place}"):
            st.success(outcome.words, icon=":material/check_circle:", width="stretch")
            back = partial(_take_back, place, outcome.undo)
            st.button("Undo", icon=":material/undo:", key=f"{Keys.UNDO}-{place}", on_click=back)


def _take_back(place: str, undo: Callable[[], str]) -> None:
    of(place, undo)


def close(place: str, *, then: str = "") -> None:
    """In a dialog: close it when what it is for was done, else say why not.

    Args:
        then: a place of the page behind it, where it is said what was done; a toast where there is none.
    """
    outcome = Session().take_outcome(place)
    if outcome is None:
        return
    if outcome.failed:
        st.error(outcome.words, icon=":material/error:")
        return
    if then:
        Session().leave(then, outcome)
    else:
        st.toast(outcome.words, icon=":material/check:")
    st.rerun()


def refuse(place: str, words: str) -> None:
    """In a callback: leave for `place` that nothing was done, and why."""
    Session().leave(place, Outcome(words, failed=True))


def require_unchanged(now: object, left: object) -> None:
    """Before something is taken back: it must be as it was left. Raises GearboxError."""
    if now != left:
        raise GearboxError("This was changed again meanwhile.", "Look at it, and change it there.")
