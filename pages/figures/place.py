"""Where on a page the person is. The address says it, so that Back, a reload and a shared link all show the same.

Fields are set from the address before they are drawn, and write to it when they change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

import streamlit as st

_Address = TypeVar("_Address")


class Unreadable(ValueError):
    """The address says something that is none of the page's words."""


class Place(Generic[_Address]):
    """Reads and writes a page's part of the browser session.

    Args:
        read: the address that parameters say, each with all its values; raises Unreadable.
        written: the parameters that `read` makes an address of.
        default: shown where the address can't be read.
        key: of the session, for what the address said last.
    """

    def __init__(
        self,
        read: Callable[[Mapping[str, Sequence[str]]], _Address],
        written: Callable[[_Address], Mapping[str, str | list[str]]] | Callable[[_Address], Mapping[str, str]],
        default: _Address,
        key: str,
    ) -> None:
        self._read, self._written, self._default, self._key = read, written, default, key

    @property
    def address(self) -> _Address:
        """What the address says. Raises Unreadable."""
        return self._read({name: st.query_params.get_all(name) for name in st.query_params})

    def readable(self) -> _Address:
        """The same; the default view where it can't be read."""
        try:
            return self.address
        except Unreadable:
            return self._default

    def go(self, address: _Address) -> None:
        """Have the next run show this; the browser's Back leads here again."""
        st.query_params.from_dict(dict(self._written(address)))

    def show_address(self) -> None:
        """Have the browser's address bar say where a link on this page led to; one that can't be read stays to be told.

        A link to the page in view takes the reader there, but leaves the address as it was (Streamlit 1.67).
        """
        try:
            here = self._written(self.address)
        except Unreadable:
            return
        if st.session_state.setdefault(self._key, here) != here:
            st.query_params.from_dict(dict(here))
        st.session_state[self._key] = here

    def fill(self, values: Mapping[str, object]) -> None:
        """Put what the address says into fields, before they are drawn."""
        for key, value in values.items():
            if key not in st.session_state or st.session_state[key] != value:
                st.session_state[key] = value
