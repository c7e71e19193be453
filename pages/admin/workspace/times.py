"""Moments of the Workspace tab: shown and typed in the workspace's time zone, whatever the browser's is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

import streamlit as st

from core.errors import GearboxError
from pages.session import Session

PLACE = "workspace"
"""Where the tab says what came of something."""

Fields = tuple[str, str]
"""Keys of a day's field and a time's."""


def shown(moment: datetime, zone: tzinfo) -> str:
    """12 May 2026, 14:05."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def fill(fields: Fields, moment: datetime | None, zone: tzinfo) -> None:
    """Put a moment into two fields that are going to be drawn, or empty them."""
    local = moment.astimezone(zone) if moment else None
    Session().choose(fields[0], local.date() if local else None)
    Session().choose(fields[1], local.time().replace(second=0, microsecond=0) if local else None)


def draw(label: str, fields: Fields, *, empty: str) -> None:
    """Draw two fields; `empty` says what no day means."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(label, None, key=fields[0], format="YYYY-MM-DD", help=f"Without a day: {empty}.")
        st.time_input("At", None, key=fields[1], step=300, width=120)


def typed(fields: Fields, zone: tzinfo) -> datetime | None:
    """The moment that two fields hold; None where no day is given. Raises GearboxError where only half of it is."""
    day, at = map(Session().chosen, fields)
    if day is None and at is None:
        return None
    if not isinstance(day, date) or not isinstance(at, time):
        raise GearboxError("Half of a time is missing.", "Say on which day, and at what time.")
    return datetime.combine(day, at, zone).astimezone(UTC)
