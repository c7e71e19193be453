"""Sheets of Excel and OpenDocument files, as CSV with the types of their columns."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import python_calamine

from data.query.names import column_names

_Value = object
_INTEGERS = 2**53  # a sheet keeps numbers as doubles: whole ones up to here are exact


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows as CSV without a header, and its columns as pairs of name and DuckDB type."""

    name: str
    columns: tuple[tuple[str, str], ...]
    csv: bytes


def read_sheets(data: bytes) -> Iterator[Sheet]:
    """The sheets with something in them. The first row that isn't empty names the columns."""
    book = python_calamine.load_workbook(io.BytesIO(data))
    for name in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        except python_calamine.WorksheetNotFound:  # a sheet that is only a chart
            continue
        filled = [row for row in rows if any(value != "" for value in row)]
        if filled:
            yield _sheet(name, filled)


def _sheet(name: str, rows: Sequence[Sequence[_Value]]) -> Sheet:
    header, *body = rows
    names = column_names(_text(value) for value in header)
    types = [_type([row[at] for row in body]) for at in range(len(names))]
    out = io.StringIO()
    writer = csv.writer(out)
    for row in body:
        writer.writerow([_cell(value, kind) for value, kind in zip(row, types, strict=True)])
    return Sheet(name, tuple(zip(names, types, strict=True)), out.getvalue().encode("utf-8", "replace"))


def _type(values: Sequence[_Value]) -> str:
    kinds = {type(value) for value in values if value != ""}
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds and kinds <= {int, float}:
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        return "BIGINT" if all(each.is_integer() and abs(each) <= _INTEGERS for each in numbers) else "DOUBLE"
    if kinds == {dt.date}:
        return "DATE"
    if kinds and kinds <= {dt.date, dt.datetime}:
        return "TIMESTAMP"
    return "TIME" if kinds == {dt.time} else "VARCHAR"


def _cell(value: _Value, kind: str) -> str:
    if value == "":
        return ""
    if kind == "BIGINT" and isinstance(value, int | float):
        return str(int(value))
    return _text(value)


def _text(value: _Value) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _INTEGERS:
        return str(int(value))
    return str(value)
