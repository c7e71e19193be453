"""A file in a message: its name and size, and folded what is in it."""

from __future__ import annotations

import streamlit as st

from data.values.parts import TextFilePart
from pages.plain import plain

_SHOWN_CHARS = 4_000
"""Enough to see which file it is; every drawn message goes to the browser whole."""


def draw_file(file: TextFilePart) -> None:
    """Draw it; nothing in it is markup."""
    with st.expander(f"{plain(file.name)} · {_size(file.size)}", icon=":material/description:"):
        st.code(file.text[:_SHOWN_CHARS], language=None, wrap_lines=True)
        if len(file.text) > _SHOWN_CHARS:
            st.caption(f"The first {_SHOWN_CHARS:,} of {len(file.text):,} characters.")


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:,.0f} kB"
