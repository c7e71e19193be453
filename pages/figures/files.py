"""Tables of the pages of numbers as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.chat.csv_text import csv_text
from data.values.media import Cell


def as_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """For a spreadsheet; a text that would act as a formula there is made plain text."""
    table: list[Sequence[Cell]] = [list(rows[0])] if rows else []
    table += [[_cell(value) for value in row.values()] for row in rows]
    return csv_text(table).encode("utf-8-sig")


def _cell(value: object) -> Cell:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
