"""SQL that nobody reviewed, over files that somebody attached, in a process that can do nothing else.

`Queries` is the way in. What runs in the child process (`child` and what it imports) knows nothing of the app.
"""

from __future__ import annotations

from data.query.desks import Desks
from data.query.looking import first_rows
from data.query.queries import Queries
from data.query.values import DataFile, Feed, Limits, QueryError, Rows, Table, Tables, kind_of

__all__ = [
    "DataFile",
    "Desks",
    "Feed",
    "Limits",
    "Queries",
    "QueryError",
    "Rows",
    "Table",
    "Tables",
    "first_rows",
    "kind_of",
]
