"""The same questions over the same calls in SQLite, where others keep them: rows with an index on the time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.warehouse.filling import fill
from bench.warehouse.timing import timed
from data.analytics.by_day import days_of
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import refresh

_COLUMNS = (
    "ts", "user_id", "team_id", "provider", "model", "status", "input_tokens", "output_tokens", "cost_amount",
)  # fmt: skip
_QUESTIONS = {
    "calls and tokens by model": (
        "SELECT provider, model, count(*), sum(input_tokens + output_tokens) FROM model_calls "
        "WHERE ts >= :start AND ts < :end GROUP BY 1, 2",
        "SELECT provider, model, sum(calls), sum(input_tokens + output_tokens) FROM {usage} GROUP BY ALL",
    ),
    "cost by day": (
        "SELECT date(ts), sum(cost_amount) FROM model_calls WHERE ts >= :start AND ts < :end GROUP BY 1",
        "SELECT day, sum(cost_amount) FROM {usage} GROUP BY ALL",
    ),
    "active people by day": (
        "SELECT date(ts), count(DISTINCT user_id) FROM model_calls WHERE ts >= :start AND ts < :end GROUP BY 1",
        "SELECT day, count(DISTINCT user_id) FROM {people} GROUP BY ALL",
    ),
    "failures by team and model": (
        "SELECT team_id, model, sum(status = 'failed') FROM model_calls WHERE ts >= :start AND ts < :end GROUP BY 1, 2",
        "SELECT team_id, model, sum(calls) FILTER (status = 'failed') FROM {usage} GROUP BY ALL",
    ),
}


def sqlite_times(folder: Path, events: int, now: datetime, rounds: int) -> Iterator[str]:
    """Each question over 30 and 365 days, and how many times as long SQLite takes for it."""
    path = folder / "beside.duckdb"
    list(fill(path, events, now))
    con = open_warehouse(path, now)
    refresh(con, UTC, now)
    calls = con.sql(f"SELECT {', '.join(_COLUMNS)} FROM model_calls ORDER BY ts").pl()
    lite = sqlite3.connect(folder / "beside.sqlite")
    lite.execute("PRAGMA journal_mode = WAL")
    lite.execute(f"CREATE TABLE model_calls ({', '.join(_COLUMNS)})")
    rows = ((row[0].isoformat(" "), *row[1:8], None if row[8] is None else float(row[8])) for row in calls.iter_rows())
    lite.executemany(f"INSERT INTO model_calls VALUES ({', '.join('?' * len(_COLUMNS))})", rows)
    lite.execute("CREATE INDEX by_time ON model_calls (ts)")
    lite.commit()
    yield f"beside SQLite, {calls.height:,} calls:"
    for days in (30, 365):
        first = now.date() - timedelta(days=days - 1)
        told = days_of(con, first, now.date(), UTC)
        bound = {"start": first.isoformat(), "end": (now.date() + timedelta(days=1)).isoformat()}
        for name, (in_sqlite, in_duckdb) in _QUESTIONS.items():
            statement = in_duckdb.format(usage=told.usage, people=told.people)
            ours = timed(partial(_asked, con, statement), rounds).p50
            theirs = timed(partial(_asked, lite, in_sqlite, bound), 3).p50
            yield f"  {days:>3} days, {name}: {ours:.1f} ms, SQLite {theirs:.1f} ms: {theirs / ours:.0f}x"
    con.close()
    lite.close()


def _asked(con: Any, statement: str, *bound: Any) -> list[Any]:
    rows: list[Any] = con.execute(statement, *bound).fetchall()
    return rows
