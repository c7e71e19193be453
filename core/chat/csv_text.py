"""Rows as CSV, for people to open in a spreadsheet and for models to read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from data.values.media import Cell
from data.values.parts import TablePart

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows, each on a line, as RFC 4180 has them but for the line feed. Numbers stay numbers.

    Spreadsheets run what looks like a formula, and models copy what others wrote: such text gets an apostrophe before
    it (OWASP, "CSV injection").
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return out.getvalue()


def table_csv(table: TablePart) -> str:
    """A table with its head; rows that are too short are filled up."""
    wide = len(table.columns)
    return csv_text([table.columns, *(row + (None,) * (wide - len(row)) for row in table.rows)])


def _written(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
