"""The look of every page: title, favicon, wordmark and the style sheet."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).resolve().parent
_STYLES = _HERE / "gearbox.css"
_FAVICON = _HERE / "static" / "favicon.svg"
_WORDMARK = _HERE / "static" / "wordmark.svg"


def apply(*, with_sidebar: bool) -> None:
    """Set the page up. A newcomer starts without the sidebar: there is nothing in it yet."""
    st.set_page_config(
        page_title="Gearbox",
        page_icon=str(_FAVICON),
        layout="centered",
        initial_sidebar_state="auto" if with_sidebar else "collapsed",
    )
    st.logo(str(_WORDMARK), size="large", icon_image=str(_FAVICON))
    st.html(_STYLES)
