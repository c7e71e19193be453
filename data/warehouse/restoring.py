"""Rows that only the exported files have: the database they were booked in has lost them, or never had them.

Whatever is in a file was in the warehouse when it was last looked at, so a row of it that is not in the new file is put
there. A pseudonym becomes the id that it was made of where the database knows the person; else it stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.warehouse.erasing import keep_receipt
from data.warehouse.frames import frame_schema
from data.warehouse.receipts_file import saved_receipts
from data.warehouse.schema import columns
from data.warehouse.views import FACTS

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

_AT_ONCE = 31  # files: what is read meanwhile has to fit into memory


@dataclass(frozen=True, slots=True)
class Exported:
    """Files of a warehouse, and whom their pseudonyms are of."""

    folder: Path
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Restored:
    """How many rows there are now that only files had, by table; and files that could not be read."""

    rows: Mapping[str, int]
    days: int
    unread: tuple[str, ...]


def restore(con: DuckDBPyConnection, exported: Exported | None) -> Restored:
    """Put rows that only the files have into the tables, some files at a time. Sample data stays away."""
    import polars as pl

    rows: dict[str, int] = {}
    days: set[str] = set()
    unread: list[str] = []
    for table in FACTS if exported is not None else ():
        assert exported is not None
        paths = sorted((exported.folder / table).glob("*.parquet"))
        for start in range(0, len(paths), _AT_ONCE):
            frames = {}
            for path in paths[start : start + _AT_ONCE]:
                try:
                    frames[path.stem] = _frame(table, path, exported.people)
                except (pl.exceptions.PolarsError, OSError):
                    unread.append(f"{table}/{path.name}")
            if frames:
                found = _insert(con, table, pl.concat([f.with_columns(file=pl.lit(d)) for d, f in frames.items()]))
                rows[table] = rows.get(table, 0) + found.height
                days |= set(found["file"])
    return Restored({table: count for table, count in rows.items() if count}, len(days), tuple(unread))


def restore_receipts(con: DuckDBPyConnection, folder: Path) -> None:
    """Put the receipts that only the files have into `erasures`."""
    known = {each for (each,) in con.execute("SELECT event_id FROM erasures").fetchall()}
    saved, _ = saved_receipts(folder) or ((), None)
    for each in saved:
        if each.id not in known:
            keep_receipt(con, each)


def _frame(table: str, path: Path, people: Mapping[str, str]) -> pl.DataFrame:
    """A file as the warehouse's table has it. Raises PolarsError for one without a column that has to be filled."""
    import polars as pl

    read = pl.read_parquet(path).filter(~pl.col("is_sample"))
    read = read.with_columns(user_id=pl.col("person").replace(dict(people)))
    absent = [each.name for each in columns(FACTS[table]) if each.nullable and each.name not in read.columns]
    schema = frame_schema(FACTS[table])
    return read.with_columns(pl.lit(None).alias(name) for name in absent).select(
        pl.col(name).cast(kind) for name, kind in schema.items()
    )


def _insert(con: DuckDBPyConnection, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Those rows of it that were not there, and are now."""
    con.register("batch", frame)
    found: pl.DataFrame = con.sql(f"SELECT * FROM batch ANTI JOIN {table} USING (event_id)").pl().unique("event_id")  # noqa: S608
    con.unregister("batch")
    if found.is_empty():
        return found
    con.register("batch", found.drop("file").sort("ts"))
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")  # noqa: S608 - one of the names above
    con.unregister("batch")
    return found
