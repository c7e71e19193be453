"""Events into the warehouse: ready frames straight into the file, and single events through the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from tzlocal import get_localzone

from core.cli.opened import OPERATOR
from data.sample.days import A_DAY, ROWS_A_DAY, SampleDay, sample_days
from data.sample.events import events_of
from data.store import OwnerId, open_store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.sample import Seeding
from data.warehouse.dirty import mark
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import keep_zone
from data.warehouse.writer import WarehouseWriter

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAYS = 365
ZONE = get_localzone()
_CHUNK = 2_000
_AT_ONCE = 1_000_000
"""Rows in a transaction: from 122,880 of a table on DuckDB writes them to their place, fewer to its log first."""


def people_of(events: int) -> int:
    """How many people there are for so many events of a year: some twenty thousand each."""
    return max(40, min(2_000, events // 20_000))


def fill(path: Path, events: int, now: datetime) -> Iterator[str]:
    """A year of events into a new file, some days' frames at a time; what is timed is DuckDB alone."""
    if path.exists():
        yield f"{path.name}: taken as it is"
        return
    people = people_of(events)
    a_day = A_DAY * events / (DAYS * people * ROWS_A_DAY)
    con = open_warehouse(path, now)
    keep_zone(con, ZONE)
    rows, calls, seconds = 0, 0, 0.0
    for days in _together(now, people, a_day):
        seconds += _insert(con, days)
        rows += sum(day.rows for day in days)
        calls += sum(day.frames["model_calls"].height for day in days)
    began = time.perf_counter()
    con.checkpoint()
    seconds += time.perf_counter() - began
    con.close()
    size = path.stat().st_size
    yield f"filled: {rows:,} events of {people:,} people in {DAYS} days, {calls:,} of them calls of models"
    yield f"bulk frames: {rows / seconds:,.0f} rows/s ({seconds:.1f} s, {_AT_ONCE:,} at once, with the checkpoint)"
    yield f"file without rollups: {size / 2**20:,.0f} MiB, {size / rows:.1f} bytes an event"


def _together(now: datetime, people: int, a_day: float) -> Iterator[list[SampleDay]]:
    """Days, as many at once as make a transaction worth its fsync."""
    some: list[SampleDay] = []
    for day in sample_days(np.random.default_rng(7), now, days=DAYS, people=people, a_day=a_day):
        some.append(day)
        if sum(each.rows for each in some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _insert(con: DuckDBPyConnection, days: list[SampleDay]) -> float:
    """Seconds that DuckDB took."""
    frames = {table: pl.concat([day.frames[table] for day in days]) for table in days[0].frames}
    dates = frames["model_calls"]["ts"].dt.date().unique().to_list()
    began = time.perf_counter()
    con.begin()
    for table, frame in frames.items():
        con.register("batch", frame)
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")
        con.unregister("batch")
    mark(con, dates)
    con.commit()
    return time.perf_counter() - began


def outbox_rate(folder: Path, events: int, now: datetime) -> Iterator[str]:
    """Events that wait in SQLite until the running writer has them all in the file."""
    store = open_store(f"sqlite:///{folder / 'outbox.db'}", owner=OwnerId.current())
    seeding = Seeding("bench", 3, 30, 0, now)
    store.sample_data.begin(seeding, AuditEvent.by(OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE))
    posted = 0
    for day in sample_days(np.random.default_rng(3), now, days=30, people=max(10, events // 400)):
        told = list(events_of(day))[: events - posted]
        for start in range(0, len(told), _CHUNK):
            store.sample_data.add(seeding.id, told[start : start + _CHUNK])
        posted += len(told)
        if posted >= events:
            break
    writer = WarehouseWriter(folder / "outbox.duckdb", store.outbox)
    began = time.perf_counter()
    writer.start()
    while store.outbox.batch(1):
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    writer.close()
    store.close()
    yield f"through the outbox: {posted / seconds:,.0f} rows/s ({posted:,} events in {seconds:.1f} s, imports included)"
