"""Results as files, with their types and without formulas; and what is wrong with a statement in plain words."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
import python_calamine

from core.explore.files import as_csv, as_excel, as_parquet
from data.query import QueryError, Rows
from data.query.typed import typed_rows
from tests.explore.conftest import ANALYST, Place

ALL_TYPES = """
SELECT DATE '2026-11-30' AS day, TIMESTAMP '2026-11-30 12:00:01.5' AS ts, 12.340000000000001::DECIMAL(38,15) AS cost,
    9007199254740993 AS big, 7::TINYINT AS small, 0.1 + 0.2e0 AS x, true AS yes, '=1+1' AS formula, NULL AS nothing,
    [1, 2] AS list, sum(1) AS wide, 'a' AS day
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, 'nan'::DOUBLE, NULL, '@x', NULL, NULL, NULL, NULL
ORDER BY day NULLS LAST
"""


@pytest.fixture(scope="module")
def rows(company: Place) -> Rows:
    return company.service.run(ANALYST, ALL_TYPES).rows


def test_a_result_keeps_its_types(rows: Rows) -> None:
    frame = typed_rows(rows)
    assert frame.columns[:4] == ["day", "ts", "cost", "big"]
    assert frame.columns[-1] == "day_2", "no two columns have one name"
    first = frame.row(0, named=True)
    assert first["day"] == date(2026, 11, 30)
    assert first["ts"] == datetime(2026, 11, 30, 12, 0, 1, 500_000)
    assert first["cost"] == Decimal("12.340000000000001")
    assert first["big"] == 9007199254740993, "a browser's number could not hold it"
    assert (first["small"], first["yes"], first["wide"]) == (7, True, 1)
    assert first["x"] == pytest.approx(0.3)
    assert first["list"] == "[1, 2]"


def test_parquet_has_the_same(rows: Rows) -> None:
    frame = pl.read_parquet(io.BytesIO(as_parquet(rows)))
    assert frame.equals(typed_rows(rows))


def test_csv_runs_nothing(rows: Rows) -> None:
    lines = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert lines[0] == [name for name, _ in rows.columns]
    assert lines[1][7] == "'=1+1"
    assert lines[2][7] == "'@x"
    assert lines[1][2] == "12.340000000000001", "with all its digits"
    assert lines[1][3] == "9007199254740993"


def test_excel_runs_nothing_and_has_days_and_numbers(rows: Rows) -> None:
    data = as_excel(rows)
    sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_name("Result").to_python()
    header, first, second = sheet
    assert header[0] == "day"
    assert first[0] == date(2026, 11, 30)
    assert first[7] == "=1+1"
    assert second[7] == "@x"
    assert first[2] == pytest.approx(12.34)
    assert first[6] is True
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml"), "no cell is a formula"


def test_a_lie_about_a_type_stays_text() -> None:
    lies = Rows((("a", "BIGINT"), ("b", "DATE"), ("c", "BOOLEAN"), ("d", "DECIMAL(9,2)")), (("x", "y", 3, "z"),), 1)
    assert typed_rows(lies).row(0) == ("x", "y", "3", "z")


@pytest.mark.parametrize(
    ("sql", "says", "remedy"),
    [
        ("", "nothing to run", "example"),
        ("SELEC 1", "something is wrong at “SELEC”", "commas"),
        ("SELECT count(*) FROM", "something is wrong at “FROM”", "brackets"),
        ("SELECT modell FROM model_calls", "no column “modell”", "model"),
        ("SELECT m.modell FROM model_calls m", "no column “modell”", "beside the editor"),
        ("SELECT model, count(*) FROM model_calls", "neither grouped", "GROUP BY ALL"),
        ("SELECT summe(1)", "no function “summe”", "sum"),
        ("SELECT 'x' + DATE '2026-01-01' FROM model_calls", "", ""),
        ("SELECT day - model FROM model_calls", "does not go together", "CAST"),
        ("SELECT CAST(model AS INTEGER) FROM model_calls", "is no INT32", "TRY_CAST"),
        ("SELECT name FROM teams a, teams b", "More than one table", "name"),
        ("SELECT * FROM nothing", "no table nothing", ""),
        ("DELETE FROM teams", "DELETE is not run here", ""),
        ("x" * 20_001, "longer than 20,000", ""),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(company: Place, sql: str, says: str, remedy: str) -> None:
    with pytest.raises(QueryError) as wrong:
        company.service.run(ANALYST, sql)
    assert says in str(wrong.value)
    assert remedy in wrong.value.remedy
    assert "Error:" not in wrong.value.explain()
    assert "LINE" not in wrong.value.explain()
