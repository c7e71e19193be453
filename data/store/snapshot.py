"""The whole state database as one SQLite file of one moment, and the way back: in one transaction, or not at all.

The file is the same whichever database it came from, so that a backup of SQLite can be restored to PostgreSQL, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, Engine, MetaData, Table, event, func, insert, select, text, update

from data.store.database import Database, one_moment
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.failures import file_trouble, translated
from data.store.inspection import SchemaState, describe_drift, schema_state
from data.store.lease import OwnerId
from data.store.store import unpriced
from data.store.tables import blobs, conversations, deployment, metadata, secrets, users
from data.values.audit import AuditEvent
from data.values.calls import KeyOwner
from data.values.errors import DatabaseDamaged, DatabaseInUse, StoreError

_OF_PROCESSES = frozenset({"leases", "sessions"})
"""Not kept: leases are those of processes that are gone by then, and a session that was ended must not come back."""

_CHUNK = 2000
_FILES_AT_ONCE = 8  # each may have 20 MB
_PATIENCE = 1.0
"""Seconds for those who are just leaving. Whoever still is there then runs, and is not to be waited for."""


def write_snapshot(database: Database, path: Path) -> dict[str, int]:
    """Copy everything as it is at this moment into a new file at `path`; returns the rows of each table.

    Others go on reading and writing meanwhile.

    Raises:
        StoreError: the database can't be read, or the file not written.
    """
    from data.store import migrate

    with file_trouble():
        create_file(path)
    target = make_engine(f"sqlite:///{path}")
    try:
        with translated(), one_moment(database.engine) as source, target.begin() as into:
            migrate.upgrade(into)
            return _copy(source, into)
    finally:
        target.dispose()


def contents(url: str) -> dict[str, int] | None:
    """How much of what people care for the database at `url` holds; None where there is none.

    Raises:
        StoreError: it can't be read, or is none of this release's.
    """
    state = schema_state(url)
    if state is SchemaState.ABSENT:
        return None
    if state is SchemaState.OLDER:
        raise StoreError(
            "There is a database of an older release already.",
            "Restore into a new one, or add --force: then all of it is replaced. To look into it first, start Gearbox.",
        )
    if state is SchemaState.REFUSED:
        raise StoreError(
            f"There is a database already that Gearbox would not start on: {' '.join(describe_drift(url))}",
            "Restore into a new one, or add --force: then all of it is replaced. Keep a copy of it first.",
        )
    counted = {
        "provider keys": select(func.count()).where(secrets.c.owner_kind != KeyOwner.SYSTEM.value),
        "conversations": select(func.count()).select_from(conversations),
        "people": select(func.count()).select_from(users),
    }
    engine = make_engine(url)
    try:
        with translated(), engine.begin() as connection:
            return {name: connection.execute(query).scalar_one() for name, query in counted.items()}
    finally:
        engine.dispose()


def replace_database(
    url: str,
    snapshot: Path,
    deployment_id: str,
    clock: Callable[[], datetime],
    restored: Callable[[Mapping[str, int]], AuditEvent],
) -> None:
    """Put a snapshot in the place of whatever is in the database at `url`, and the event that tells of it.

    Args:
        url: the database; a SQLite file is created where there is none.
        snapshot: what `write_snapshot` wrote, of this release's schema.
        deployment_id: of the snapshot.
        clock: returns aware instants.
        restored: the event, given the rows of each table.

    Raises:
        DatabaseInUse: a Gearbox runs on it; nothing was changed.
        DatabaseDamaged: what lies there is no database; nothing was changed.
        StoreError: it can't be written; nothing was changed.
    """
    from data.store import migrate

    path = sqlite_path(url)
    with _in_a_restores_words(path):
        if path is not None:
            with file_trouble():
                create_file(path)
        engine, source = make_engine(url, patience=_PATIENCE), make_engine(f"sqlite:///{snapshot}")
        _keep_others_out(engine)
        database = Database(engine, OwnerId.current(), clock, unpriced, deployment_id)

        def work(connection: Connection) -> None:
            _clear(connection)
            migrate.upgrade(connection)
            with source.begin() as kept:
                rows = _copy(kept, connection)
            # It was that of another catalogue; the next start compares in full and writes a new one.
            connection.execute(update(deployment).values(schema_fingerprint=None))
            database.audit(restored(rows))

        try:
            with translated():
                database.write(work)
        finally:
            database.close()
            source.dispose()


@contextmanager
def _in_a_restores_words(path: Path | None) -> Iterator[None]:
    """What is wrong with the database has another remedy than a backup where one is just being restored."""
    try:
        yield
    except DatabaseInUse:
        raise DatabaseInUse(
            "A Gearbox, or another program, has the database open.",
            "Stop every Gearbox on it and close other programs, then restore again. Nothing was changed.",
        ) from None
    except DatabaseDamaged:
        raise DatabaseDamaged(
            "What lies there is damaged, or is no database, so a restore can't take its place.",
            f"Move {path or 'it'} away, with -wal and -shm beside it, then restore again.",
        ) from None


def _keep_others_out(engine: Engine) -> None:
    """See to it that no other process has the database open.

    Raises:
        StoreError: one has.
    """
    if engine.dialect.name == "sqlite":
        # Fails while another connection is open anywhere, and holds all others off from the first read on.
        event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA locking_mode=EXCLUSIVE"))
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'gearbox' AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + _PATIENCE
    with translated(), engine.begin() as connection:
        while connection.execute(others).scalar_one():
            if time.monotonic() > until:
                raise StoreError("Gearbox still runs on this database.", "Stop every replica, then restore.")
            time.sleep(0.1)
            connection.execute(text("SELECT pg_stat_clear_snapshot()"))


def _clear(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS gearbox_append_only() CASCADE"))


def _copy(source: Connection, into: Connection) -> dict[str, int]:
    rows = {}
    for known in metadata.sorted_tables:
        if known.name in _OF_PROCESSES:
            continue
        table = _as_it_is(known)
        rows[table.name] = 0
        query = select(table).order_by(*table.primary_key.columns)
        at_once = _FILES_AT_ONCE if known is blobs else _CHUNK
        for chunk in source.execution_options(yield_per=at_once).execute(query).mappings().partitions():
            into.execute(insert(table), [dict(row) for row in chunk])
            rows[table.name] += len(chunk)
        _continue_ids(into, table)
    return rows


def _as_it_is(table: Table) -> Table:
    """The table, with NULLs in its JSON columns copied as NULL and not as JSON's null."""
    copy = table.to_metadata(MetaData())
    for column in copy.columns:
        if isinstance(column.type, JSON) and column.nullable:
            column.type = JSON(none_as_null=True)
    return copy


def _continue_ids(into: Connection, table: Table) -> None:
    column: Column[Any] | None = table.autoincrement_column
    if into.dialect.name == "postgresql" and column is not None:
        highest = select(func.max(column)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        into.execute(select(func.setval(sequence, highest)).where(highest.is_not(None)))
