"""How a page of numbers begins: with its period, and with what is wrong or made up about the numbers below."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from data.analytics.period import Period
from data.warehouse.writer import WarehouseStatus
from pages.plain import plain
from pages.sample_mark import sample_mark
from pages.usage_words import count

PERIODS = {Period.TODAY: "Today", Period.WEEK: "7 days", Period.MONTH: "30 days", Period.QUARTER: "90 days"}


def refused(error: GearboxError) -> None:
    """Say why there are no numbers."""
    st.warning(f"{plain(str(error))}\n\n{plain(error.remedy)}", icon=":material/warning:")


def unreadable(shows: str) -> None:
    """Say that the address made no sense, and what is shown."""
    st.info(
        f"This link says something that the page does not know, so it shows {shows}.",
        icon=":material/link_off:",
    )


def missing(status: WarehouseStatus, what: str) -> None:
    """Say when the newest ones are not counted yet, and why."""
    if status.last_error:
        why = f"{plain(status.last_error)} {plain(status.remedy)}"
        waiting = f"\n\nWaiting in the database: {status.rows_waiting:,}." if status.rows_waiting else ""
        st.warning(f"**The newest {what} are missing here.** {why}{waiting}", icon=":material/warning:")


def samples(made_up: int, calls: int) -> None:
    """Mark sample data."""
    if made_up:
        some = f"Of the {count(calls)} calls counted here {count(made_up)} were"
        sample_mark("All that is shown here was" if made_up == calls else some)
