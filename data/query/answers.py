"""Running an admitted statement, and its rows as JSON has them: bounded in number, in length and in bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import duckdb

from data.query.statements import admit

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_AS_THEY_ARE = frozenset({"BOOLEAN", "FLOAT", "DOUBLE", "VARCHAR", *_INTEGERS, *(f"U{name}" for name in _INTEGERS)})
_NAMES = """
SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'
UNION ALL SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
"""
_EXACT = 2**53  # browsers' numbers are doubles
_BATCH = 500


def answer(con: duckdb.DuckDBPyConnection, sql: str, limits: Mapping[str, int]) -> dict[str, Any]:
    """Columns (pairs of name and type), rows, how many there were, and whether they were not all counted.

    `limits` has `rows`, `result_bytes`, `cell_chars`, `columns` and `counted_rows`.
    """
    found = con.execute(_NAMES).fetchall()
    tables = frozenset(row[0].lower() for row in found)
    statement = admit(con, sql, tables)
    con.execute("BEGIN TRANSACTION READ ONLY")
    try:
        columns = _run(con, statement, tables, limits["columns"])
        return {"columns": columns} | _take(con, limits)
    finally:
        con.execute("ROLLBACK")


def _run(
    con: duckdb.DuckDBPyConnection, statement: duckdb.Statement, tables: frozenset[str], most: int
) -> list[tuple[str, str]]:
    """Start the statement; its columns. Values that Python or JSON would change are cast to text by DuckDB."""
    if statement.type == duckdb.StatementType.EXPLAIN:
        con.execute(statement)
        return [(each[0], str(each[1])) for each in con.description or ()]
    inner = statement.query.strip().rstrip(";")
    described = con.execute(admit(con, f"DESCRIBE (\n{inner}\n)", tables)).fetchall()
    columns = [(row[0], row[1]) for row in described][:most]
    if len(described) == len(columns) and all(kind in _AS_THEY_ARE for _, kind in columns):
        con.execute(statement)
        return columns
    cells = ", ".join(
        f"#{at}" if kind in _AS_THEY_ARE else f"CAST(#{at} AS VARCHAR)" for at, (_, kind) in enumerate(columns, 1)
    )
    con.execute(admit(con, f"SELECT {cells} FROM (\n{inner}\n)", tables))  # noqa: S608  # it was admitted, and is again
    return columns


def _take(con: duckdb.DuckDBPyConnection, limits: Mapping[str, int]) -> dict[str, Any]:
    rows: list[list[Any]] = []
    total, weight, is_full = 0, 0, False
    while total < limits["counted_rows"] and (batch := con.fetchmany(_BATCH)):
        for row in batch:
            total += 1
            is_full = is_full or len(rows) >= limits["rows"]
            if is_full:
                continue
            cells = [_cell(value, limits["cell_chars"]) for value in row]
            weight += sum(len(str(cell)) + 4 for cell in cells)
            is_full = weight > limits["result_bytes"]
            if not is_full:
                rows.append(cells)
    is_cut = total >= limits["counted_rows"] and bool(con.fetchmany(1))
    return {"rows": rows, "total": total, "is_cut": is_cut}


def _cell(value: Any, longest: int) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str) and len(value) > longest:
        return value[:longest] + " [cut]"
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value
