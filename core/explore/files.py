"""Results as files. What would act as a formula in a spreadsheet is plain text there."""

from __future__ import annotations

import io
import math
from decimal import Decimal

from core.chat.csv_text import csv_text
from data.query import Rows
from data.query.typed import typed_rows


def as_csv(rows: Rows) -> bytes:
    """For a spreadsheet, with a byte order mark: without one Excel reads UTF-8 as something else."""
    return csv_text([[name for name, _ in rows.columns], *rows.rows]).encode("utf-8-sig")


def as_parquet(rows: Rows) -> bytes:
    """With the types of the columns."""
    out = io.BytesIO()
    typed_rows(rows).write_parquet(out, compression="zstd")
    return out.getvalue()


def as_excel(rows: Rows) -> bytes:
    """A workbook with one sheet. Texts are written as texts: no formula, no link."""
    import xlsxwriter

    frame = typed_rows(rows)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {**options, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("Result")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, name in enumerate(frame.columns):
            sheet.write_string(0, at, name, bold)
            is_day = str(frame.dtypes[at]) == "Date"
            for line, value in enumerate(frame.to_series(at), 1):
                if value is None:
                    continue
                if is_day:
                    sheet.write_datetime(line, at, value, day)
                elif isinstance(value, str) or (isinstance(value, float) and not math.isfinite(value)):
                    sheet.write_string(line, at, str(value))  # of no number Excel has none but as a formula
                else:
                    sheet.write(line, at, float(value) if isinstance(value, Decimal) else value)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return out.getvalue()
