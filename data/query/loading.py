"""Files become tables of a DuckDB in memory, which is then locked for good."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import duckdb

from data.query.names import quoted, table_name
from data.query.words import explain

_SAMPLE = 3
_READERS = {
    "csv": "read_csv({path}, sample_size = -1)",
    "json": "read_json({path}, sample_size = -1, maximum_object_size = 67108864)",
    "parquet": "read_parquet({path})",
}
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # more would be new threads, which the process may not start
    "async_threads": 0,
    "temp_directory": "",  # trap: DuckDB 2.0 lets SQL read and write there, also without external access
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
}


class Unreadable(Exception):
    """A file is not what its name says, or too much; the text says which, and why."""


def connect(memory: int) -> duckdb.DuckDBPyConnection:
    """An empty database in memory. Until `lock` it may open files; its process can't, but for those it was sent."""
    return duckdb.connect(":memory:", config=_CONFIG | {"memory_limit": f"{memory}B"})


def load(con: duckdb.DuckDBPyConnection, name: str, kind: str, data: bytes) -> list[dict[str, Any]]:
    """Make tables of one file; each with name, file, rows, columns and sample."""
    try:
        if kind == "sheets":
            return [_describe(con, table, name) for table in _load_sheets(con, name, data)]
        table = free_name(con, name)
        with _openable(data) as path:
            con.execute(f"CREATE TABLE {quoted(table)} AS FROM {_READERS[kind].format(path=path)}")
        return [_describe(con, table, name)]
    except duckdb.Error as error:
        raise Unreadable(f"{name} can't be read as a table. {explain(error)[1]}") from None


def lock(con: duckdb.DuckDBPyConnection, query_seconds: float, paths: Sequence[str] = ()) -> None:
    """From here on no statement can open a file but `paths`, an address or a setting, or take longer than that."""
    con.execute(f"SET max_execution_time = {int(query_seconds * 1000)}")
    con.execute(f"SET allowed_paths = [{', '.join(map(_literal, paths))}]")
    con.execute("SET allowed_directories = []")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _load_sheets(con: duckdb.DuckDBPyConnection, name: str, data: bytes) -> Iterator[str]:
    import python_calamine

    from data.query.sheets import read_sheets

    try:
        sheets = list(read_sheets(data))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"{name} can't be read as a workbook: {type(error).__name__}.") from None
    stem = name.rpartition(".")[0] or name
    for sheet in sheets:
        table = free_name(con, f"{stem}.x" if len(sheets) == 1 else f"{stem} {sheet.name}.x")
        types = ", ".join(f"{_literal(column)}: {_literal(kind)}" for column, kind in sheet.columns)
        with _openable(sheet.csv) as path:
            con.execute(
                f"CREATE TABLE {quoted(table)} AS FROM read_csv({path}, columns = {{{types}}}, header = false, "
                "auto_detect = false, delim = ',', quote = '\"', escape = '\"')"
            )
        yield table


def free_name(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """What a table of the file `name` is called: a name that no table has yet, and that needs no quotes."""
    taken = [row[0].lower() for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    words = con.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'").fetchall()
    return table_name(name, taken, frozenset(row[0].lower() for row in words))


def _describe(con: duckdb.DuckDBPyConnection, table: str, file: str) -> dict[str, Any]:
    columns = [[row[0], row[1]] for row in con.execute(f"DESCRIBE {quoted(table)}").fetchall()]
    counted = con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()  # noqa: S608  # quoted
    texts = ", ".join(f"left(CAST(#{at} AS VARCHAR), 60)" for at in range(1, min(len(columns), 100) + 1))
    sample = con.execute(f"SELECT {texts} FROM {quoted(table)} LIMIT {_SAMPLE}").fetchall()  # noqa: S608
    return {"name": table, "file": file, "rows": counted[0] if counted else 0, "columns": columns, "sample": sample}


@contextmanager
def _openable(data: bytes) -> Iterator[str]:
    """`data` as a path that DuckDB can open, as a literal of SQL: a file in memory, without a name anywhere."""
    with _nameless() as file:
        file.write(data)
        file.flush()
        yield _literal(f"/dev/fd/{file.fileno()}")


def _nameless() -> IO[bytes]:
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("data"), "wb")
    return tempfile.TemporaryFile()  # macOS has no files in memory; this one has no name, either


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
