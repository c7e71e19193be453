"""Where on the page the person is. The address says it, so that Back, a reload and a shared link all show the same.

Fields are set from the address before they are drawn, and write to it when they change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from pages.models.address import Address, read, written
from pages.widget_keys import Keys


class View:
    """Reads and writes the page's part of the browser session."""

    @property
    def address(self) -> Address:
        """What the address says."""
        return read({name: st.query_params.get_all(name) for name in st.query_params})

    def go(self, address: Address) -> None:
        """Have the next run show this; the browser's Back leads here again."""
        st.query_params.from_dict(written(address))

    def show_address(self) -> None:
        """Have the browser's address bar say where a link on this page led to.

        A link to the page in view takes the reader there, but leaves the address as it was (Streamlit 1.67).
        """
        here = written(self.address)
        if st.session_state.setdefault(Keys.MODEL_ADDRESS, here) != here:
            st.query_params.from_dict(here)
        st.session_state[Keys.MODEL_ADDRESS] = here

    def fill(self, values: Mapping[str, object]) -> None:
        """Put what the address says into fields, before they are drawn."""
        for key, value in values.items():
            # Only what differs: setting a field that is being typed into would take back the newest letters.
            if st.session_state.get(key) != value or key not in st.session_state:
                st.session_state[key] = value

    @property
    def way(self) -> tuple[str, ...]:
        """Cursors of the pages through which the person came to the one in view; the first page's is empty."""
        way, cursor = st.session_state.get(Keys.MODEL_PAGES, ((), ""))
        return way if cursor == self.address.query.cursor else ()

    @property
    def is_way_known(self) -> bool:
        """Whether the way begins with the first page; a shared address may lead into the middle."""
        way = self.way
        return not self.address.query.cursor or way[:1] == ("",)

    def page_to(self, cursor: str, way: tuple[str, ...]) -> None:
        """Show another page of the list, reached by `way`; only from a callback."""
        st.session_state[Keys.MODEL_PAGES] = (way, cursor)
        address = self.address
        self.go(replace(address, query=replace(address.query, cursor=cursor)))
