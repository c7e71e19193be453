"""Keeps the rollups true to the rows: an event marks its day as dirty, and a day that is over is summed anew.

What is dirty is never read from a rollup (`data.analytics.by_day`), so a day is dirty as long as it goes on, and a
late event makes it so again, in the very transaction that adds its row. See docs/adr/0061-rollups-by-day.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.daily import PEOPLE_KEPT
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

ACCURACY = 0.02
"""By how much a quantile of a sketch may differ from the value that it stands for, as a share of that."""

GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
"""By how much each bin of a sketch is wider than the one before it."""

_LEAST = 0.001
"""Milliseconds; a sketch tells nothing smaller apart, and nothing that is measured here is."""

_AT_ONCE = 31
"""Days that are summed in one transaction: what is read meanwhile has to fit into memory."""


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

    def day(self, ts: str = "ts") -> str:
        """The SQL that gives the day of a time in it. Clamped: a day of 23 or 25 hours is a run of its own."""
        seconds = int(self.offset.total_seconds())
        return (
            f"greatest(DATE '{self.first}', least(DATE '{self.last}', "
            f"CAST({ts} + INTERVAL ({seconds}) SECOND AS DATE)))"
        )


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


# What a row comes to in each measure: said once, for the rollup and for rows that stand beside it.
_TOKENS_USED = "coalesce(input_tokens, 0) + coalesce(output_tokens, 0)"
_MEASURES: dict[str, str] = {
    "calls": "1",
    "priced": "(cost_amount IS NOT NULL AND cache IS DISTINCT FROM 'hit')::BIGINT",
    "unpriced": f"(cost_basis = 'unpriced' AND (status <> 'failed' OR {_TOKENS_USED} > 0))::BIGINT",
    "estimated": "(cost_basis = 'estimated')::BIGINT",
    "tokens_estimated": "coalesce(tokens_estimated, false)::BIGINT",
    "cache_asked": "(cache IS NOT NULL)::BIGINT",
    "cache_hits": "coalesce(cache = 'hit', false)::BIGINT",
    "input_tokens": "coalesce(input_tokens, 0)",
    "output_tokens": "coalesce(output_tokens, 0)",
    "cached_tokens": "coalesce(cached_tokens, 0)",
    "reasoning_tokens": "coalesce(reasoning_tokens, 0)",
    "images": "CASE WHEN unit = 'image' THEN coalesce(quantity, 0) ELSE 0 END",
    "media_seconds": "CASE WHEN unit = 'second' THEN coalesce(quantity, 0) ELSE 0 END",
    "cost_amount": "CASE WHEN cache IS DISTINCT FROM 'hit' THEN coalesce(cost_amount, 0) ELSE 0 END",
    "saved_amount": "coalesce(saved_amount, 0)",
}
_MONEY = ("images", "media_seconds", "cost_amount", "saved_amount")
_CURRENCY = "CASE WHEN cost_amount IS NOT NULL OR saved_amount IS NOT NULL THEN cost_currency END AS currency"
_USAGE_KEYS = (
    "team_id, surface, provider, model, modality, task, chosen_by, key_owner, status, error_kind, "
    f"{_CURRENCY}, starts_with(user_id, '{SAMPLE_PREFIX}') AS is_sample"
)
_PEOPLE = {"people": "[user_id]"}
_PEOPLE_KEYS = f"user_id, team_id, surface, modality, {_CURRENCY}"
_PEOPLE_MEASURES = {
    "calls": "1",
    "answered": "(status IN ('ok', 'stopped'))::BIGINT",
    "tokens": _TOKENS_USED,
    "cost_amount": _MEASURES["cost_amount"],
}
_SPEEDS = {
    "ttft_ms": "ttft_ms",
    "latency_ms": "CASE WHEN status = 'ok' AND cache IS DISTINCT FROM 'hit' THEN latency_ms END",
}


def usage_rows(run: Run) -> str:
    """Rows of a run as `usage_daily` has them, one for each call."""
    return _rows(run, _USAGE_KEYS, _PEOPLE | _MEASURES)


def people_rows(run: Run) -> str:
    """Rows of a run as `people_daily` has them, one for each call."""
    return _rows(run, _PEOPLE_KEYS, _PEOPLE_MEASURES)


def speed_rows(run: Run) -> str:
    """Rows of a run as `speed_daily` has them, one for each time that was taken."""
    return " UNION ALL ".join(
        f"SELECT {run.day()} AS day, surface, provider, model, '{measure}' AS measure, {bin_of(value)} AS bin, "  # noqa: S608
        f"1 AS calls FROM model_calls WHERE {_within(run)} AND {value} IS NOT NULL"
        for measure, value in _SPEEDS.items()
    )


def bin_of(value: str) -> str:
    """The SQL that gives the bin of a sketch that a value is in."""
    return f"CAST(ceil(ln(greatest({value}, {_LEAST})) / {math.log(GROWTH)!r}) AS BIGINT)"


def _rows(run: Run, keys: str, measures: dict[str, str]) -> str:
    told = ", ".join(f"{value} AS {name}" for name, value in measures.items())
    return f"SELECT {run.day()} AS day, {keys}, {told} FROM model_calls WHERE {_within(run)}"  # noqa: S608


def _within(run: Run) -> str:
    return f"ts >= TIMESTAMP '{naive_utc(run.start)}' AND ts < TIMESTAMP '{naive_utc(run.end)}'"


def mark(con: DuckDBPyConnection, days: Sequence[date]) -> None:
    """These days are to be summed anew; in the caller's transaction."""
    told = {"days": list(days)}
    con.execute("INSERT INTO dirty_days SELECT unnest($days::DATE[]) AS day EXCEPT SELECT day FROM dirty_days", told)


