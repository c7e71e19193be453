"""Periods of the pages of numbers, in the calendar of the person who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Period(StrEnum):
    """How far back to look, today included."""

    TODAY = "today"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"

    @property
    def days(self) -> int:
        """Calendar days in the period."""
        return {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 90}[self]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time and the buckets it is counted in.

    `end` is exclusive and lies after now: the end of the local day. `edges` are the starts of the buckets (an
    hour each for one day, else a local day each). All in UTC; `zone` is for showing them.
    """

    start: datetime
    end: datetime
    edges: tuple[datetime, ...]
    zone: tzinfo
    hourly: bool


def span_of(period: Period, now: datetime, zone: tzinfo) -> Span:
    """The span of a period that ends with the local day of `now`.

    Local midnights are looked up one by one, so a day on which the clocks change has its 23 or 25 hours.
    """
    today = now.astimezone(zone).date()

    def midnight(days_ahead: int) -> datetime:
        return datetime.combine(today + timedelta(days=days_ahead), time(), zone).astimezone(UTC)

    start, end = midnight(1 - period.days), midnight(1)
    if period is not Period.TODAY:
        edges = tuple(midnight(day) for day in range(1 - period.days, 1))
        return Span(start, end, edges, zone, hourly=False)
    hours = -(-(end - start) // timedelta(hours=1))
    return Span(start, end, tuple(start + timedelta(hours=hour) for hour in range(hours)), zone, hourly=True)


def span_before(period: Period, now: datetime, zone: tzinfo) -> Span:
    """The period before, as long as `span_of` has got by `now`: up to the same time of its last day.

    Against a whole day before, every morning would look quiet. It has one bucket: only its sums are looked at.
    """
    local = now.astimezone(zone)
    first = datetime.combine(local.date() - timedelta(days=2 * period.days - 1), time(), zone).astimezone(UTC)
    end = datetime.combine(local.date() - timedelta(days=period.days), local.time(), zone).astimezone(UTC)
    return Span(first, end, (first,), zone, hourly=False)
