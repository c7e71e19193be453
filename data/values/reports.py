"""Reports that are sent once a week: to whom, when, about whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday in a time zone."""

    monday: date
    zone: tzinfo

    @classmethod
    def before(cls, moment: datetime, zone: tzinfo) -> Week:
        """The last whole week before a moment (aware)."""
        today = moment.astimezone(zone).date()
        return cls(today - timedelta(days=today.weekday() + 7), zone)

    @property
    def previous(self) -> Week:
        """The week before this one."""
        return replace(self, monday=self.monday - timedelta(days=7))

    @property
    def start(self) -> datetime:
        """Midnight before its Monday, in UTC."""
        return datetime.combine(self.monday, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Midnight after its Sunday, in UTC; exclusive."""
        return datetime.combine(self.monday + timedelta(days=7), time(), self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """One place that gets a report every week.

    Args:
        team_id: whose usage it is about; None: everybody's.
        label: what admins call it.
        secret_id: of the vault, where its address is sealed.
        weekday: 0 is Monday.
        hour: of the day, in the workspace's time zone.
        is_on: off, nothing is sent.
        sent_for: Monday of the last week that is dealt with: it was sent, given up, or there was nothing to tell.
        sent_at: when a report last got there; None: never.
        failures: tries in a row that failed for the week that is not dealt with yet.
        trouble: why the last try failed; without the address, which may hold a password.
    """

    id: str
    team_id: str | None
    label: str
    secret_id: str
    weekday: int
    hour: int
    is_on: bool
    created_by: str
    created_at: datetime
    sent_for: date | None = None
    sent_at: datetime | None = None
    failures: int = 0
    trouble: str | None = None

    def due_before(self, moment: datetime, zone: tzinfo) -> datetime:
        """The last time before or at a moment at which it falls due, in UTC; also before it was made."""
        today = moment.astimezone(zone).date()
        day = today - timedelta(days=(today.weekday() - self.weekday) % 7)
        due = self._at(day, zone)
        return due if due <= moment else self._at(day - timedelta(days=7), zone)

    def due_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The next time after a moment at which it falls due, in UTC."""
        last = self.due_before(moment, zone).astimezone(zone).date()
        return self._at(last + timedelta(days=7), zone)

    def week_due(self, moment: datetime, zone: tzinfo) -> Week | None:
        """The week that a report is due for at a moment; None where that is dealt with, or nothing is to be sent."""
        due = self.due_before(moment, zone)
        week = Week.before(due, zone)
        if not self.is_on or due <= self.created_at or (self.sent_for is not None and self.sent_for >= week.monday):
            return None
        return week

    def _at(self, day: date, zone: tzinfo) -> datetime:
        return datetime.combine(day, time(self.hour), zone).astimezone(UTC)
