"""Database errors that a person could do something about, in words and with the remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from data.values.errors import DatabaseDamaged, DatabaseInUse, StoreError

_IN_USE = "The database is locked by another program."
_DAMAGED = "The database file is damaged, or is not a database."
_KINDS = {_IN_USE: DatabaseInUse, _DAMAGED: DatabaseDamaged}
# What the drivers say (lower case) -> what happened, what to do. SQLite speaks in messages, and libpq reports
# failures to connect the same way; only errors of a connected server carry an SQLSTATE.
_WORDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("database is locked", "database table is locked", "lock timeout"),
        _IN_USE,
        "Close other programs that have it open (a backup, a database browser), then try again.",
    ),
    (
        ("disk is full", "no space left", "disk i/o error"),
        "The database could not be written: its disk is full or failing.",
        "Free some space on the disk that holds it, then try again.",
    ),
    (
        ("unable to open database", "readonly database", "attempt to write a readonly"),
        "The database file can't be opened for writing.",
        "Check that its folder exists and belongs to the user who runs Gearbox.",
    ),
    (
        ("not a database", "malformed"),
        _DAMAGED,
        "Restore it from a backup, or point GEARBOX_DATABASE_URL at the right one.",
    ),
    (
        ("password authentication failed", "no password supplied", "no pg_hba.conf entry"),
        "PostgreSQL refused the user or password in GEARBOX_DATABASE_URL.",
        "Correct the URL, or the server's access rules.",
    ),
    (
        ("too many clients", "remaining connection slots"),
        "PostgreSQL has no connection left.",
        "Raise its max_connections, or run fewer replicas.",
    ),
    (
        ("does not exist",),
        "The database named in GEARBOX_DATABASE_URL does not exist.",
        "Create it, then start again.",
    ),
    (
        ("connection refused", "could not connect", "connection failed", "could not translate host", "timeout expired"),
        "The database server can't be reached.",
        "Check that PostgreSQL is running and that GEARBOX_DATABASE_URL names the right host and port.",
    ),
    (
        ("server closed the connection", "terminating connection", "connection is closed", "connection is lost"),
        "The connection to the database server was lost.",
        "Try again; if it happens again, look at the server's log.",
    ),
)


def in_words(error: SQLAlchemyError) -> StoreError | None:
    """The error for a person, or None when it is a mistake of ours that nobody could act on."""
    if isinstance(error, PoolTimeout):
        return StoreError("The database is too busy.", "Try again in a moment.")
    if not isinstance(error, DBAPIError):
        return None
    said = str(error.orig).lower()
    if getattr(error.orig, "sqlstate", None) is not None and "does not exist" in said:
        return None  # a missing table or column of a connected server is no missing database
    if (words := _said(said)) is not None:
        return words
    if error.connection_invalidated:
        return StoreError("The connection to the database was lost.", "Try again.")
    return None


def _said(said: str) -> StoreError | None:
    for words, message, remedy in _WORDS:
        if any(word in said for word in words):
            return _KINDS.get(message, StoreError)(message, remedy)
    return None


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether the same transaction may well succeed a moment later: it was rolled back as a whole."""
    if not isinstance(error, DBAPIError):
        return False
    said = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or "is locked" in said or state in {"40P01", "40001", "55P03"}


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreError for what a person can act on; anything else passes through.

    Raises:
        StoreError: the database is locked, full, missing, damaged or out of reach.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if (words := in_words(error)) is not None:
            raise words from error
        raise


@contextmanager
def file_trouble() -> Iterator[None]:
    """The same for creating a SQLite file, where there is no SQLAlchemy in between.

    Raises:
        StoreError: the file or its folder can't be made.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"The database file can't be created: {error.strerror}.",
            "Check the folder that GEARBOX_HOME or GEARBOX_DATABASE_URL names.",
        ) from error
    except sqlite3.Error as error:
        raise _said(str(error).lower()) or StoreError(f"SQLite can't use the database file: {error}.") from error
