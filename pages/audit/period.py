"""A span of the log's time: one of some lengths back from now, or the days that somebody chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from pages.moments import zone

ALL_TIME = "All"
DATES = "Dates"


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`; None where nothing bounds it."""

    since: datetime | None = None
    until: datetime | None = None


def choose(
    lengths: Mapping[str, timedelta], default: str, names: tuple[str, str], on_change: Callable[[], None] | None = None
) -> Period:
    """Draw the choice; returns what is chosen, and all time until both days are.

    Args:
        lengths: what to offer, beside all of the log and dates.
        default: chosen at first.
        names: session keys of the choice and of the two days.
    """
    offered = [ALL_TIME, *lengths, DATES]
    chosen = st.segmented_control(
        "Period", offered, default=default, required=True, label_visibility="collapsed", key=names[0],
        on_change=on_change,
    )  # fmt: skip
    if chosen == DATES:
        return _days(names[1], on_change)
    if chosen in lengths:
        return Period(datetime.now(UTC) - lengths[chosen])
    return Period()


def _days(name: str, on_change: Callable[[], None] | None) -> Period:
    today = datetime.now(zone()).date()
    days = st.date_input(
        "First and last day", (today, today), min_value=date(2000, 1, 1), max_value=today, key=name,
        format="YYYY-MM-DD", on_change=on_change, width=260, label_visibility="collapsed",
    )  # fmt: skip
    if len(days) != 2:
        st.caption("Choose the last day, too.")
        return Period()
    first, last = days
    return Period(_start_of(first), _start_of(last + timedelta(days=1)))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), zone()).astimezone(UTC)
