"""Events as rows: many at once where all are as they should be, else one by one, to say what is wrong with which.

JSON into columns by Polars takes a twentieth of the time that an object for each event does, and it is as strict: a
value of another type than its column's is refused. What it can't see, absent keys, other values in the place of texts
and bounds, is looked at here. Columns that keep JSON are cut out by DuckDB: Polars forgets to escape quotes in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from data.warehouse.frames import frame_schema
from data.warehouse.routing import json_columns
from data.warehouse.schema import columns

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

_MOST = 10**20
"""As `schema.Amount`."""
_SHARES = ("propensity",)
"""Columns that are a `routing.Share`."""
_OTHER_VALUE = r"^(?:[-0-9.eE+]+$|true$|false$|[\[{])"
"""The text that Polars makes of a value that is none. Texts may look like that, too."""


def frame_of(con: DuckDBPyConnection, rows: type[BaseModel], texts: Sequence[str]) -> pl.DataFrame | None:
    """The events as a frame with the columns of the table of these rows, in their order; None: not all are sound.

    Args:
        con: only reads JSON; its file is not touched.
        rows: with columns of plain types: text, numbers, truth, one moment `ts`, amounts as text, or JSON.
        texts: JSON objects, one an event.
    """
    import duckdb
    import polars as pl  # 0.7 s: kept off the start path

    wanted, kept = frame_schema(rows), json_columns(rows)
    told = {name: pl.String if isinstance(kind, pl.Decimal | pl.Datetime) else kind for name, kind in wanted.items()}
    try:
        raw = pl.Series("text", texts, dtype=pl.String)
        frame = pl.read_ndjson("\n".join(texts).encode(), schema={n: k for n, k in told.items() if n not in kept})
        if len(frame) != len(texts):
            return None
        frame = frame.with_columns(_json_at(con, raw, kept))
        if not (_has_keys(frame, raw, rows) and _has_texts(frame, raw, kept)):
            return None
        frame = frame.select(_typed(name, kind) for name, kind in wanted.items())
    except (pl.exceptions.PolarsError, duckdb.Error, UnicodeEncodeError):
        return None
    return frame if _is_sound(frame, rows) else None


def _typed(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    import polars as pl

    if isinstance(kind, pl.Datetime):
        return pl.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC").dt.replace_time_zone(None)
    return pl.col(name).cast(kind) if isinstance(kind, pl.Decimal) else pl.col(name)


def _json_at(con: DuckDBPyConnection, texts: pl.Series, keys: Sequence[str]) -> list[pl.Series]:
    """What is at each of these keys, as compact JSON; null where there is nothing."""
    if not keys:
        return []
    paths = ", ".join(f"'$.{key}'" for key in keys)
    with con.cursor() as own:  # an error would take the caller's transaction with it
        own.register("told", texts.to_frame())
        cut = own.sql(f"SELECT json_extract(text, [{paths}]) AS found FROM told").pl()["found"]  # noqa: S608
    return [cut.list.get(at).alias(key) for at, key in enumerate(keys)]


def _has_keys(frame: pl.DataFrame, texts: pl.Series, rows: type[BaseModel]) -> bool:
    """Whether each event has each key that it must have, also where it is null.

    Inside of a text quotes are escaped, so a key that is found is one: the event's own, or one in JSON that is kept.
    """
    for name, field in rows.model_fields.items():
        missing = frame[name].is_null()
        if not field.is_required() or not missing.any():
            continue
        key = f'"{name}":'
        found = texts.filter(missing).str.count_matches(key, literal=True)
        for inner in json_columns(rows):
            found = found - frame[inner].filter(missing).str.count_matches(key, literal=True).fill_null(0)
        if (found != 1).any():
            return False
    return True


def _has_texts(frame: pl.DataFrame, texts: pl.Series, kept: Sequence[str]) -> bool:
    """Whether what is to be text is no number, truth or JSON of which Polars made one, and what is kept no text."""
    import polars as pl

    if any(frame[name].str.starts_with('"').any() for name in kept):
        return False
    for name, kind in frame.schema.items():
        if kind != pl.String or name in kept:
            continue
        doubtful = frame[name].str.contains(_OTHER_VALUE).fill_null(value=False)
        if doubtful.any() and not texts.filter(doubtful).str.contains(f'"{name}": ?"').all():
            return False
    return True


def _is_sound(frame: pl.DataFrame, rows: type[BaseModel]) -> bool:
    import polars as pl

    for column in columns(rows):
        values = frame[column.name]
        if not column.nullable and values.null_count():
            return False
        if values.dtype == pl.Int64 and (values < 0).any():
            return False
        if isinstance(values.dtype, pl.Decimal) and (values.abs() >= _MOST).any():
            return False
        if values.dtype == pl.Float64 and not values.is_finite().all():
            return False
        if column.name in _SHARES and not ((values > 0) & (values <= 1)).all():
            return False
    return True


def texts_at(texts: Sequence[str], key: str) -> pl.Series:
    """The text at a key of each JSON object; empty where there is none.

    Read in full only where a list, an object or something escaped stands before it: else what looks like it is it.
    """
    import polars as pl

    told = pl.Series(texts, dtype=pl.String)
    found = told.str.extract(rf'^\{{[^{{}}\[\]\\]*?"{key}": ?"([^"\\]*)"')
    missed = found.is_null()
    if missed.any():
        found = found.scatter(missed.arg_true(), told.filter(missed).str.json_path_match(f"$.{key}"))
    return found.fill_null("")
