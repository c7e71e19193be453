"""Fields that every form about a key has."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from pages.moments import end_of
from pages.session import Session

_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 30)


def key(label: str, name: str) -> None:
    """A field for a key; whoever takes it with `Session.take` empties it."""
    st.text_input(label, type="password", autocomplete="off", key=name)


def passphrase(label: str, name: str, *, is_new: bool = False) -> None:
    """A field for a passphrase; like a key's, but a password manager may fill it."""
    st.text_input(label, type="password", autocomplete="new-password" if is_new else "current-password", key=name)


def expiry(name: str, value: date | None = None) -> None:
    """A field for the last day on which a key is sent."""
    st.date_input(
        "Last day (optional)",
        value,
        # No date is out of range: the field would keep it to itself, and the key would never expire. Core refuses it.
        min_value=_FIRST,
        max_value=_LAST,
        key=name,
        format="YYYY-MM-DD",
        help="Gearbox warns 30, 7 and 1 days before, and does not send the key afterwards.",
    )


def chosen_expiry(name: str) -> datetime | None:
    """What stands in a field of `expiry`."""
    chosen = Session().chosen(name)
    return end_of(chosen) if isinstance(chosen, date) else None
