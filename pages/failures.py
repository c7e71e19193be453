"""The one place where an error that nobody handled closer by becomes words on a page."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError


def show(error: Exception) -> bool:
    """Say what happened and what to do; for runs of the script, of fragments and of callbacks alike.

    Returns True: Streamlit, which has logged the error, need not show it as well.
    """
    if isinstance(error, GearboxError):
        st.error(str(error), icon=":material/error:")
        if error.remedy:
            st.caption(error.remedy)
    else:
        st.error(
            "Something went wrong on this page. Reload it to go on; the server's log says what it was.",
            icon=":material/error:",
        )
    return True
