"""What goes into a query and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from data.values.errors import GearboxError
from data.values.media import Cell

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".xlsx": "sheets",
    ".xlsm": "sheets",
    ".xlsb": "sheets",
    ".xls": "sheets",
    ".ods": "sheets",
}
_MEDIA_TYPES = {
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/json": "json",
    "application/x-ndjson": "json",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.ms-excel": "sheets",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheets",
    "application/vnd.oasis.opendocument.spreadsheet": "sheets",
}


class QueryError(GearboxError):
    """A query gave nothing: it is wrong, not allowed, too large or too slow, or the file can't be read."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file with tables in it; `kind` as `kind_of` says, `read` blocks."""

    name: str
    kind: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be asked: `columns` are pairs of name and DuckDB type, `sample` its first rows."""

    name: str
    file: str
    rows: int
    columns: tuple[tuple[str, str], ...]
    sample: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of some files; `unreadable` are pairs of a file's name and why there is no table of it."""

    tables: tuple[Table, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """A query's result.

    Args:
        columns: pairs of name and DuckDB type. Decimals, dates and nested values are text in `rows`.
        rows: the first ones.
        total: how many there were.
        is_cut: there were more than `total`; they were not counted.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """What a process is given of what the app keeps, chosen for the person who asks.

    Args:
        folder: with files that it may read; None when there are none.
        paths: of those files, below the folder; no other can be opened.
        rows: tables of the schema `kept`, each as an Arrow stream (IPC).
        statements: SQL of ours that makes the views, which are all that can be asked.
        version: the same for the same feed.
    """

    folder: str | None
    paths: tuple[str, ...]
    rows: tuple[tuple[str, bytes], ...]
    statements: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; times in seconds, the rest in bytes or numbers of things.

    `memory` is DuckDB's own limit; the process gets three times as much address space, for what DuckDB doesn't count.
    """

    query_seconds: float = 5.0
    load_seconds: float = 20.0
    memory: int = 512 * 2**20
    files_bytes: int = 64 * 2**20
    sql_chars: int = 20_000
    rows: int = 5_000
    result_bytes: int = 2**20
    cell_chars: int = 2_000
    columns: int = 500
    counted_rows: int = 200_000
    processes: int = 2
    waiting_per_owner: int = 8
    idle_seconds: float = 300.0


def kind_of(name: str, media_type: str) -> str | None:
    """Which reader takes a file: by its name, else by its media type; None when it holds no table we can read."""
    by_name = _KINDS.get(PurePosixPath(name.replace("\\", "/")).suffix.lower())
    return by_name or _MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())
