"""The line on top of a page that is not the chat."""

from __future__ import annotations

import streamlit as st

from pages.visit import Visit


def draw(visit: Visit, title: str) -> None:
    """Draw the title, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False)
        st.space("stretch")
        st.page_link(visit.places.chat, label="Back to chat", icon=":material/arrow_back:")
