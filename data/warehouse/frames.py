"""Polars frames with exactly the columns of the warehouse's tables: what goes in fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.warehouse.schema import MONEY_DIGITS, MONEY_SCALE, columns

if TYPE_CHECKING:
    import polars as pl
    from pydantic import BaseModel


def frame_schema(rows: type[BaseModel]) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The types of the columns of the table of these rows, in order."""
    import polars as pl  # 0.7 s: kept off the start path

    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "VARCHAR": pl.String,
        "TIMESTAMP": pl.Datetime("us"),
        "DOUBLE": pl.Float64,
        "BIGINT": pl.Int64,
        "BOOLEAN": pl.Boolean,
        "DATE": pl.Date,
    }
    money = pl.Decimal(MONEY_DIGITS, MONEY_SCALE)
    return {column.name: types.get(column.sql_type, money) for column in columns(rows)}
