"""Dates, times and time zones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from core.errors import GearboxError
from core.tools.builtin.spans import Span, added, between, workdays
from core.tools.builtin.zones import zone_name, zone_of
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, gives, takes
from data.values.tool_calls import Effect

_DESCRIPTION = (
    "Dates and times. `now`: the present moment in `zone`. `convert`: `moment` in `to_zone`. `difference`: from "
    "`moment` to `other`. `add`: `moment` and so much later, or earlier with negative numbers. Every answer has the "
    "weekday. Use it whenever today's date, a weekday, a time zone or a number of days matters."
)
_MOMENT = "ISO 8601, like 2026-11-28 or 2026-11-28T23:30 or 2026-11-28T23:30+01:00; or `now` or `today`"
Amount = Annotated[int, Field(ge=-10_000_000, le=10_000_000)]


class Operation(StrEnum):
    """What to do."""

    NOW = "now"
    CONVERT = "convert"
    DIFFERENCE = "difference"
    ADD = "add"


class Question(ToolInput):
    """What to find out."""

    operation: Operation
    zone: Annotated[str, Field(max_length=60, description="Where moments without an offset are meant, like UTC")] = (
        "UTC"
    )
    moment: Annotated[str, Field(max_length=60, description=_MOMENT)] = "now"
    other: Annotated[str, Field(max_length=60, description=f"For `difference`: {_MOMENT}")] = "now"
    to_zone: Annotated[str | None, Field(max_length=60, description="For `convert`, like Asia/Tokyo")] = None
    years: Amount = 0
    months: Amount = 0
    weeks: Amount = 0
    days: Amount = 0
    hours: Amount = 0
    minutes: Amount = 0
    seconds: Amount = 0


class Moment(BaseModel):
    """A day, or a moment in a zone."""

    iso: str
    weekday: str
    iso_week: str
    day_of_year: int
    zone: str | None = None
    note: str | None = None


class Difference(BaseModel):
    """How far it is: by the calendar, in seconds or days, and how many Mondays to Fridays are in between."""

    calendar: str
    days: int
    seconds: int | None = None
    workdays: int
    first: Moment
    second: Moment


def dates(clock: Callable[[], datetime]) -> Tool:
    """The tool; `clock` says what now is."""

    async def answer(asked: Question, _context: ToolContext) -> ToolResult:
        return gives(_answer(asked, clock()))

    return Tool(
        name="date_time",
        title="Date and time",
        description=_DESCRIPTION,
        schema=Question.model_json_schema(),
        effect=Effect.NONE,
        run=takes(Question, answer),
        timeout=10.0,
    )


def _answer(asked: Question, now: datetime) -> Moment | Difference:
    zone = zone_of(asked.zone)
    if asked.operation is Operation.NOW:
        return _told(_in_zone(now, zone))
    moment = _read(asked.moment, zone, now)
    match asked.operation:
        case Operation.CONVERT:
            return _told(_in_zone(_as_moment(moment, zone), zone_of(asked.to_zone or asked.zone)))
        case Operation.DIFFERENCE:
            return _difference(moment, _read(asked.other, zone, now), zone)
    span = Span(*(getattr(asked, unit) for unit in Span.__dataclass_fields__))
    return _told(added(_as_moment(moment, zone) if span.has_time else moment, span))


def _read(text: str, zone: tzinfo, now: datetime) -> date:
    """A date, or a moment in a zone."""
    match text.strip().lower():
        case "now" | "":
            return _in_zone(now, zone)
        case "today":
            return _in_zone(now, zone).date()
    try:
        if len(text.strip()) <= len("2026-11-28"):
            return date.fromisoformat(text.strip())
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise GearboxError(f"{text!r} is no date or time that can be read. It has to be {_MOMENT}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _as_moment(moment: date, zone: tzinfo) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise GearboxError("The calendar here has the years 1 to 9999.") from None


def _difference(first: date, second: date, zone: tzinfo) -> Difference:
    is_days = not isinstance(first, datetime) and not isinstance(second, datetime)
    if not is_days:
        first, second = _as_moment(first, zone), _as_moment(second, zone)
    passed = _passed(first, second)
    return Difference(
        calendar=between(first, second).words(),
        days=int(passed / timedelta(days=1)),
        seconds=None if is_days else int(passed.total_seconds()),
        workdays=workdays(_day(first), _day(second)),
        first=_told(first),
        second=_told(second),
    )


def _passed(first: date, second: date) -> timedelta:
    # Two moments of one zone are subtracted as their clocks show them: what passed in between is told in UTC.
    if isinstance(first, datetime) and isinstance(second, datetime):
        return _in_zone(second, UTC) - _in_zone(first, UTC)
    return second - first


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _told(moment: date) -> Moment:
    year, week, _ = moment.isocalendar()
    day = Moment(
        iso=moment.isoformat(),
        weekday=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[moment.weekday()],
        iso_week=f"{year}-W{week:02}",
        day_of_year=moment.timetuple().tm_yday,
    )
    if not isinstance(moment, datetime):
        return day
    iso = moment.isoformat(timespec="seconds")
    return day.model_copy(update={"iso": iso, "zone": zone_name(moment), "note": _clock_change(moment)})


def _clock_change(moment: datetime) -> str | None:
    """What is odd about a time at which the clocks are changed."""
    early, late = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    if early is None or late is None or early == late:
        return None
    if early > late:
        return "The clocks go back then: this time comes twice on that day."
    return "The clocks go forward then: this time does not exist on that day."
