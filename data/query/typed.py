"""A result with the types that its columns have, in the process of the app.

Cells came as text from a process that others may have taken over: what does not fit the type that was told stays text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data.query.names import column_names
from data.query.values import Rows

if TYPE_CHECKING:
    import polars as pl

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_FLOATS = frozenset({"DOUBLE", "FLOAT"})
_WHOLE = frozenset(
    f"{sign}{name}" for sign in ("", "U") for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)
_NUMBERS = _FLOATS | _WHOLE


def typed_rows(rows: Rows) -> pl.DataFrame:
    """The rows as a frame; no two of its columns have one name."""
    import polars as pl

    names = column_names(name for name, _ in rows.columns)
    series = [
        _series(name, kind, [row[at] for row in rows.rows])
        for at, (name, (_, kind)) in enumerate(zip(names, rows.columns, strict=True))
    ]
    return pl.DataFrame(series)


def _series(name: str, kind: str, cells: list[str | int | float | bool | None]) -> pl.Series:
    import polars as pl

    texts = pl.Series(name, [None if cell is None else str(cell) for cell in cells], pl.String)
    found = None
    try:
        if kind in _NUMBERS:
            found = texts.cast(pl.Float64 if kind in _FLOATS else pl.Int64)
        elif kind == "BOOLEAN" and all(cell is None or isinstance(cell, bool) for cell in cells):
            found = pl.Series(name, cells, pl.Boolean)
        elif decimal := _DECIMAL.fullmatch(kind):
            found = texts.cast(pl.Decimal(int(decimal[1]), int(decimal[2])))
        elif kind == "DATE":
            found = texts.str.to_date("%Y-%m-%d")
        elif kind == "TIMESTAMP":
            found = texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
    except (ValueError, pl.exceptions.PolarsError):
        found = None
    return texts if found is None else found
