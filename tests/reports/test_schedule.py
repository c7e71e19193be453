"""When a report falls due, in the workspace's time zone, also when clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.values.reports import ReportSchedule, Week

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]
)
MADE = datetime(2020, 1, 1, tzinfo=UTC)


def schedule(weekday: int = 0, hour: int = 8) -> ReportSchedule:
    return ReportSchedule("r", None, "R", "s", weekday, hour, True, "ada", MADE)


def test_a_week_has_the_hours_that_its_clocks_say() -> None:
    assert Week(date(2026, 10, 19), BERLIN).end - Week(date(2026, 10, 19), BERLIN).start == timedelta(hours=169)
    assert Week(date(2026, 3, 23), BERLIN).end - Week(date(2026, 3, 23), BERLIN).start == timedelta(hours=167)
    week = Week.before(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), BERLIN)  # it is Monday there already
    assert week.monday == date(2026, 11, 16) and week.previous.monday == date(2026, 11, 9)
    assert week.start == datetime(2026, 11, 15, 23, tzinfo=UTC) and week.previous.end == week.start


@pytest.mark.parametrize(
    ("now", "due", "monday"),
    [
        ("2026-11-23 06:59", "2026-11-16 07:00", "2026-11-09"),
        ("2026-11-23 07:00", "2026-11-23 07:00", "2026-11-16"),
        ("2026-11-29 23:59", "2026-11-23 07:00", "2026-11-16"),
        ("2026-10-26 07:00", "2026-10-26 07:00", "2026-10-19"),  # winter time since the day before
        ("2026-10-25 06:00", "2026-10-19 06:00", "2026-10-12"),
    ],
)
def test_mondays_at_eight_in_berlin(now: str, due: str, monday: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert schedule().due_before(moment, BERLIN) == datetime.fromisoformat(due).replace(tzinfo=UTC)
    week = schedule().week_due(moment, BERLIN)
    assert week is not None and week.monday.isoformat() == monday
    assert replace(schedule(), sent_for=week.monday).week_due(moment, BERLIN) is None
    assert replace(schedule(), is_on=False).week_due(moment, BERLIN) is None
    assert replace(schedule(), created_at=moment).week_due(moment, BERLIN) is None


@given(
    st.integers(0, 6), st.integers(0, 23), st.datetimes(datetime(2021, 1, 1), datetime(2029, 12, 31)), ZONES
)  # fmt: skip
def test_every_moment_lies_between_two_dues_a_week_apart(weekday: int, hour: int, naive: datetime, name: str) -> None:
    zone, moment, plan = ZoneInfo(name), naive.replace(tzinfo=UTC), schedule(weekday, hour)
    last, following = plan.due_before(moment, zone), plan.due_after(moment, zone)
    assert last <= moment < following
    assert timedelta(days=6, hours=22) <= following - last <= timedelta(days=7, hours=2)
    assert last.astimezone(zone).weekday() == weekday
    week = plan.week_due(moment, zone)
    assert week is not None and week.end <= last < week.end + timedelta(days=7, hours=2)
