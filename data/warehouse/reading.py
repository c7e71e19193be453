"""Events as rows: many at once where all are as they should be, else one by one, to say what is wrong with which.

JSON into columns by Polars takes a twentieth of the time that an object for each event does, and it is as strict: a
value of another type than its column's is refused. What it can't see, absent keys and bounds, is looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from data.warehouse.frames import frame_schema
from data.warehouse.schema import columns

if TYPE_CHECKING:
    import polars as pl

_MOST = 10**20
"""As `schema.Amount`."""


def frame_of(rows: type[BaseModel], texts: Sequence[str]) -> pl.DataFrame | None:
    """The events as a frame with the columns of the table of these rows, in their order; None: not all are sound.

    Args:
        rows: with columns of plain types: text, numbers, truth, one moment `ts`, amounts as text.
        texts: JSON objects, one an event.
    """
    import polars as pl  # 0.7 s: kept off the start path

    wanted = frame_schema(rows)
    told = {name: pl.String if isinstance(kind, pl.Decimal | pl.Datetime) else kind for name, kind in wanted.items()}
    required = [name for name, field in rows.model_fields.items() if field.is_required()]
    try:
        if not _has_keys(pl.Series(texts), required):
            return None
        frame = pl.read_ndjson("\n".join(texts).encode(), schema=told)
        frame = frame.with_columns(
            pl.col("ts").str.to_datetime("%+", time_unit="us", time_zone="UTC").dt.replace_time_zone(None),
            *(pl.col(name).cast(kind) for name, kind in wanted.items() if isinstance(kind, pl.Decimal)),
        )
    except (pl.exceptions.PolarsError, UnicodeEncodeError):
        return None
    return frame if len(frame) == len(texts) and _is_sound(frame, rows) else None


def _has_keys(texts: pl.Series, names: Sequence[str]) -> bool:
    """Whether each text has all of them. Where one stands in a value only, a null that may not be one gives it away."""
    return all(texts.str.contains(f'"{name}":', literal=True).all() for name in names)


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
    return True


def texts_at(texts: Sequence[str], key: str) -> pl.Series:
    """The text at a key of each JSON object; empty where there is none."""
    import polars as pl

    return pl.Series(texts, dtype=pl.String).str.json_path_match(f"$.{key}").fill_null("")
