"""Keeps the rollups true to the rows: an event marks its day as dirty, and a day that is over is summed anew.

What is dirty is never read from a rollup (`data.analytics.by_day`), so a day is dirty as long as it goes on, and a
late event makes it so again, in the very transaction that adds its row. See docs/adr/0061-rollups-by-day.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from data.warehouse.answers import ANSWER_MEASURES, FALLBACK_MEASURES, answer_rows, fallback_rows
from data.warehouse.dirty import dirty_days, mark_rows
from data.warehouse.measures import (
    PERSON_MEASURES,
    SPEED_MEASURES,
    TIMES_MEASURES,
    USAGE_MEASURES,
    people_rows,
    speed_rows,
    summed,
    times_rows,
    usage_rows,
)
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AT_ONCE = 7
"""Days that are summed in one transaction: what is read meanwhile has to fit into memory."""

_TABLES: Mapping[str, tuple[Callable[[Run], str], Sequence[str]]] = {
    "usage_daily": (usage_rows, USAGE_MEASURES),
    "people_daily": (people_rows, PERSON_MEASURES),
    "speed_daily": (speed_rows, SPEED_MEASURES),
    "times_daily": (times_rows, TIMES_MEASURES),
    "answers_daily": (answer_rows, ANSWER_MEASURES),
    "fallbacks_daily": (fallback_rows, FALLBACK_MEASURES),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive days without a change of the clocks, or one with it.

    Args:
        first, last: days, both in it.
        start, end: UTC, the end exclusive.
        offset: from UTC to local time at the start.
    """

    first: date
    last: date
    start: datetime
    end: datetime
    offset: timedelta

    def begins(self, day: str = "") -> str:
        """The SQL of its start, or of that of a day in it."""
        start = f"TIMESTAMP '{naive_utc(self.start)}'"
        return f"greatest({start}, {day}::TIMESTAMP - INTERVAL ({self._seconds}) SECOND)" if day else start

    def within(self, ts: str = "ts") -> str:
        """The SQL that says whether a row is in it."""
        return f"{ts} >= {self.begins()} AND {ts} < TIMESTAMP '{naive_utc(self.end)}'"

    def day(self, ts: str = "ts") -> str:
        """The SQL that gives the day of a time in it. Clamped: a day of 23 or 25 hours is a run of its own."""
        return (
            f"greatest(DATE '{self.first}', least(DATE '{self.last}', "
            f"CAST({ts} + INTERVAL ({self._seconds}) SECOND AS DATE)))"
        )

    @property
    def _seconds(self) -> int:
        return int(self.offset.total_seconds())


def runs(days: Iterable[date], zone: tzinfo) -> Iterator[Run]:
    """Days, in any order, as runs in theirs."""
    run: Run | None = None
    for day in sorted(set(days)):
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        own = Run(day, day, start, end, start.astimezone(zone).utcoffset() or timedelta())
        is_whole = end - start == timedelta(days=1)
        if run is not None and is_whole and run.end == start and run.offset == own.offset and _is_whole(run):
            run = Run(run.first, day, run.start, end, run.offset)
            continue
        if run is not None:
            yield run
        run = own
    if run is not None:
        yield run


def _is_whole(run: Run) -> bool:
    return run.end - run.start == timedelta(days=(run.last - run.first).days + 1)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day of a zone begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def keep_zone(con: DuckDBPyConnection, zone: tzinfo) -> None:
    """Sum everything anew where the days were those of another zone, or never were summed."""
    name = str(zone)
    row = con.execute("SELECT zone FROM rollup_zone").fetchone()
    if row is not None and row[0] == name:
        return
    con.begin()
    try:
        for table in (*_TABLES, "dirty_days", "rollup_zone"):
            con.execute(f"DELETE FROM {table}")  # noqa: S608 - literals
        mark_rows(con, "true", (), zone)
        con.execute("INSERT INTO rollup_zone VALUES (?)", [name])
        con.commit()
    except BaseException:
        con.rollback()
        raise


def refresh(con: DuckDBPyConnection, zone: tzinfo, now: datetime) -> int:
    """Sum the dirty days that are over, oldest first; how many those were.

    Args:
        con: the owning connection, outside a transaction.
        zone: whose days.
        now: days before that of this moment are over.
    """
    today = now.astimezone(zone).date()
    over = [day for day in dirty_days(con) if day < today]
    for begin in range(0, len(over), _AT_ONCE):
        some = over[begin : begin + _AT_ONCE]
        con.begin()
        try:
            _sum(con, some, zone)
            con.commit()
        except BaseException:
            con.rollback()
            raise
    return len(over)


def _sum(con: DuckDBPyConnection, days: Sequence[date], zone: tzinfo) -> None:
    chosen = {"days": list(days)}
    for table, (rows, measures) in _TABLES.items():
        con.execute(f"DELETE FROM {table} WHERE list_contains($days::DATE[], day)", chosen)  # noqa: S608 - literals
        sums = ", ".join(summed(name) for name in measures)
        for run in runs(days, zone):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT * EXCLUDE ({', '.join(measures)}), {sums} "  # noqa: S608 - ours
                f"FROM ({rows(run)}) GROUP BY ALL ORDER BY day"
            )
    con.execute("DELETE FROM dirty_days WHERE list_contains($days::DATE[], day)", chosen)
