"""Looking at a database without changing it: for the doctor, and before a start that may be refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from sqlalchemy import Connection, inspect

from data.store.engine import make_engine, sqlite_path
from data.store.failures import translated
from data.store.schema import HEAD


class SchemaState(StrEnum):
    """What the next start will find."""

    ABSENT = "absent"  # nothing there yet; it will be made
    OLDER = "older"  # an earlier release's; it will be upgraded
    CURRENT = "current"
    REFUSED = "refused"  # newer, drifted or somebody else's; `describe_drift` says why


def describe_drift(url: str) -> list[str]:
    """What is wrong with the schema of the database at `url`, one sentence each; empty when nothing is.

    A database that does not exist yet, or is merely older, has nothing wrong with it: the next start upgrades it.

    Raises:
        StoreError: the database can't be read.
    """
    with _reading(url) as connection:
        return [] if connection is None else _faults(connection)


def is_empty(url: str) -> bool:
    """Whether there is no database at `url`, or one without a table.

    Raises:
        StoreError: the database can't be read.
    """
    with _reading(url) as connection:
        return connection is None or not inspect(connection).get_table_names()


def schema_state(url: str) -> SchemaState:
    """Where the database at `url` stands; compares revision and schema in full.

    Raises:
        StoreError: the database can't be read.
    """
    from data.store import migrate

    with _reading(url) as connection:
        if connection is None:
            return SchemaState.ABSENT
        if _faults(connection):
            return SchemaState.REFUSED
        live = migrate.live_revisions(connection)
        if not live:
            return SchemaState.ABSENT
        return SchemaState.CURRENT if HEAD in live else SchemaState.OLDER


def _faults(connection: Connection) -> list[str]:
    from data.store import migrate

    if unknown := migrate.unknown_revisions(connection):
        return [f"It was migrated to revision {', '.join(unknown)} by a newer release."]
    if tables := migrate.unversioned_tables(connection):
        return [f"It holds tables named like Gearbox's, but no revision: {', '.join(tables)}."]
    return migrate.differences(connection) if HEAD in migrate.live_revisions(connection) else []


@contextmanager
def _reading(url: str) -> Iterator[Connection | None]:
    """A connection for reading, or None for a SQLite file that does not exist: connecting would make it."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        yield None
        return
    engine = make_engine(url, looks_only=True)
    try:
        with translated(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
