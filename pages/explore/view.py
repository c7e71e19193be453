"""Where on the page the person is, and what they asked last.

The address says where, so that Back, a reload and a shared link all show the same. What a statement came to is kept in
the browser session: drawing it as a chart instead of a table does not run it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from core.clock import utc_now
from core.explore import Answer
from pages.explore.address import Address, read, written
from pages.figures.place import Place
from pages.widget_keys import Keys

_FRESH = timedelta(minutes=1)


class View(Place[Address]):
    """Reads and writes the page's part of the browser session."""

    def __init__(self) -> None:
        super().__init__(read, written, Address(), Keys.EXPLORE_ADDRESS)

    @property
    def statement(self) -> str:
        """What the editor holds. It outlives a visit of the other tab, which takes the field away."""
        kept: str = st.session_state.get(Keys.EXPLORE_TEXT, "")
        return kept

    @statement.setter
    def statement(self, sql: str) -> None:
        st.session_state[Keys.EXPLORE_TEXT] = sql

    @property
    def restored(self) -> str | None:
        """What was put back into the editor after a reload; None: that was not looked for yet."""
        kept: str | None = st.session_state.get(Keys.EXPLORE_RESTORED)
        return kept

    @restored.setter
    def restored(self, sql: str) -> None:
        st.session_state[Keys.EXPLORE_RESTORED] = sql

    @property
    def asked(self) -> str:
        """The statement that was run last; empty: none."""
        kept: str = st.session_state.get(Keys.EXPLORE_ASKED, "")
        return kept

    @asked.setter
    def asked(self, sql: str) -> None:
        st.session_state[Keys.EXPLORE_ASKED] = sql
        st.session_state.pop(Keys.EXPLORE_ANSWER, None)

    @property
    def loaded(self) -> str:
        """Id of the saved question that the editor was filled from."""
        kept: str = st.session_state.get(Keys.EXPLORE_LOADED, "")
        return kept

    @loaded.setter
    def loaded(self, query_id: str) -> None:
        st.session_state[Keys.EXPLORE_LOADED] = query_id

    def answer(self, sql: str, *, stays: bool) -> Answer | None:
        """What this statement came to, if it was the last one; with `stays` however long ago that was."""
        kept: tuple[Answer, datetime] | None = st.session_state.get(Keys.EXPLORE_ANSWER)
        if kept is None or kept[0].sql != sql or not (stays or utc_now() - kept[1] < _FRESH):
            return None
        return kept[0]

    def keep(self, answer: Answer) -> None:
        """Keep it, in the place of the one before."""
        st.session_state[Keys.EXPLORE_ANSWER] = answer, utc_now()

    def values(self, of: object) -> tuple[str, ...] | None:
        """The values of a dimension, where they were looked up a while ago."""
        kept: dict[object, tuple[str, ...]] = st.session_state.setdefault(Keys.EXPLORE_VALUES, {})
        return kept.get(of)

    def keep_values(self, of: object, values: tuple[str, ...]) -> None:
        """Keep them for this visit."""
        kept: dict[object, tuple[str, ...]] = st.session_state.setdefault(Keys.EXPLORE_VALUES, {})
        kept[of] = values
