"""The sums of days: of the whole year at first, and of one day that a late event has made dirty."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bench.warehouse.filling import ZONE
from bench.warehouse.timing import timed
from data.warehouse.dirty import dirty_days, mark
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import refresh


def summing_times(path: Path, now: datetime) -> Iterator[str]:
    """How long they take, how many rows they are, and what they add to the file."""
    con = open_warehouse(path, now)
    days = len(dirty_days(con))
    began = time.perf_counter()
    refresh(con, ZONE, now)
    first = time.perf_counter() - began
    con.checkpoint()
    yesterday = now.date() - timedelta(days=1)
    busiest = con.execute("SELECT day FROM usage_daily GROUP BY day ORDER BY sum(calls) DESC LIMIT 1").fetchone()
    day = busiest[0] if busiest else yesterday

    def once() -> None:
        mark(con, [day])
        refresh(con, ZONE, now)

    again = timed(once, 9)
    rows = {
        table: con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        for table in ("model_calls", "usage_daily", "people_daily", "speed_daily")
    }
    calls = con.execute("SELECT sum(calls) FROM usage_daily WHERE day = ?", [day]).fetchall()[0][0]
    con.close()
    yield f"sums of {days} days, all at once: {first:.1f} s"
    yield f"one dirty day of {calls:,} calls summed anew: {again}"
    yield "rows: " + ", ".join(f"{table} {count:,}" for table, count in rows.items())
    yield f"file with rollups: {path.stat().st_size / 2**20:,.0f} MiB"
