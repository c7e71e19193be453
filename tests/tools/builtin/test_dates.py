"""Dates, zones, and the days on which the clocks are changed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from core.tools.builtin.dates import dates
from core.tools.builtin.spans import Span, added, between, workdays
from core.tools.builtin.zones import zone_of
from core.tools.tool import ToolContext
from data.values.parts import TextPart
from tests.people import ALICE

NOW = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)


async def _ask(**arguments: Any) -> dict[str, Any]:
    (part,) = (await dates(lambda: NOW).run(arguments, ToolContext(ALICE))).parts
    assert isinstance(part, TextPart)
    found: dict[str, Any] = json.loads(part.text)
    return found


async def test_now() -> None:
    assert await _ask(operation="now") == {
        "iso": "2026-11-28T23:30:00+00:00",
        "weekday": "Saturday",
        "iso_week": "2026-W48",
        "day_of_year": 332,
        "zone": "UTC",
    }
    assert (await _ask(operation="now", zone="asia/kathmandu"))["iso"] == "2026-11-29T05:15:00+05:45"


@pytest.mark.parametrize(
    ("moment", "zone", "to_zone", "iso"),
    [
        ("2026-07-01T12:00", "Europe/Berlin", "America/New_York", "2026-07-01T06:00:00-04:00"),
        ("2026-01-01T12:00", "berlin", "new york", "2026-01-01T06:00:00-05:00"),
        ("2026-01-01T12:00Z", "Asia/Tokyo", "UTC+2", "2026-01-01T14:00:00+02:00"),
        ("2026-01-01T12:00−05:00".replace("−", "-"), "UTC", "−03:30", "2026-01-01T13:30:00-03:30"),
        ("today", "UTC", "Pacific/Kiritimati", "2026-11-28T14:00:00+14:00"),
    ],
)
async def test_convert(moment: str, zone: str, to_zone: str, iso: str) -> None:
    assert (await _ask(operation="convert", moment=moment, zone=zone, to_zone=to_zone))["iso"] == iso


async def test_difference_of_days() -> None:
    found = await _ask(operation="difference", moment="2024-02-29", other="2026-03-01")
    assert (found["calendar"], found["days"], found["workdays"]) == ("2 years, 1 day", 731, 522)
    assert "seconds" not in found
    assert found["first"]["weekday"] == "Thursday"
    back = await _ask(operation="difference", moment="2026-03-01", other="2024-02-29")
    assert (back["days"], back["workdays"]) == (-731, -522)


async def test_difference_of_moments_is_what_passed() -> None:
    """The night on which the clocks go back has an hour more."""
    found = await _ask(
        operation="difference", zone="Europe/Berlin", moment="2026-10-24T12:00", other="2026-10-25T12:00"
    )
    assert (found["calendar"], found["days"], found["seconds"]) == ("1 day", 1, 25 * 3600)


@pytest.mark.parametrize(
    ("moment", "amount", "iso"),
    [
        ("2026-01-31", {"months": 1}, "2026-02-28"),
        ("2024-02-29", {"years": 1}, "2025-02-28"),
        ("2026-11-28", {"weeks": -1, "days": 3}, "2026-11-24"),
        ("2026-10-24T12:00", {"days": 1}, "2026-10-25T12:00:00+01:00"),
        ("2026-10-24T12:00", {"hours": 24}, "2026-10-25T11:00:00+01:00"),
        ("2026-11-28", {"hours": 1}, "2026-11-28T01:00:00+01:00"),
        ("now", {"minutes": 45, "seconds": 1}, "2026-11-29T01:15:01+01:00"),
    ],
)
async def test_add(moment: str, amount: dict[str, int], iso: str) -> None:
    assert (await _ask(operation="add", zone="Europe/Berlin", moment=moment, **amount))["iso"] == iso


async def test_a_time_that_comes_twice_or_never_is_told() -> None:
    twice = await _ask(operation="convert", zone="Europe/Berlin", moment="2026-10-25T02:30")
    never = await _ask(operation="add", zone="Europe/Berlin", moment="2026-03-28T02:30", days=1)
    assert "comes twice" in twice["note"]
    assert "does not exist" in never["note"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"operation": "now", "zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"operation": "now", "zone": "Europe/Berlim"}, "Did you mean Europe/Berlin"),
        (
            {"operation": "now", "zone": "louisville"},
            "America/Kentucky/Louisville or America/Louisville|or America/Ken",
        ),
        ({"operation": "now", "zone": "../../../etc/passwd"}, "no time zone"),
        ({"operation": "now", "zone": "/etc/localtime"}, "no time zone"),
        ({"operation": "now", "zone": ""}, "no time zone"),
        ({"operation": "now", "zone": "\x00"}, "no time zone"),
        ({"operation": "now", "zone": "+99:00"}, "14 hours"),
        ({"operation": "now", "zone": "x" * 100}, "at most 60"),
        ({"operation": "convert", "moment": "yesterday-ish"}, "no date or time"),
        ({"operation": "convert", "moment": "2026-13-01"}, "no date or time"),
        ({"operation": "convert", "moment": "0001-01-01T00:00", "to_zone": "America/New_York"}, "years 1 to 9999"),
        ({"operation": "difference", "moment": "9999-12-31T23:59-14:00", "other": "now"}, "years 1 to 9999"),
        ({"operation": "add", "years": 10_000_000}, "years 1 to 9999"),
        ({"operation": "add", "days": -10_000_000}, "years 1 to 9999"),
        ({"operation": "add", "days": 10**30}, "less than or equal"),
        ({"operation": "sleep"}, "operation"),
    ],
)
async def test_what_can_not_be_answered_is_said(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(GearboxError, match=words):
        await _ask(**arguments)


@settings(deadline=None)
@given(st.dates(), st.dates())
def test_the_difference_added_to_the_first_is_the_second(first: date, second: date) -> None:
    if second >= first:
        assert added(first, between(first, second)) == second
    assert workdays(first, second) == -workdays(second, first)


_ZONED = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(ZoneInfo("America/Sao_Paulo")))


def test_the_second_of_two_equal_times_is_kept() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    later = added(second, Span(minutes=1))
    assert isinstance(later, datetime)
    assert later.astimezone(UTC) == datetime(2026, 10, 25, 1, 31, tzinfo=UTC)


@settings(deadline=None)
@given(_ZONED, st.integers(-(10**7), 10**7), st.integers(-200, 200))
def test_hours_pass_as_they_do_and_no_moment_crashes_it(first: datetime, minutes: int, months: int) -> None:
    later = added(first, Span(minutes=minutes))
    assert isinstance(later, datetime)
    assert (later.astimezone(UTC) - first.astimezone(UTC)).total_seconds() == minutes * 60
    assert between(first, later).words()
    added(first, Span(months=months))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_zone_crashes_it(name: str) -> None:
    try:
        zone_of(name)
    except GearboxError as error:
        assert str(error)
