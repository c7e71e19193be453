"""In the limited process: files that stay where they are, rows that were sent, and views over both."""

from __future__ import annotations

from typing import IO, Any

import duckdb

from data.query.names import quoted
from data.query.words import explain


def prepare() -> None:
    """Import what can't be imported behind the fences."""
    import pyarrow as pa
    import pyarrow.dataset  # DuckDB asks whether what it is given is one

    pa.set_cpu_count(1)  # more would be threads, which the process may not start
    pa.set_io_thread_count(1)


def load(con: duckdb.DuckDBPyConnection, requests: IO[bytes], feed: dict[str, Any]) -> dict[str, Any]:
    """Make the tables and the views; an error when they are too much."""
    try:
        con.execute("CREATE SCHEMA kept")
        con.execute("SET parquet_metadata_cache = true")
        for each in feed["rows"]:
            _keep(con, each["name"], requests.read(each["size"]))
        for statement in feed["statements"]:
            con.execute(statement)
    except (duckdb.Error, MemoryError) as error:
        return {"error": explain(error)[1]}
    return {"tables": [], "unreadable": []}


def _keep(con: duckdb.DuckDBPyConnection, name: str, data: bytes) -> None:
    import pyarrow as pa

    rows = pa.ipc.open_stream(pa.py_buffer(data), options=pa.ipc.IpcReadOptions(use_threads=False))
    con.register("sent", rows.read_all())
    con.execute(f"CREATE TABLE kept.{quoted(name)} AS FROM sent")
    con.unregister("sent")
