"""A crowd of people, made up as sample data is but with the ids of real ones, in a warehouse with its rollups."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from data.sample.days import sample_days
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import keep_zone, refresh

Frames = dict[str, pl.DataFrame]


def crowd(now: datetime, *, people: int, days: int = 60, a_day: float = 4.0, seed: int = 1) -> Frames:
    """All they did, by table; nobody's id says that they are made up."""
    made = list(sample_days(np.random.default_rng(seed), now, days=days, people=people, a_day=a_day))
    frames = {table: pl.concat([day.frames[table] for day in made]) for table in made[0].frames}
    names = ("user_id", "team_id")
    return {
        table: frame.with_columns(pl.col(name).str.strip_prefix("sample-") for name in names if name in frame.columns)
        for table, frame in frames.items()
    }


def kept(path: Path, frames: Frames, zone: tzinfo, now: datetime) -> duckdb.DuckDBPyConnection:
    """The warehouse with all of it, days that are over summed."""
    con = open_warehouse(path, now)
    for table, frame in frames.items():
        with con.cursor() as cursor:
            cursor.register("frame", frame)
            cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame").fetchall()
    keep_zone(con, zone)
    refresh(con, zone, now)
    return con
