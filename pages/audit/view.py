"""Where in the log the person is: the page in view, the row that was opened, and what the filters say."""

from __future__ import annotations

import streamlit as st

from data.values.audit_search import AuditCursor
from pages.audit.period import ALL_TIME
from pages.widget_keys import Keys

_CHOICES = (Keys.AUDIT_ACTIONS, Keys.AUDIT_OUTCOMES, Keys.AUDIT_SURFACES)


class View:
    """Reads and writes the page's part of the browser session."""

    @property
    def way(self) -> tuple[AuditCursor, ...]:
        """The way from the newest page to the one in view."""
        way: tuple[AuditCursor, ...] = st.session_state.get(Keys.AUDIT_PAGES, ())
        return way

    @property
    def cursor(self) -> AuditCursor | None:
        """Where the page in view begins; None for the newest."""
        return self.way[-1] if self.way else None

    def older(self, cursor: AuditCursor) -> None:
        """Go on to an older page."""
        st.session_state[Keys.AUDIT_PAGES] = (*self.way, cursor)

    def newer(self) -> None:
        """Go back to the page before."""
        st.session_state[Keys.AUDIT_PAGES] = self.way[:-1]

    def newest(self) -> None:
        """Go back to the newest page."""
        st.session_state[Keys.AUDIT_PAGES] = ()

    def open_row(self) -> None:
        """Have the next run open the row that was chosen; only from a callback."""
        cells = st.session_state[Keys.AUDIT_ROWS].selection.cells
        st.session_state[Keys.AUDIT_ROW] = cells[0][0] if cells else None

    def take_row(self) -> int | None:
        """The row to open, once."""
        row: int | None = st.session_state.pop(Keys.AUDIT_ROW, None)
        return row

    @property
    def chosen(self) -> int:
        """How many filters are set behind the button."""
        set_ones = sum(bool(st.session_state.get(key)) for key in _CHOICES)
        return set_ones + bool(st.session_state.get(Keys.AUDIT_INTENTS))

    def search(self, text: str) -> None:
        """Show everything about `text`, and nothing else narrows it; only from a callback."""
        for key in _CHOICES:
            st.session_state[key] = []
        st.session_state[Keys.AUDIT_PERIOD] = ALL_TIME
        st.session_state[Keys.AUDIT_SEARCH] = text
        st.session_state[Keys.AUDIT_INTENTS] = bool(text)
        self.newest()
