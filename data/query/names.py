"""Names that SQL can be written with: of tables from file names, of columns from a sheet's first row."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_LONGEST = 60


def table_name(file_name: str, taken: Iterable[str], reserved: frozenset[str]) -> str:
    """A name that needs no quotes, unlike those in `taken` and no word of SQL. `taken` and `reserved` in lower case."""
    stem = PurePosixPath(file_name.replace("\\", "/")).stem
    plain = unicodedata.normalize("NFKC", stem).lower()
    kept = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in plain)
    name = "_".join(kept.split()).strip("_")[:_LONGEST].strip("_") or "data"
    if name[0].isnumeric() or name in reserved or name.startswith(("duckdb_", "pragma_", "sqlite_", "pg_")):
        name = f"t_{name}"
    return _apart(name, frozenset(taken))


def column_names(found: Iterable[str]) -> list[str]:
    """As they stand, but each with a name and no two alike; SQL tells no upper case from lower."""
    names: list[str] = []
    taken: set[str] = set()
    for at, each in enumerate(found, 1):
        name = _apart(" ".join(each.split())[:_LONGEST] or f"column_{at}", taken)
        names.append(name)
        taken.add(name.lower())
    return names


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _apart(name: str, taken: frozenset[str] | set[str]) -> str:
    chosen, at = name, 2
    while chosen.lower() in taken:
        chosen, at = f"{name}_{at}", at + 1
    return chosen
