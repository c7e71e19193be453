"""The mark on every page that shows sample data."""

from __future__ import annotations

import streamlit as st


def sample_mark(what: str) -> None:
    """Say what of the page was made up, as "all that is shown here was", and how it goes."""
    st.info(
        f"**Sample data.** {what} made up to show what this page is for; nobody did it. Whoever runs Gearbox "
        "removes it with `uv run python -m core demo clear`.",
        icon=":material/science:",
    )
