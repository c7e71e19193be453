"""The first rows of a file's tables, for people to see what they attached: a process of its own that ends with it."""

from __future__ import annotations

import threading
from contextlib import closing

from data.query.names import quoted
from data.query.process import QueryProcess
from data.query.values import DataFile, Limits, Rows, Table

_LIMITS = Limits(load_seconds=10.0, memory=256 * 2**20, columns=100, cell_chars=200)
_MOST_AT_ONCE = threading.BoundedSemaphore(2)
"""Each keeps a core busy; whoever comes next waits."""


def first_rows(file: DataFile, *, tables: int, rows: int) -> tuple[tuple[Table, Rows], ...]:
    """The first tables of a file with their first rows. Blocks, a second or so.

    Raises:
        QueryError: it can't be read as a table.
    """
    with _MOST_AT_ONCE, closing(QueryProcess(_LIMITS)) as process:
        process.load([(file.name, file.kind, file.read())])
        found = process.tables.tables[:tables]
        return tuple((table, process.run(f"FROM {quoted(table.name)} LIMIT {rows}", rows)) for table in found)
