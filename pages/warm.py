"""What Streamlit and the pages import late, imported early: run in the background after start."""

from __future__ import annotations

import importlib

_MODULES = (
    "pages.admin",
    "pages.chat",
    "pages.models",
    "pages.settings",
    "pages.sidebar",
    "pages.usage",
    "plotly.graph_objs",  # for charts, as the next two
    "plotly.io",
    "plotly.tools",
    "streamlit.elements.markdown",
    "streamlit.components.v2",
    "pandas",  # for tables
)


def imports() -> None:
    """Import what the first run of a page would."""
    for name in _MODULES:
        importlib.import_module(name)
