"""Instants and spans of time as a person reads them, in the browser's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def zone() -> tzinfo:
    """The browser's time zone; UTC when it told us none that we know."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (LookupError, ValueError, OSError):
        # Browsers count the minutes from local time to UTC: negative in the east.
        return timezone(timedelta(minutes=-(st.context.timezone_offset or 0)))


def day(moment: datetime) -> str:
    """12 May 2026."""
    local = moment.astimezone(zone())
    return f"{local.day} {local:%B %Y}"


def minute(moment: datetime) -> str:
    """12 May 2026, 14:05."""
    return f"{day(moment)}, {moment.astimezone(zone()):%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago it was, in its largest unit: 3 days ago / just now."""
    passed = span(now - moment)
    return f"{passed} ago" if passed else "just now"


def span(length: timedelta) -> str:
    """A length of time in its largest unit, rounded down: 3 days; empty below a minute."""
    for name, unit in _UNITS:
        if (number := length // unit) > 0:
            return f"{number} {name}" + ("" if number == 1 else "s")
    return ""


def end_of(local_day: date) -> datetime:
    """The last second of a day in the browser's time zone, in UTC."""
    return datetime.combine(local_day, time(23, 59, 59), zone()).astimezone(UTC)
