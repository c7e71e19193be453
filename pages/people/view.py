"""Where on the page the person is. The address says it, so that Back, a reload and a shared link all show the same.

Fields are set from the address before they are drawn, and write to it when they change.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.people.address import Address, Unreadable, read, written
from pages.widget_keys import Keys


class View:
    """Reads and writes the page's part of the browser session."""

    @property
    def address(self) -> Address:
        """What the address says. Raises Unreadable."""
        return read({name: st.query_params.get_all(name) for name in st.query_params})

    def readable(self) -> Address:
        """The same; the default view where it can't be read."""
        try:
            return self.address
        except Unreadable:
            return Address()

    def go(self, address: Address) -> None:
        """Have the next run show this; the browser's Back leads here again."""
        st.query_params.from_dict(written(address))

    def show_address(self) -> None:
        """Have the browser's address bar say where a link on this page led to; one that can't be read stays to be told.

        A link to the page in view takes the reader there, but leaves the address as it was (Streamlit 1.67).
        """
        try:
            here = written(self.address)
        except Unreadable:
            return
        if st.session_state.setdefault(Keys.PEOPLE_ADDRESS, here) != here:
            st.query_params.from_dict(here)
        st.session_state[Keys.PEOPLE_ADDRESS] = here

    def fill(self, values: Mapping[str, object]) -> None:
        """Put what the address says into fields, before they are drawn."""
        for key, value in values.items():
            if key not in st.session_state or st.session_state[key] != value:
                st.session_state[key] = value
