"""The tab as a whole."""

from __future__ import annotations

import streamlit as st

from core.reports.letter import zone_name
from pages import outcome
from pages.admin.workspace import announcements, maintenance
from pages.admin.workspace.times import PLACE
from pages.plain import plain
from pages.visit import Visit


def draw(visit: Visit) -> None:
    """Draw it."""
    st.caption(
        "What everybody is told on top of each page, and when nobody but you works. "
        f"Times are those of {plain(zone_name(visit.services.settings.zone))}."
    )
    outcome.say(PLACE)
    maintenance.draw(visit)
    announcements.draw(visit)
