"""Adding to dates and telling them apart, as a calendar does it and not as seconds do."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

from core.errors import GearboxError

_WORKDAYS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; any of its numbers may be negative."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def has_time(self) -> bool:
        """Whether it says something below a day."""
        return bool(self.hours or self.minutes or self.seconds)

    def words(self) -> str:
        """Like "1 year, 2 days"; "0 days" for none."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        said = [f"{count} {name if abs(count) != 1 else name[:-1]}" for name, count in named if count]
        return ", ".join(said) or "0 days"


def added(moment: date, span: Span) -> date:
    """`moment` and the span later: first the calendar's part in local time, then hours and below as they pass.

    A month later than January 31 is the last day of February. A date stays a date.

    Raises:
        GearboxError: the result lies outside the years 1 to 9999.
    """
    try:
        month = moment.year * 12 + moment.month - 1 + span.years * 12 + span.months
        year, month = month // 12, month % 12 + 1
        if not 1 <= year <= 9999:
            raise OverflowError
        day = min(moment.day, calendar.monthrange(year, month)[1])
        local = moment.replace(year=year, month=month, day=day)
        if span.weeks or span.days:  # adding even nothing forgets which of two equal times was meant
            local += timedelta(weeks=span.weeks, days=span.days)
        if not isinstance(local, datetime) or not span.has_time:
            return local
        passed = timedelta(hours=span.hours, minutes=span.minutes, seconds=span.seconds)
        return (local.astimezone(UTC) + passed).astimezone(local.tzinfo)
    except OverflowError:
        raise GearboxError("The calendar here has the years 1 to 9999.") from None


def between(first: date, second: date) -> Span:
    """How a calendar tells two days or moments apart, in whole units; negative when `second` is the earlier one.

    What is later than `first` is found again by adding, unless the clocks are changed on that very day.
    """
    if second < first:
        there = between(second, first)
        return Span(*(-getattr(there, field.name) for field in fields(there)))
    if isinstance(second, datetime) and isinstance(first, datetime):
        second = second.astimezone(first.tzinfo)
    months = (second.year - first.year) * 12 + second.month - first.month
    if _wall(added(first, Span(months=months))) > _wall(second):
        months -= 1
    rest = _wall(second) - _wall(added(first, Span(months=months)))
    minutes, seconds = divmod(rest.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return Span(years=months // 12, months=months % 12, days=rest.days, hours=hours, minutes=minutes, seconds=seconds)


def workdays(first: date, second: date) -> int:
    """Mondays to Fridays from the first day on, without the last; holidays are not known."""
    if second < first:
        return -workdays(second, first)
    weeks, rest = divmod((second - first).days, 7)
    return weeks * _WORKDAYS + sum((first.weekday() + day) % 7 < _WORKDAYS for day in range(rest))


def _wall(moment: date) -> datetime:
    """What the clock on the wall shows."""
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime(moment.year, moment.month, moment.day)
