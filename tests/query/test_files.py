"""Files become tables: every kind, names that SQL can be written with, and words for what can't be read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.query import DataFile, Limits, Queries, QueryError, kind_of
from data.query.loading import connect, free_name, load
from data.query.names import column_names, quoted
from tests.query.conftest import SALES
from tests.query.workbooks import workbook


def _file(name: str, data: bytes) -> DataFile:
    kind = kind_of(name, "")
    assert kind is not None
    return DataFile(name, kind, lambda: data)


def _parquet() -> bytes:
    out = io.BytesIO()
    polars.DataFrame({"city": ["Bern"], "amount": [1]}).write_parquet(out)
    return out.getvalue()


SAME = {
    "sales.csv": b"city,amount\nBern,1\n",
    "sales.CSV": b'\xef\xbb\xbf"city";"amount"\r\n"Bern";1\r\n',
    "sales.tsv": b"city\tamount\nBern\t1\n",
    "sales.json": b'[{"city": "Bern", "amount": 1}]',
    "sales.ndjson": b'{"city": "Bern", "amount": 1}\n',
    "sales.parquet": _parquet(),
    "sales.xlsx": workbook({"Sheet1": [["city", "amount"], ["Bern", 1]]}),
}


@pytest.mark.parametrize("name", SAME)
def test_every_kind_becomes_the_same_table(name: str) -> None:
    with connect(2**28) as con:
        (table,) = load(con, name, kind_of(name, "") or "", SAME[name])
        assert table["name"] == "sales"
        assert table["rows"] == 1
        assert table["columns"] == [["city", "VARCHAR"], ["amount", "BIGINT"]]
        assert table["sample"] == [("Bern", "1")]


async def test_files_are_read_behind_the_fences(queries: Queries) -> None:
    book = workbook(
        {
            "Ein & Aus": [["day", "paid", "code", "n", "n", None], [date(2024, 2, 29), True, "007", 1.5, 2, "x"],
                          [None, False, "1,5", None, 3, 'a "b"\nc']],
            "Empty": [],
        }
    )  # fmt: skip
    files = [_file("Konto 2024.xlsx", book), _file("more/Konto-2024.csv", b"a;b\n1,5;2024-01-02\n"), SALES]
    found = await queries.tables("ann", files)
    assert [(table.name, table.file, table.rows) for table in found.tables] == [
        ("konto_2024", "Konto 2024.xlsx", 2),
        ("konto_2024_2", "more/Konto-2024.csv", 1),
        ("sales", "sales.csv", 2),
    ]
    assert found.tables[0].columns == (
        ("day", "DATE"), ("paid", "BOOLEAN"), ("code", "VARCHAR"), ("n", "DOUBLE"), ("n_2", "BIGINT"),
        ("column_6", "VARCHAR"),
    )  # fmt: skip
    got = await queries.run("ann", files, "FROM konto_2024")
    assert got.rows == (("2024-02-29", True, "007", 1.5, 2, "x"), (None, False, "1,5", None, 3, 'a "b"\nc'))


async def test_each_sheet_is_a_table(queries: Queries) -> None:
    book = workbook({"In": [["a"], [1]], "Out": [["a"], [2]]})
    found = await queries.tables("ann", [_file("Budget.xlsx", book)])
    assert [table.name for table in found.tables] == ["budget_in", "budget_out"]


async def test_a_file_that_is_no_table_does_not_hide_the_others(queries: Queries) -> None:
    found = await queries.tables("ann", [_file("x.parquet", b"PAR1"), SALES])
    assert [table.name for table in found.tables] == ["sales"]
    ((name, why),) = found.unreadable
    assert name == "x.parquet"
    assert "x.parquet can't be read as a table" in why


BROKEN = {
    "x.xlsx": b"this is no workbook",
    "y.xlsx": b"PK\x03\x04" + b"\0" * 100,
    "x.parquet": b"PAR1" + b"\xff" * 50 + b"PAR1",
    "x.json": b'{"a": ',
    "z.parquet": _parquet()[:-9],
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_cant_be_read_is_said(name: str, kept_queries: Queries) -> None:
    with pytest.raises(QueryError) as wrong:
        await kept_queries.tables("ann", [_file(name, BROKEN[name])])
    assert name in str(wrong.value)
    assert "/dev/fd" not in str(wrong.value)
    assert (await kept_queries.run("ann", [SALES], "SELECT 1")).rows == ((1,),)


async def test_a_workbook_that_unpacks_to_gigabytes_ends_in_words() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        with zipfile.ZipFile(io.BytesIO(SAME["sales.xlsx"])) as small:
            for each in small.namelist():
                if "sheet1" not in each:
                    book.writestr(each, small.read(each))
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for _ in range(20):
                sheet.write(b"<row><c><v>1</v></c></row>" * 100_000)
            sheet.write(b"</sheetData></worksheet>")
    assert len(out.getvalue()) < 2**20
    queries = Queries(replace(Limits(), memory=100 * 2**20))
    try:
        with pytest.raises(QueryError, match=r"memory|too long"):
            await queries.tables("ann", [_file("bomb.xlsx", out.getvalue())])
        assert await queries.tables("ann", [SALES])
    finally:
        queries.close()


async def test_too_much_is_refused_before_it_is_sent(queries: Queries) -> None:
    with pytest.raises(QueryError, match="64 MB"):
        await queries.tables("ann", [DataFile("x.csv", "csv", lambda: b"a\n" * 2**25)] * 2)


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("a.CSV", "", "csv"),
        ("a", "text/csv; charset=utf-8", "csv"),
        ("a.txt", "text/plain", None),
        ("a.xls", "", "sheets"),
        ("report.ods", "", "sheets"),
        ("a.pdf", "application/pdf", None),
        ("folder\\a.jsonl", "", "json"),
    ],
)
def test_the_kind_is_known_by_name_or_media_type(name: str, media_type: str, kind: str | None) -> None:
    assert kind_of(name, media_type) == kind


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(2**28) as con:
        yield con


FILE_NAMES = st.text(max_size=80) | st.sampled_from(
    ["order.csv", "Order.csv", "", ".", "2024.csv", "a b.csv", "pg_x", "select", "null.json", "İ.csv", "ß.csv", "²"]
)


@given(names=st.lists(FILE_NAMES, max_size=8))
@settings(max_examples=60, deadline=None)
def test_table_names_need_no_quotes_and_are_apart(names: list[str], con: duckdb.DuckDBPyConnection) -> None:
    found: list[str] = []
    for name in names:
        found.append(free_name(con, name))
        con.execute(f"CREATE TABLE {found[-1]} AS SELECT 1 AS a")
    for name in found:
        assert con.execute(f"SELECT a FROM {name} x").fetchall() == [(1,)]
        con.execute(f"DROP TABLE {name}")
    assert len({each.lower() for each in found}) == len(names)


@given(names=st.lists(st.text(max_size=70), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_column_names_are_apart_and_can_be_quoted(names: list[str], con: duckdb.DuckDBPyConnection) -> None:
    found = column_names(names)
    assert len({each.lower() for each in found}) == len(names)
    assert all(found)
    con.execute(f"CREATE OR REPLACE TABLE t ({', '.join(f'{quoted(each)} INTEGER' for each in found)})")
    assert [row[0] for row in con.execute("DESCRIBE t").fetchall()] == found
    con.execute("DROP TABLE t")
