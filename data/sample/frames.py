"""Columns of the sample data as frames of the warehouse's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import polars as pl
from pydantic import BaseModel

from data.sample.company import Company
from data.sample.models import Ints, Mask, Strings
from data.values.sample import SAMPLE_PREFIX
from data.warehouse.frames import frame_schema

_DIGITS = 15


def as_frame(rows: type[BaseModel], columns: Mapping[str, Strings | pl.Series]) -> pl.DataFrame:
    """The columns with the types of the table of these rows; `ts` comes as microseconds since 1970."""
    schema = frame_schema(rows)
    return pl.DataFrame(dict(columns)).select(pl.col(name).cast(kind) for name, kind in schema.items())


def ids(company: Company, day: int, kind: str, number: Ints) -> pl.Series:
    """An id for each number, unlike those of other kinds, days and companies."""
    stem = f"{SAMPLE_PREFIX}{company.tag}-{day}-{kind}"
    return pl.select(pl.concat_str(pl.lit(stem), pl.Series(number).cast(pl.String))).to_series()


def taken(values: Sequence[str], places: Ints) -> pl.Series:
    """The value at each place."""
    return pl.Series(values, dtype=pl.String).gather(pl.Series(places))


def money(amounts: Ints) -> pl.Series:
    """Whole numbers of 10^-15 as exact decimals."""
    unit = pl.lit(Decimal(1).scaleb(-_DIGITS))
    whole = pl.Series(np.asarray(amounts, dtype=np.int64)).cast(pl.Decimal(38, 0))
    return pl.select((whole * unit).cast(pl.Decimal(38, _DIGITS))).to_series()


def dollars(amount: int) -> Decimal:
    """One such number, without zeros at its end."""
    return Decimal(amount).scaleb(-_DIGITS).normalize()


def only(mask: Mask, values: Strings | pl.Series, otherwise: str | None = None) -> pl.Series:
    """The values where the mask is true, null (or `otherwise`) elsewhere."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    return pl.select(pl.when(pl.Series(mask)).then(series).otherwise(pl.lit(otherwise))).to_series()
