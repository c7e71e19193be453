"""DuckDB's errors in words that a model or a person can act on, without a path of the machine in them."""

from __future__ import annotations

import re

import duckdb

_REACHED_OUT = (
    "Nothing but the tables can be read here: no files, no addresses, no extensions, no settings. "
    "Use the names of the tables."
)
_MEMORY = "The query needs more memory than it may have. Filter or aggregate earlier, or ask for fewer columns."
_PATH = re.compile(r"(?:/[^\s'\"/:]+){2,}/?|[A-Za-z]:\\[^\s'\"]+")
_LONGEST = 800


def explain(error: Exception) -> tuple[bool, str]:
    """Whether the process is still sound, and what went wrong."""
    text = str(error)
    if isinstance(error, MemoryError) or "bad_alloc" in text:
        return False, _MEMORY
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return False, "DuckDB failed at this query. Write it in another way."
    if isinstance(error, duckdb.OutOfMemoryException) or "failed to alloc" in text:
        return True, _MEMORY
    if isinstance(error, duckdb.PermissionException | duckdb.IOException | duckdb.HTTPException) or (
        "extension" in text.lower() or "file system operations" in text.lower()
    ):
        return True, _REACHED_OUT
    if isinstance(error, duckdb.TransactionException) and "read-only" in text:
        return True, "The data can be read and not changed."
    shown = text.partition("\n\nLINE ")[0]  # the place in the statement that we made of theirs
    return True, _PATH.sub("...", shown)[:_LONGEST]