def mark_calls(con: DuckDBPyConnection, calls: pl.DataFrame | None, zone: tzinfo) -> None:
    """The days of these calls are to be summed anew; in the transaction that adds them."""
    if calls is None or calls.is_empty():
        return
    first, last = calls["ts"].min(), calls["ts"].max()
    assert isinstance(first, datetime) and isinstance(last, datetime)
    days = _days(first, last, zone)
    if len(days) > 1:
        local = {stamp.replace(tzinfo=UTC).astimezone(zone).date() for stamp in calls["ts"].dt.truncate("15m").unique()}
        days = [day for day in days if day in local]
    mark(con, days)


def mark_rows(con: DuckDBPyConnection, where: str, parameters: Sequence[object], zone: tzinfo) -> None:
    """The days of the calls that fit are to be summed anew; in the transaction that removes or changes them.

    Args:
        where: of `model_calls`; values as `?`.
        parameters: of `where`.
    """
    stamps = con.execute(
        f"SELECT DISTINCT time_bucket(INTERVAL 15 MINUTE, ts) FROM model_calls WHERE {where}",  # noqa: S608 - ours
        list(parameters),
    ).fetchall()
    mark(con, sorted({stamp.replace(tzinfo=UTC).astimezone(zone).date() for (stamp,) in stamps}))


def _days(first: datetime, last: datetime, zone: tzinfo) -> list[date]:
    """All days from one naive UTC moment to another."""
    begin, end = (moment.replace(tzinfo=UTC).astimezone(zone).date() for moment in (first, last))
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def dirty_days(con: DuckDBPyConnection) -> list[date]:
    """What has to be read from the rows, in order."""
    return [day for (day,) in con.execute("SELECT day FROM dirty_days ORDER BY day").fetchall()]


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


_TABLES = {
    "usage_daily": (usage_rows, _PEOPLE | _MEASURES),
    "people_daily": (people_rows, _PEOPLE_MEASURES),
    "speed_daily": (speed_rows, {"calls": "1"}),
}


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
        sums = ", ".join(_summed(name) for name in measures)
        for run in runs(days, zone):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT * EXCLUDE ({', '.join(measures)}), {sums} "  # noqa: S608 - ours
                f"FROM ({rows(run)}) GROUP BY ALL ORDER BY day"
            )
    con.execute("DELETE FROM dirty_days WHERE list_contains($days::DATE[], day)", chosen)


def _summed(measure: str) -> str:
    if measure in _PEOPLE:  # of rows of one person each
        return f"list_sort(list(DISTINCT {measure}[1]))[:{PEOPLE_KEPT}] AS {measure}"
    kind = "DECIMAL(38,15)" if measure in _MONEY else "BIGINT"
    return f"sum({measure})::{kind} AS {measure}"
