"""Engines: how Gearbox talks to SQLite and to PostgreSQL, the same way on both.

One writer at a time on both databases: SQLite's BEGIN IMMEDIATE has its equal in a PostgreSQL advisory lock that
every write transaction takes first. Check-then-write needs no further locks, writers can't deadlock, and outbox ids
become visible in their order.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from data.store.server_identity import require_verified_server
from data.values.errors import StoreError

BUSY_SECONDS = 5.0
"""The usual patience with locks, and with a server that does not answer."""

_WRITE_LOCK = 0x6765617262  # "gearb"; any constant will do, it only has to be ours
_WAL_ATTEMPTS = 50


def make_engine(url: str, *, patience: float = BUSY_SECONDS, looks_only: bool = False) -> Engine:
    """An engine for a `sqlite:///file` or `postgresql+psycopg://` URL; connects to nothing yet.

    Args:
        url: see above.
        patience: in seconds: how long a connection waits for another process's lock before it gives up.
        looks_only: nothing will be written; what a crash left in SQLite's log then stays there.

    Raises:
        StoreError: a URL that Gearbox can't use, or a server elsewhere that need not prove who it is. The URL is never
            repeated: it may hold a password.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, patience, looks_only=looks_only)
    return _postgresql(parsed, patience)


def for_writing(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions take the write lock as they begin."""
    return engine.execution_options(gearbox_write=True)


def sqlite_path(url: str) -> Path | None:
    """The database file of a SQLite URL, else None."""
    parsed = _parsed(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def create_file(path: Path) -> None:
    """Create an empty SQLite database that only its owner can read, in WAL mode.

    The folder is made 0700 if it is missing; SQLite gives its -wal and -shm files the mode of the database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _switch_to_wal(connection)
    finally:
        connection.close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Trap: the switch needs the file for itself and does not wait for the busy timeout, so that of two processes
    # starting at once one fails at once. WAL stays on in the file: usually there is nothing to do.
    for attempt in range(_WAL_ATTEMPTS):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == _WAL_ATTEMPTS - 1:
                raise
            time.sleep(0.1)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("GEARBOX_DATABASE_URL is not a database URL.", _URL_REMEDY) from None
    name = parsed.get_backend_name()
    if name == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    if name in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError("GEARBOX_DATABASE_URL names a database that Gearbox can't use.", _URL_REMEDY)


_URL_REMEDY = "Use postgresql+psycopg://user:password@host/name or sqlite:///path/to/file.db."


def _sqlite(url: URL, patience: float, *, looks_only: bool) -> Engine:
    path = Path(str(url.database))
    if looks_only and _has_log(path):
        url = url.set(database=f"file:{quote(str(path.absolute()))}").update_query_dict({"mode": "ro", "uri": "true"})
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        # Trap: by itself the driver begins transactions late, and not before SAVEPOINT. We begin them ourselves.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")

    return engine


def _has_log(path: Path) -> bool:
    # Trap: the last connection that can write moves the log into the file as it closes. One that can't, leaves an
    # empty log behind where there was none. So which of the two leaves everything as it was hangs on the log.
    with contextlib.suppress(OSError):
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    return False


def _postgresql(url: URL, patience: float) -> Engine:
    # A replica that freezes inside a transaction must not hold the write lock for ever.
    options = f"-c lock_timeout={int(patience * 1000)} -c idle_in_transaction_session_timeout=30000"
    _, parameters = url.get_dialect()().create_connect_args(url)
    require_verified_server(parameters)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"connect_timeout": int(BUSY_SECONDS), "options": options, "application_name": "gearbox"},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")

    return engine


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("gearbox_write"))
