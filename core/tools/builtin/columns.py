"""Columns of a result as a chart takes them: numbers, moments or names."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import GearboxError
from data.values.media import Cell

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_LONGEST = 40  # characters of a name on an axis
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")


@dataclass(frozen=True, slots=True)
class Column:
    """Values under a name; `axis` is Plotly's type of an axis for them: linear, date or category."""

    name: str
    axis: str
    values: tuple[Cell, ...]

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, or missing."""
        return self.axis == "linear"

    @property
    def is_ordered(self) -> bool:
        """Whether its values have an order of their own."""
        return self.axis != "category"


def column(name: str, kind: str, values: Sequence[Cell]) -> Column:
    """A column of a query's result; `kind` is its DuckDB type, empty where only the values tell."""
    if kind.removeprefix("U").startswith(_NUMBERS) and not kind.endswith("]"):
        return Column(name, "linear", tuple(_number(value) for value in values))
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return Column(name, "date", tuple(_moment(value) for value in values))
    there = [value for value in values if value is not None]
    if not kind and there and all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
        return Column(name, "linear", tuple(_number(value) for value in values))
    if not kind and there and all(isinstance(value, str) and _MOMENT.fullmatch(value) for value in there):
        return Column(name, "date", tuple(values))
    return Column(name, "category", tuple(_names(values)))


def pick(columns: Sequence[Column], name: str) -> Column:
    """The column of that name, in any case.

    Raises:
        GearboxError: there is none; the words name those that there are.
    """
    for each in columns:
        if each.name.lower() == name.lower():
            return each
    names = ", ".join(f"“{each.name}”" for each in columns)
    raise GearboxError(f"There is no column “{name}”. There are {names}.")


def _number(value: Cell) -> Cell:
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return value if isinstance(value, int) else int(number) if number.is_integer() and abs(number) < 2**53 else number


def _moment(value: Cell) -> Cell:
    found = _MOMENT.match(str(value)) if value is not None else None
    return found.group() if found else None


def _names(values: Sequence[Cell]) -> list[str | None]:
    """As text, long ones cut where they are still told apart."""
    texts = [
        None if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in values
    ]
    cut = [text if text is None or len(text) <= _LONGEST else text[: _LONGEST - 1] + "…" for text in texts]
    return cut if len(set(cut)) == len(set(texts)) else texts
